//===- GreedyStrategy.cpp - The strategies greedy and random-greedy -------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "BestOfRuns.h"
#include "GreedySampler.h"
#include "Strategies.h"

using namespace tenon::planner;

ScoredTree tenon::planner::bestOfRestarts(const Request &request,
                                          std::span<const double> log2Extents, uint64_t first,
                                          uint64_t count) {
  auto makeRunner = [&] {
    return [&, search = GreedySearch(request.network, log2Extents)](uint64_t number) mutable {
      return std::optional<ScoredTree>(
          search.run(request.model, restartOptions(request.budget.seed, first + number)));
    };
  };
  // A greedy run never gives up, and run 0 is always made.
  return std::move(*bestOfRuns(request.budget, count, "random-greedy", makeRunner));
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
    return "the best of many greedy runs, whose exponent and temperature adapt to the network";
  }
  Result<SlicedTree> search(const Request &request) const override;
};

} // namespace

/// Runs of one generation know the outcomes of those before, whatever the threads.
Result<SlicedTree> RandomGreedyStrategy::search(const Request &request) const {
  constexpr uint64_t generation = 16;
  std::vector<double> extents = request.network.log2Extents();
  const Budget &budget = request.budget;
  GreedySampler sampler(budget.seed);
  std::optional<ScoredTree> best;
  uint64_t restarts = std::max<uint64_t>(budget.restarts, 1);
  std::mutex mutex;
  uint64_t finished = 0;
  Score reported;
  for (uint64_t first = 0; first < restarts && !(best && budget.expired()); first += generation) {
    uint64_t count = std::min(generation, restarts - first);
    std::vector<std::optional<ScoredTree>> found(count);
    std::atomic<uint64_t> next = 0;
    runOnThreads(std::min<uint64_t>(budget.threads, count), [&] {
      GreedySearch search(request.network, extents);
      for (uint64_t run = next++; run < count; run = next++) {
        if (first + run > 0 && budget.expired())
          return;
        ScoredTree tree = search.run(request.model, sampler.sample(first + run));
        std::lock_guard<std::mutex> lock(mutex);
        if (finished++ == 0 || tree.score.betterThan(reported))
          reported = tree.score;
        budget.report({name(), finished, restarts, reported});
        found[run] = std::move(tree);
      }
    });
    GreedySampler before = sampler;
    for (uint64_t run = 0; run < count; ++run) {
      if (!found[run])
        continue;
      sampler.learn(before.sample(first + run), found[run]->score);
      if (!best || found[run]->score.betterThan(best->score))
        best = std::move(found[run]);
    }
  }
  return SlicedTree{std::move(best->tree), {}};
}

std::unique_ptr<Strategy> tenon::planner::makeGreedyStrategy() {
  return std::make_unique<GreedyStrategy>();
}

std::unique_ptr<Strategy> tenon::planner::makeRandomGreedyStrategy() {
  return std::make_unique<RandomGreedyStrategy>();
}
