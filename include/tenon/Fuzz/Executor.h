//===- Executor.h - What runs a case for the engine ---------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The boundary between the engine, which knows processes and files, and what knows IR. No MLIR.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Genome.h"
#include "tenon/Fuzz/Outcome.h"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tenon::fuzz {

/// The sources of features, in the order of every table and file of a campaign.
enum class FeedbackKind : uint8_t { Edges, Blocks, Patterns };
inline constexpr unsigned kNumFeedbacks = 3;
inline constexpr std::array<std::string_view, kNumFeedbacks> kFeedbackNames = {"edges", "blocks",
                                                                               "patterns"};

/// Features by their source. A number means the same in every process of one build.
using Features = std::array<std::vector<uint32_t>, kNumFeedbacks>;

inline size_t countOf(const Features &features) {
  size_t count = 0;
  for (const std::vector<uint32_t> &numbers : features)
    count += numbers.size();
  return count;
}

/// Runs cases, one at a time, in this process.
class Executor {
public:
  virtual ~Executor() = default;
  /// Runs a case past the oracles and appends the features that this process had not seen.
  virtual Outcome run(const Genome &genome, Features &fresh) = 0;
  /// Marks features as seen that another process has reported.
  virtual void markSeen(const Features &features) = 0;
  /// How many features of each source there can be; 0: not known, or the source is off.
  virtual std::array<uint64_t, kNumFeedbacks> totals() const { return {}; }
};

} // namespace tenon::fuzz
