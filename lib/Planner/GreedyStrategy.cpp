//===- GreedyStrategy.cpp - The strategies greedy and random-greedy -------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Strategies.h"

#include <algorithm>
#include <mutex>
#include <thread>

using namespace tenon::planner;

ScoredTree tenon::planner::bestOfRestarts(const Request &request,
                                          std::span<const double> log2Extents, uint64_t first,
                                          uint64_t count) {
  const Budget &budget = request.budget;
  count = std::max<uint64_t>(count, 1);
  std::atomic<uint64_t> next = 0;
  std::mutex mutex;
  std::optional<ScoredTree> best;
  uint64_t bestNumber = 0, finished = 0;

  auto work = [&] {
    GreedySearch search(request.network, log2Extents);
    for (uint64_t number = next++; number < count; number = next++) {
      // Restart 0 runs in any case: there is always a result.
      if (number > 0 && budget.expired())
        return;
      ScoredTree found = search.run(request.model, restartOptions(budget.seed, first + number));
      std::lock_guard<std::mutex> lock(mutex);
      ++finished;
      // Of equals the lowest number wins, in whatever order the threads finish.
      bool equal =
          best && !found.score.betterThan(best->score) && !best->score.betterThan(found.score);
      if (!best || found.score.betterThan(best->score) || (equal && number < bestNumber)) {
        best = std::move(found);
        bestNumber = number;
      }
      budget.report({"random-greedy", finished, count, best->score});
    }
  };

  constexpr uint64_t mostThreads = 256;
  uint64_t threads = std::clamp<uint64_t>(budget.threads, 1, std::min(count, mostThreads));
  std::vector<std::thread> helpers;
  for (uint64_t i = 1; i < threads; ++i)
    helpers.emplace_back(work);
  work();
  for (std::thread &helper : helpers)
    helper.join();
  return std::move(*best);
}

namespace {

class GreedyStrategy final : public Strategy {
public:
  std::string_view name() const override { return "greedy"; }
  std::string_view summary() const override {
    return "contract the pair that shrinks most, in near-linear time";
  }
  Result<SlicedTree> search(const Request &request) const override {
    std::vector<double> extents = request.network.log2Extents();
    return SlicedTree{
        GreedySearch(request.network, extents).run(request.model, GreedyOptions{}).tree, {}};
  }
};

class RandomGreedyStrategy final : public Strategy {
public:
  std::string_view name() const override { return "random-greedy"; }
  std::string_view summary() const override {
    return "the best of many greedy runs with sampled exponent and temperature";
  }
  Result<SlicedTree> search(const Request &request) const override {
    std::vector<double> extents = request.network.log2Extents();
    return SlicedTree{bestOfRestarts(request, extents, 0, request.budget.restarts).tree, {}};
  }
};

} // namespace

std::unique_ptr<Strategy> tenon::planner::makeGreedyStrategy() {
  return std::make_unique<GreedyStrategy>();
}

std::unique_ptr<Strategy> tenon::planner::makeRandomGreedyStrategy() {
  return std::make_unique<RandomGreedyStrategy>();
}
