//===- MinimizeCorpusCommand.cpp - tenon-fuzz minimize-corpus -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CaseFeatures.h"
#include "Commands.h"
#include "JudgeStreams.h"

#include "tenon/Fuzz/CoverCorpus.h"
#include "tenon/Fuzz/Supervisor.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

using namespace tenon;
using namespace tenon::fuzz;
namespace cl = llvm::cl;

static constexpr llvm::StringLiteral kOverview =
    "Puts the fewest cases that keep all features of this build in the place of a campaign's "
    "corpus,\n"
    "which becomes corpus.before. Cases of another version are carried over where that is "
    "possible:\n"
    "as printed genomes without change, else as bytes, which mean another program.\n\n"
    "Exit status: 0; 2 after an error.\n";

/// Of a genome's file (the magic number, version and size, the checksum): Encode.cpp.
static constexpr size_t kGenomeHeader = 12, kGenomeChecksum = 8;

/// Printed genomes, and what another version wrote.
static std::optional<std::string> carryOver(std::string_view bytes) {
  Genome genome;
  std::string error;
  if (!parseGenome(bytes, genome, error)) {
    if (bytes.substr(0, 4) != "TNFZ" || bytes.size() <= kGenomeHeader + kGenomeChecksum)
      return std::nullopt;
    // A file of this version that does not read is damaged.
    uint32_t version = 0;
    std::memcpy(&version, bytes.data() + 4, sizeof(version));
    if (version == kGenomeVersion)
      return std::nullopt;
    std::string_view record =
        bytes.substr(kGenomeHeader, bytes.size() - kGenomeHeader - kGenomeChecksum);
    genome = decodeBytes({reinterpret_cast<const uint8_t *>(record.data()), record.size()});
  }
  std::vector<uint8_t> written = writeGenome(genome);
  return std::string(written.begin(), written.end());
}

int tenon::fuzz::minimizeCorpusMain(int argc, char **argv) {
  cl::OptionCategory category("tenon-fuzz minimize-corpus options");
  cl::opt<std::string> directory(cl::Positional, cl::desc("<directory>"), cl::Required,
                                 cl::cat(category));
  cl::HideUnrelatedOptions(category);
  if (!readCommandLine(argc, argv, kOverview))
    return kError;
  llvm::Expected<CampaignOptions> options = readCampaignOptions(directory);
  if (!options)
    return fail(options.takeError());
  options->feedback = (options->feedback | options->observe) & availableFeedback();
  if (!options->feedback)
    return fail(llvm::createStringError("the campaign has no feedback that this build has: nothing "
                                        "tells its cases apart"));
  llvm::Expected<CaseFeatures> features = CaseFeatures::create(*options);
  if (!features)
    return fail(features.takeError());
  bool isText = !options->text.empty();
  llvm::Expected<MinimizedCorpus> summary = minimizeCorpus(
      directory, formatOf(*options), [&](std::string_view bytes) { return features->read(bytes); },
      [&](std::string_view bytes) { return isText ? std::nullopt : carryOver(bytes); });
  if (!summary)
    return fail(summary.takeError());
  for (const std::string &line : summary->skipped)
    llvm::errs() << "tenon-fuzz: skipped: " << line << '\n';
  llvm::outs() << summary->filesBefore << " cases (" << summary->bytesBefore << " bytes) became "
               << summary->filesAfter << " (" << summary->bytesAfter << " bytes), "
               << summary->carried << " of them of another version; " << summary->skipped.size()
               << " were skipped. Features:";
  for (unsigned source = 0; source < kNumFeedbacks; ++source)
    llvm::outs() << ' ' << summary->features[source] << ' ' << kFeedbackNames[source].data()
                 << (source + 1 < kNumFeedbacks ? "," : "");
  llvm::outs() << '\n';
  return kNoFindings;
}
