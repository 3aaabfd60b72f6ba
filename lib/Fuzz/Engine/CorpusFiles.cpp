//===- CorpusFiles.cpp - The corpus on disk -------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/CorpusFiles.h"

#include "Journal.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <algorithm>
#include <unordered_set>

using namespace tenon::fuzz;
using llvm::StringRef;
namespace fs = llvm::sys::fs;

std::string tenon::fuzz::corpusPath(StringRef directory, uint64_t hash, StringRef extension) {
  std::string name = llvm::utohexstr(hash, /*LowerCase=*/true, /*Width=*/16);
  return (directory + "/corpus/" + StringRef(name).take_front(2) + "/" + name + extension).str();
}

/// 1,4-9
static std::string printRanges(std::vector<uint32_t> numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  std::string text;
  for (size_t i = 0; i < numbers.size();) {
    size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1)
      ++last;
    text += (text.empty() ? "" : ",") + std::to_string(numbers[i]);
    if (last > i)
      text += "-" + std::to_string(numbers[last]);
    i = last + 1;
  }
  return text;
}

static bool parseRanges(StringRef text, std::vector<uint32_t> &numbers) {
  // A damaged range must not fill the memory.
  constexpr size_t most = 1 << 24;
  llvm::SmallVector<StringRef> words;
  text.split(words, ',', -1, /*KeepEmpty=*/false);
  for (StringRef word : words) {
    auto [first, last] = word.split('-');
    uint32_t begin, end;
    if (first.getAsInteger(10, begin))
      return false;
    end = begin;
    if (!last.empty() && (last.getAsInteger(10, end) || end < begin))
      return false;
    if (end - begin >= most - numbers.size())
      return false;
    for (uint64_t number = begin; number <= end; ++number)
      numbers.push_back(uint32_t(number));
  }
  return true;
}

std::string tenon::fuzz::printIndexLine(const CorpusEntry &entry) {
  std::string line =
      llvm::formatv("{0} {1} {2:f1} {3}", llvm::utohexstr(entry.encoded.hash, true, 16),
                    entry.encoded.bytes.size(), entry.seconds, entry.worker);
  for (unsigned kind = 0; kind < kNumFeedbacks; ++kind)
    if (!entry.features[kind].empty())
      line += " " + std::string(kFeedbackNames[kind]) + ":" + printRanges(entry.features[kind]);
  return line;
}

bool tenon::fuzz::parseIndexLine(StringRef line, CorpusEntry &entry, uint64_t &bytes) {
  llvm::SmallVector<StringRef> words;
  line.split(words, ' ', -1, /*KeepEmpty=*/false);
  if (words.size() < 4 || words[0].size() != 16 || words[0].getAsInteger(16, entry.encoded.hash) ||
      words[1].getAsInteger(10, bytes) || words[2].getAsDouble(entry.seconds) ||
      words[3].getAsInteger(10, entry.worker))
    return false;
  for (StringRef word : llvm::ArrayRef(words).drop_front(4)) {
    auto [name, numbers] = word.split(':');
    unsigned kind = 0;
    while (kind < kNumFeedbacks && name != StringRef(kFeedbackNames[kind]))
      ++kind;
    if (kind == kNumFeedbacks || !parseRanges(numbers, entry.features[kind]))
      return false;
  }
  return true;
}

/// Hashes of the files under corpus/ whose names say what they are, in order.
static std::vector<uint64_t> listFiles(StringRef directory, StringRef extension,
                                       std::vector<std::string> &problems) {
  std::vector<uint64_t> hashes;
  std::error_code code;
  std::string root = (directory + "/corpus").str();
  for (fs::directory_iterator folder(root, code), end; folder != end && !code;
       folder.increment(code)) {
    if (llvm::sys::path::filename(folder->path()) == "index")
      continue;
    std::error_code inner;
    for (fs::directory_iterator file(folder->path(), inner); file != end && !inner;
         file.increment(inner)) {
      StringRef path = file->path();
      if (llvm::sys::path::extension(path) != extension)
        continue;
      uint64_t hash;
      StringRef stem = llvm::sys::path::stem(path);
      if (stem.size() == 16 && !stem.getAsInteger(16, hash) &&
          path == corpusPath(directory, hash, extension))
        hashes.push_back(hash);
      else
        problems.push_back("'" + path.str() + "': not the name of a case");
    }
    if (inner && inner != std::errc::not_a_directory)
      problems.push_back("cannot read '" + folder->path() + "': " + inner.message());
  }
  if (code && code != std::errc::no_such_file_or_directory)
    problems.push_back("cannot read '" + root + "': " + code.message());
  std::sort(hashes.begin(), hashes.end());
  return hashes;
}

/// The case of a file; what is wrong with it otherwise.
static std::string readCase(const std::string &path, const CaseFormat &format, uint64_t hash,
                            EncodedCase &encoded) {
  uint64_t size;
  if (std::error_code code = fs::file_size(path, size))
    return code.message();
  if (size > kMaxCaseBytes)
    return "more than " + std::to_string(kMaxCaseBytes) + " bytes";
  auto buffer =
      llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false,
                                  /*IsVolatile=*/true);
  if (!buffer)
    return buffer.getError().message();
  encoded.bytes = (*buffer)->getBuffer().str();
  std::string error;
  if (!format.check(encoded.bytes, encoded.hash, error))
    return error;
  return encoded.hash == hash ? "" : "its case has another hash than its name says";
}

std::vector<CorpusEntry> tenon::fuzz::readCorpus(StringRef directory, const CaseFormat &format,
                                                 uint64_t maxCases, uint64_t maxBytes,
                                                 std::vector<std::string> &problems) {
  std::vector<uint64_t> files = listFiles(directory, format.extension, problems);
  std::vector<CorpusEntry> candidates, entries;
  std::unordered_set<uint64_t> known;
  std::string index = (directory + "/corpus/index").str();
  if (auto buffer = llvm::MemoryBuffer::getFile(index)) {
    llvm::SmallVector<StringRef> lines;
    (*buffer)->getBuffer().split(lines, '\n', -1, /*KeepEmpty=*/false);
    for (auto [number, line] : llvm::enumerate(lines)) {
      CorpusEntry entry;
      uint64_t bytes;
      if (!parseIndexLine(line, entry, bytes)) {
        problems.push_back("'" + index + "', line " + std::to_string(number + 1) +
                           ": not a line of an index");
      } else if (known.insert(entry.encoded.hash).second) {
        entry.isIndexed = true;
        candidates.push_back(std::move(entry));
      }
    }
  } else if (buffer.getError() != std::errc::no_such_file_or_directory) {
    problems.push_back("cannot read '" + index + "': " + buffer.getError().message());
  }
  for (uint64_t hash : files)
    if (known.insert(hash).second) {
      candidates.emplace_back();
      candidates.back().encoded.hash = hash;
    }
  uint64_t bytes = 0;
  for (CorpusEntry &entry : candidates) {
    uint64_t hash = entry.encoded.hash;
    std::string path = corpusPath(directory, hash, format.extension);
    if (std::string problem = readCase(path, format, hash, entry.encoded); !problem.empty()) {
      problems.push_back("'" + path + "': " + problem);
      continue;
    }
    if (entries.size() == maxCases || bytes + entry.encoded.bytes.size() > maxBytes) {
      problems.push_back("'" + path + "': past the bound of the corpus");
      continue;
    }
    bytes += entry.encoded.bytes.size();
    entries.push_back(std::move(entry));
  }
  return entries;
}
