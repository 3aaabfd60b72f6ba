//===- GreedyStrategy.cpp - The strategies greedy and random-greedy -------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "BestOfRuns.h"
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
