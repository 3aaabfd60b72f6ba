//===- CoverCorpus.cpp - The smallest corpus with all features ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/CoverCorpus.h"

#include "tenon/Fuzz/CampaignLock.h"
#include "tenon/Fuzz/CorpusFiles.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <algorithm>
#include <queue>
#include <tuple>

using namespace tenon::fuzz;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

/// Features of all sources as numbers.
static std::vector<uint64_t> flatten(const Features &features) {
  std::vector<uint64_t> flat;
  for (auto [source, numbers] : llvm::enumerate(features))
    for (uint32_t number : numbers)
      flat.push_back(uint64_t{source} << 32 | number);
  llvm::sort(flat);
  flat.erase(std::unique(flat.begin(), flat.end()), flat.end());
  return flat;
}

std::vector<size_t> tenon::fuzz::coverFeatures(llvm::ArrayRef<CoveringCase> cases) {
  std::vector<std::vector<uint64_t>> sets;
  for (const CoveringCase &each : cases)
    sets.push_back(flatten(each.features));
  // How many of the chosen have a feature.
  llvm::DenseMap<uint64_t, size_t> covered;
  auto gainOf = [&](size_t number) {
    return static_cast<size_t>(
        llvm::count_if(sets[number], [&](uint64_t feature) { return !covered.contains(feature); }));
  };
  // Gains only become smaller: one that is the largest when it is counted anew is the largest.
  using Entry = std::tuple<size_t, uint64_t, size_t>; // gain, -bytes, -number
  std::priority_queue<Entry> queue;
  auto push = [&](size_t number, size_t gain) {
    if (gain > 0)
      queue.emplace(gain, ~cases[number].bytes, ~number);
  };
  for (size_t number = 0; number < sets.size(); ++number)
    push(number, sets[number].size());
  std::vector<size_t> chosen;
  while (!queue.empty()) {
    auto [gain, bytes, inverse] = queue.top();
    queue.pop();
    size_t number = ~inverse, now = gainOf(number);
    if (now < gain) {
      push(number, now);
      continue;
    }
    chosen.push_back(number);
    for (uint64_t feature : sets[number])
      ++covered[feature];
  }
  // What was chosen early for features that others brought, too.
  std::vector<size_t> kept;
  for (size_t number : chosen) {
    bool isNeeded =
        llvm::any_of(sets[number], [&](uint64_t feature) { return covered[feature] == 1; });
    if (isNeeded)
      kept.push_back(number);
    else
      for (uint64_t feature : sets[number])
        --covered[feature];
  }
  return kept;
}

static std::string join(llvm::StringRef directory, llvm::StringRef name) {
  llvm::SmallString<128> joined(directory);
  path::append(joined, name);
  return joined.str().str();
}

/// Files below the corpus by name, but for the index.
static llvm::Expected<std::vector<std::string>> listFiles(const std::string &corpus) {
  std::vector<std::string> files;
  std::error_code code;
  for (fs::recursive_directory_iterator entry(corpus, code), end; entry != end && !code;
       entry.increment(code))
    if (entry->type() == fs::file_type::regular_file && path::filename(entry->path()) != "index")
      files.push_back(entry->path());
  if (code)
    return llvm::createStringError("cannot read '" + corpus + "': " + code.message());
  llvm::sort(files);
  return files;
}

namespace {
/// The cases that there are, and their features.
struct Collection {
  std::vector<CorpusFile> files;
  std::vector<CoveringCase> cases;
};
} // namespace

