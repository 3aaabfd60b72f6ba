//===- Strategy.h - Searches for contraction trees --------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The interface of every search, and the registry that finds one by name. A strategy is a pure
// function of its request: while only step counts limit it, equal requests give equal trees,
// whatever the number of threads.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/CostModel.h"
#include "tenon/Planner/Slicing.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

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
  /// Pairs of subsets that the exact search may look at before it refuses.
  uint64_t exactPairs = 20'000'000;
  /// Passes over the tree by subtree reconfiguration; it stops earlier when nothing improves.
  unsigned reconfigureRounds = 8;
  /// Leaves of a reconfigured subtree, 3 to 12. The work per subtree grows with 3^leaves.
  unsigned reconfigureLeaves = 9;
  /// Times that a sliced tree is reconfigured and sliced again.
  unsigned sliceRounds = 2;
  uint64_t seed = 0;
  /// Threads that search. They change nothing but the time.
  unsigned threads = 1;
  std::optional<std::chrono::steady_clock::time_point> deadline;
  /// Set by another thread to stop the search.
  const std::atomic<bool> *cancel = nullptr;
  /// Called whenever the best improves or a step ends, by one thread at a time.
  std::function<void(const Progress &)> progress;

  bool expired() const {
    if (cancel && cancel->load(std::memory_order_relaxed))
      return true;
    return deadline && std::chrono::steady_clock::now() >= *deadline;
  }
  void report(const Progress &state) const {
    if (progress)
      progress(state);
  }
};

/// A search's input; the network and the model outlive it.
struct Request {
  const Network &network;
  const CostModel &model;
  Budget budget;
};

class Strategy {
public:
  virtual ~Strategy() = default;
  virtual std::string_view name() const = 0;
  /// One line for people.
  virtual std::string_view summary() const = 0;
  /// Finds a tree. A strategy that ignores memory slices nothing.
  /// \pre the network passed `validate`.
  virtual Result<SlicedTree> search(const Request &request) const = 0;
};

class StrategyRegistry {
public:
  /// A registry of the strategies of this library.
  StrategyRegistry();

  /// Adds a strategy, or replaces the one of the same name.
  void add(std::unique_ptr<Strategy> strategy);
  /// The strategy called `name`; the error lists all names.
  Result<const Strategy *> find(std::string_view name) const;
  /// All strategies, by name.
  std::vector<const Strategy *> all() const;

private:
  std::vector<std::unique_ptr<Strategy>> strategies;
};

} // namespace tenon::planner
