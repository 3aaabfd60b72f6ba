//===- CoverCorpus.h - The smallest corpus with all features ------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/CaseStream.h"
#include "tenon/Fuzz/Executor.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tenon::fuzz {

/// A case as a set of features with a price.
struct CoveringCase {
  Features features;
  uint64_t bytes = 0;
};

/// Numbers of cases that together have all features, in the order of choice: by greedy set cover,
/// at most 1 + ln n times as many as the smallest set (Chvatal, Math. Oper. Res. 4, 1979), without
/// those that later choices made superfluous. Of cases that add as many features the one of fewest
/// bytes is taken, then the first.
std::vector<size_t> coverFeatures(llvm::ArrayRef<CoveringCase> cases);

/// A case of a corpus, and what it is for.
struct CorpusFile {
  std::string path;
  std::string bytes;
  uint64_t hash = 0;
  bool isCarried = false; ///< from another version
};

/// All features of a case, whatever other cases have shown.
using FeatureReader = std::function<llvm::Expected<Features>(std::string_view bytes)>;
/// A case of another version in this one; nothing where it cannot be had.
using CarryOver = std::function<std::optional<std::string>(std::string_view bytes)>;

struct MinimizedCorpus {
  size_t filesBefore = 0, filesAfter = 0, carried = 0;
  uint64_t bytesBefore = 0, bytesAfter = 0;
  std::array<size_t, kNumFeedbacks> features = {};
  std::vector<std::string> skipped; ///< files that are no cases, or do not run, and why
};

/// Puts the fewest cases that keep all features in the place of `DIRECTORY/corpus`, which becomes
/// `DIRECTORY/corpus.before`. Nothing is replaced where anything goes wrong. Cases that do not run
/// (a crash, the time limit) are left out and named: they are findings' business.
llvm::Expected<MinimizedCorpus> minimizeCorpus(llvm::StringRef directory, const CaseFormat &format,
                                               const FeatureReader &readFeatures,
                                               const CarryOver &carryOver);

} // namespace tenon::fuzz
