//===- CoverageCommand.cpp - tenon-fuzz coverage --------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CaseFeatures.h"
#include "Commands.h"
#include "JudgeStreams.h"

#include "tenon/Fuzz/CorpusFiles.h"
#include "tenon/Fuzz/TextCase.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace tenon;
using namespace tenon::fuzz;
namespace cl = llvm::cl;
namespace fs = llvm::sys::fs;

/// Cases that share a child.
static constexpr size_t kBatch = 50;

static constexpr llvm::StringLiteral kOverview =
    "Runs all cases of a corpus once more, each in a process of its own and past the verifier "
    "alone,\n"
    "and prints as JSON how many features this build sees: a common measure for campaigns with\n"
    "different feedback. 'valuable' counts the cases, in the order in which they were found, that\n"
    "reach a block of MLIR that none before them does.\n\n"
    "Exit status: 0; 2 after an error.\n";

/// The .mlir files of a folder as cases of the passes, in the order of their times, which is that
/// of discovery.
static std::vector<std::string> readTexts(llvm::StringRef folder,
                                          const std::vector<PassStep> &passes) {
  std::vector<std::pair<int64_t, std::string>> files;
  std::error_code code;
  for (fs::recursive_directory_iterator entry(folder, code), end; entry != end && !code;
       entry.increment(code))
    if (auto status = entry->status();
        status && llvm::sys::path::extension(entry->path()) == ".mlir")
      files.emplace_back(status->getLastModificationTime().time_since_epoch().count(),
                         entry->path());
  llvm::sort(files);
  std::vector<std::string> texts;
  for (const auto &[time, file] : files) {
    auto buffer = llvm::MemoryBuffer::getFile(file, /*IsText=*/false,
                                              /*RequiresNullTerminator=*/false);
    if (!buffer)
      continue;
    TextCase text;
    text.module = (*buffer)->getBuffer().str();
    text.passes = passes;
    texts.push_back(writeTextCase(text));
  }
  return texts;
}

int tenon::fuzz::coverageMain(int argc, char **argv) {
  cl::OptionCategory category("tenon-fuzz coverage options");
  cl::opt<std::string> directory(cl::Positional, cl::desc("<directory>"), cl::Required,
                                 cl::cat(category));
  cl::opt<std::string> passes(
      "passes", cl::desc("Of .mlir files in a folder that is no campaign's: names, with commas"),
      cl::value_desc("list"), cl::cat(category));
  cl::HideUnrelatedOptions(category);
  if (!readCommandLine(argc, argv, kOverview))
    return kError;
  CampaignOptions options;
  std::vector<std::string> cases, problems;
  if (fs::exists(directory + "/campaign.json")) {
    llvm::Expected<CampaignOptions> made = readCampaignOptions(directory);
    if (!made)
      return fail(made.takeError());
    options = std::move(*made);
    for (CorpusEntry &entry :
         readCorpus(directory, formatOf(options), UINT64_MAX, UINT64_MAX, problems))
      cases.push_back(std::move(entry.encoded.bytes));
  } else {
    std::vector<PassStep> steps;
    llvm::SmallVector<llvm::StringRef> names;
    llvm::StringRef(passes).split(names, ',', -1, /*KeepEmpty=*/false);
    for (llvm::StringRef name : names)
      steps.push_back({name.str(), ""});
    std::string folder = directory + "/corpus";
    if (!fs::is_directory(folder))
      return fail(llvm::createStringError("'" + directory + "' has no folder corpus"));
    options.text = folder;
    cases = readTexts(folder, steps);
  }
  options.feedback = availableFeedback();
  options.oracles = oracleBit(Oracle::Verifier);
  options.nativeShare = 0;
  llvm::Expected<CaseFeatures> reader = CaseFeatures::create(options);
  if (!reader)
    return fail(reader.takeError());

  std::array<llvm::DenseSet<uint32_t>, kNumFeedbacks> seen;
  size_t valuable = 0, skipped = problems.size();
  auto count = [&](const Features &features) {
    size_t blocks = seen[unsigned(FeedbackKind::Blocks)].size();
    for (unsigned source = 0; source < kNumFeedbacks; ++source)
      seen[source].insert(features[source].begin(), features[source].end());
    valuable += seen[unsigned(FeedbackKind::Blocks)].size() > blocks;
  };
  for (llvm::ArrayRef<std::string> left = cases; !left.empty();) {
    llvm::ArrayRef<std::string> batch = left.take_front(kBatch);
    left = left.drop_front(batch.size());
    if (auto all = reader->readInOrder(batch)) {
      llvm::for_each(*all, count);
      continue;
    } else {
      llvm::consumeError(all.takeError());
    }
    // One of them does not run: each for itself.
    for (const std::string &bytes : batch) {
      if (auto features = reader->read(bytes)) {
        count(*features);
      } else {
        llvm::consumeError(features.takeError());
        ++skipped;
      }
    }
  }
  llvm::json::Object counts{{"cases", static_cast<int64_t>(cases.size())},
                            {"skipped", static_cast<int64_t>(skipped)},
                            {"valuable", static_cast<int64_t>(valuable)}};
  for (unsigned source = 0; source < kNumFeedbacks; ++source)
    counts[llvm::StringRef(kFeedbackNames[source])] = static_cast<int64_t>(seen[source].size());
  llvm::outs() << llvm::formatv("{0}", llvm::json::Value(std::move(counts))) << '\n';
  return kNoFindings;
}