static llvm::Expected<CorpusFile> readCase(const std::string &file, const CaseFormat &format,
                                           const CarryOver &carryOver) {
  auto buffer = llvm::MemoryBuffer::getFile(file, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return llvm::createStringError("cannot read '" + file + "': " + buffer.getError().message());
  CorpusFile found{file, (*buffer)->getBuffer().str()};
  std::string error, again;
  if (format.check(found.bytes, found.hash, error))
    return found;
  std::optional<std::string> carried = carryOver(found.bytes);
  if (!carried || !format.check(*carried, found.hash, again))
    return llvm::createStringError("'" + file + "': " + error);
  found.bytes = std::move(*carried);
  found.isCarried = true;
  return found;
}

static Collection collect(llvm::ArrayRef<std::string> files, const CaseFormat &format,
                          const FeatureReader &readFeatures, const CarryOver &carryOver,
                          MinimizedCorpus &summary) {
  Collection collection;
  llvm::DenseMap<uint64_t, bool> known;
  for (const std::string &file : files) {
    ++summary.filesBefore;
    llvm::Expected<CorpusFile> found = readCase(file, format, carryOver);
    if (!found) {
      summary.skipped.push_back(llvm::toString(found.takeError()));
      continue;
    }
    summary.bytesBefore += found->bytes.size();
    if (!known.try_emplace(found->hash, true).second)
      continue;
    llvm::Expected<Features> features = readFeatures(found->bytes);
    if (!features) {
      summary.skipped.push_back("'" + file + "': " + llvm::toString(features.takeError()));
      continue;
    }
    collection.cases.push_back({std::move(*features), found->bytes.size()});
    collection.files.push_back(std::move(*found));
  }
  return collection;
}

static llvm::Error writeFile(const std::string &file, std::string_view bytes) {
  if (std::error_code code = fs::create_directories(path::parent_path(file)))
    return llvm::createStringError("cannot make the folder of '" + file + "': " + code.message());
  std::error_code code;
  llvm::raw_fd_ostream stream(file, code);
  if (!code) {
    stream << bytes;
    stream.close();
    code = stream.error();
    stream.clear_error();
  }
  return code ? llvm::createStringError("cannot write '" + file + "': " + code.message())
              : llvm::Error::success();
}

/// The chosen cases as a corpus in `directory`/corpus, with an index of what each is the first to
/// have.
static llvm::Error writeCorpus(const std::string &directory, const Collection &collection,
                               llvm::ArrayRef<size_t> chosen, const CaseFormat &format,
                               MinimizedCorpus &summary) {
  std::array<llvm::DenseMap<uint32_t, bool>, kNumFeedbacks> seen;
  std::string index;
  for (size_t number : chosen) {
    const CorpusFile &file = collection.files[number];
    CorpusEntry entry;
    entry.encoded = {file.bytes, file.hash};
    for (unsigned source = 0; source < kNumFeedbacks; ++source)
      for (uint32_t feature : collection.cases[number].features[source])
        if (seen[source].try_emplace(feature, true).second)
          entry.features[source].push_back(feature);
    index += printIndexLine(entry) + "\n";
    if (llvm::Error error =
            writeFile(corpusPath(directory, file.hash, format.extension), file.bytes))
      return error;
    ++summary.filesAfter;
    summary.bytesAfter += file.bytes.size();
    summary.carried += file.isCarried;
  }
  for (unsigned source = 0; source < kNumFeedbacks; ++source)
    summary.features[source] = seen[source].size();
  return writeFile(join(directory, "corpus/index"), index);
}

llvm::Expected<MinimizedCorpus> tenon::fuzz::minimizeCorpus(llvm::StringRef directory,
                                                            const CaseFormat &format,
                                                            const FeatureReader &readFeatures,
                                                            const CarryOver &carryOver) {
  std::string corpus = join(directory, "corpus"), before = join(directory, "corpus.before"),
              scratch = join(directory, "corpus.new");
  llvm::Expected<std::vector<std::string>> files = listFiles(corpus);
  if (!files)
    return files.takeError();
  llvm::Expected<CampaignLock> lock = CampaignLock::take(directory);
  if (!lock)
    return lock.takeError();
  MinimizedCorpus summary;
  Collection collection = collect(*files, format, readFeatures, carryOver, summary);
  if (collection.cases.empty())
    return llvm::createStringError("'" + corpus + "' has no case that can be run (" +
                                   llvm::Twine(summary.filesBefore) + " files); it stays as it is" +
                                   (summary.skipped.empty() ? "" : ". " + summary.skipped.front()));
  std::vector<size_t> chosen = coverFeatures(collection.cases);
  fs::remove_directories(scratch);
  if (llvm::Error error = writeCorpus(scratch, collection, chosen, format, summary)) {
    fs::remove_directories(scratch);
    return error;
  }
  fs::remove_directories(before);
  std::error_code code = fs::rename(corpus, before);
  if (!code)
    code = fs::rename(join(scratch, "corpus"), corpus);
  fs::remove_directories(scratch);
  if (code)
    return llvm::createStringError("cannot put the new corpus in the place of '" + corpus +
                                   "': " + code.message());
  return summary;
}
