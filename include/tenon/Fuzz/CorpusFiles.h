//===- CorpusFiles.h - The corpus on disk -------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/CaseStream.h"

#include "llvm/ADT/StringRef.h"

#include <string>
#include <vector>

namespace tenon::fuzz {

struct CorpusEntry {
  EncodedCase encoded;
  double seconds = 0; ///< since the campaign began
  unsigned worker = 0;
  /// That it was the first to show, in the build that the index is of.
  Features features;
  bool isIndexed = false; ///< the index has a line for it
};

/// `DIRECTORY/corpus/<2 hex>/<16 hex><extension>`
std::string corpusPath(llvm::StringRef directory, uint64_t hash, llvm::StringRef extension);

/// A line of `corpus/index`, without its end: hash, bytes, seconds, worker, features
/// (`edges:1,4-9`).
std::string printIndexLine(const CorpusEntry &entry);
bool parseIndexLine(llvm::StringRef line, CorpusEntry &entry, uint64_t &bytes);

/// The entries of a campaign's corpus, at most `maxCases` and `maxBytes`: those of the index in its
/// order, then other files by name. Damaged ones are left out, each with a line in `problems`.
std::vector<CorpusEntry> readCorpus(llvm::StringRef directory, const CaseFormat &format,
                                    uint64_t maxCases, uint64_t maxBytes,
                                    std::vector<std::string> &problems);

} // namespace tenon::fuzz
