//===- Budget.h - What a search may spend -----------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Step counts, deadline, cancellation, seed, threads and progress of every search.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/CostModel.h"
#include "tenon/Support/Cancellation.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace tenon::planner {

/// Where a search stands.
struct Progress {
  /// Name of the strategy, or of the polish that is at work.
  std::string_view strategy;
  /// Steps done and to be done, in the unit of the strategy (restarts, rounds).
  uint64_t step = 0;
  uint64_t steps = 0;
  /// The best so far.
  Score best;
};

/// What a search may spend. Counts of steps are deterministic; the deadline and the flag are
/// for tools, and make a search return the best that it has.
struct Budget {
  /// Greedy runs of `random-greedy`; the first one is plain greedy. 0 counts as 1.
  uint64_t restarts = 64;
  /// Pairs of subsets that the exact search may look at before it refuses, some nanoseconds each.
  uint64_t exactPairs = 800'000'000;
  /// Passes over the tree by subtree reconfiguration; it stops earlier when nothing improves.
  unsigned reconfigureRounds = 8;
  /// Leaves of a reconfigured subtree, 3 to 12. The work per subtree grows with 3^leaves.
  unsigned reconfigureLeaves = 9;
  /// Times that a tree is sliced with a reconfiguration after every slice.
  unsigned sliceRounds = 2;
  uint64_t seed = 0;
  /// Threads that search. They change nothing but the time.
  unsigned threads = 1;
  std::optional<std::chrono::steady_clock::time_point> deadline;
  /// Set by another thread to stop the search.
  const std::atomic<bool> *cancel = nullptr;
  /// As `cancel`, by a callback.
  Cancellation *cancellation = nullptr;
  /// Called whenever the best improves or a step ends, by one thread at a time.
  std::function<void(const Progress &)> progress;

  /// Whether the caller wants the search to stop, whatever the time.
  bool cancelled() const {
    return (cancel && cancel->load(std::memory_order_relaxed)) ||
           (cancellation && cancellation->isRequested());
  }
  bool expired() const {
    if (cancelled())
      return true;
    return deadline && std::chrono::steady_clock::now() >= *deadline;
  }
  void report(const Progress &state) const {
    if (progress)
      progress(state);
  }
};

} // namespace tenon::planner
