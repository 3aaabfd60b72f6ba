//===- BisectionStrategy.cpp - The strategy bisection ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "BestOfRuns.h"
#include "BisectionTree.h"
#include "Strategies.h"

using namespace tenon::planner;

namespace {

/// Runs that one thread makes in a row. The first of them is slower than the others.
constexpr uint64_t runsPerBatch = 8;

class BisectionStrategy final : public Strategy {
public:
  std::string_view name() const override { return "bisection"; }
  std::string_view summary() const override {
    return "the best tree over rows of tensors that sampled recursive bisections make";
  }
  Result<SlicedTree> search(const Request &request) const override {
    const Budget &budget = request.budget;
    uint64_t runs = std::max<uint64_t>(budget.restarts, 1);
    std::vector<double> extents = request.network.log2Extents();
    // There is always a tree: the plain greedy one comes first.
    ScoredTree greedy = GreedySearch(request.network, extents).run(request.model, {});
    auto makeRunner = [&] {
      return [&, search = BisectionSearch(request.network, extents, request.model,
                                          worstCostFrom(greedy.score.cost))](
                 uint64_t number) mutable -> std::optional<ScoredTree> {
        if (number == 0)
          return greedy;
        uint64_t first = (number - 1) * runsPerBatch;
        uint64_t count = std::min(runsPerBatch, runs - first);
        return search.bestOf(budget.seed, first, count, budget);
      };
    };
    uint64_t batches = runs / runsPerBatch + (runs % runsPerBatch != 0);
    return SlicedTree{bestOfRuns(budget, batches + 1, name(), makeRunner)->tree, {}};
  }
};

} // namespace

std::unique_ptr<Strategy> tenon::planner::makeBisectionStrategy() {
  return std::make_unique<BisectionStrategy>();
}
