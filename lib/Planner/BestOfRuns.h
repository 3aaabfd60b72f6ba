//===- BestOfRuns.h - The best of many seeded runs ---------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the planner. Independent runs are spread over threads, and the best result wins; of
// equals the one of the lowest number, so threads change nothing but the time.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Jobs.h"
#include "tenon/Planner/Budget.h"
#include "tenon/Planner/Greedy.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>

namespace tenon::planner {

/// The best of runs 0 to `count - 1`, on the budget's threads. Stops early when the budget expires,
/// but run 0 is made in any case. `makeRunner()` is called once on each thread and returns that
/// thread's `std::optional<ScoredTree> run(uint64_t number)`; empty is a run that gave up. Empty if
/// all did. `name` stands in the progress.
template <typename MakeRunner>
std::optional<ScoredTree> bestOfRuns(const Budget &budget, uint64_t count, std::string_view name,
                                     MakeRunner &&makeRunner) {
  count = std::max<uint64_t>(count, 1);
  std::atomic<uint64_t> next = 0;
  std::mutex mutex;
  std::optional<ScoredTree> best;
  uint64_t bestNumber = 0, finished = 0;

  runOnThreads(std::min<uint64_t>(budget.threads, count), [&] {
    auto run = makeRunner();
    for (uint64_t number = next++; number < count; number = next++) {
      if (number > 0 && budget.expired())
        return;
      std::optional<ScoredTree> found = run(number);
      std::lock_guard<std::mutex> lock(mutex);
      ++finished;
      if (found) {
        bool better = !best || found->score.betterThan(best->score);
        if (better || (number < bestNumber && !best->score.betterThan(found->score))) {
          best = std::move(found);
          bestNumber = number;
        }
      }
      budget.report({name, finished, count, best ? best->score : Score()});
    }
  });
  return best;
}

} // namespace tenon::planner
