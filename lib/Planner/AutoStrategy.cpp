//===- AutoStrategy.cpp - The strategy auto -------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Strategies.h"
#include "tenon/Planner/Cost.h"
#include "tenon/Planner/Reconfigure.h"

#include <algorithm>

using namespace tenon::planner;

namespace {

/// Exact where that is affordable; else several batches of random greedy, the best of each
/// polished by reconfiguration. Batches keep candidates apart: the best greedy tree is often not
/// the one that reconfigures best.
class AutoStrategy final : public Strategy {
public:
  std::string_view name() const override { return "auto"; }
  std::string_view summary() const override {
    return "optimal if affordable, else random greedy polished by subtree reconfiguration";
  }

  Result<SlicedTree> search(const Request &request) const override {
    std::vector<double> extents = request.network.log2Extents();
    ScoredTree best = GreedySearch(request.network, extents).run(request.model, GreedyOptions{});
    request.budget.report({"greedy", 1, 1, best.score});
    if (Result<ContractionTree> exact =
            exactTree(request, extents, best.score.cost, request.budget.exactPairs))
      return SlicedTree{std::move(*exact), {}};

    // A restart's time grows with the network: large ones get fewer.
    constexpr uint64_t tensorsPerSearch = 500'000, batches = 4;
    uint64_t restarts =
        std::min(request.budget.restarts,
                 std::max<uint64_t>(batches, tensorsPerSearch / request.network.numTensors()));
    uint64_t perBatch = std::max<uint64_t>(1, restarts / batches);
    for (uint64_t first = 0; first < std::max<uint64_t>(restarts, 1); first += perBatch) {
      if (first > 0 && request.budget.expired())
        break;
      ScoredTree found =
          bestOfRestarts(request, extents, first, std::min(perBatch, restarts - first));
      found.tree = reconfigure(request.network, found.tree, request.model, extents, request.budget);
      found.score = scoreTree(request.network, found.tree, request.model, extents);
      if (found.score.betterThan(best.score))
        best = std::move(found);
      request.budget.report({"auto", first + perBatch, restarts, best.score});
    }
    return SlicedTree{std::move(best.tree), {}};
  }
};

} // namespace

std::unique_ptr<Strategy> tenon::planner::makeAutoStrategy() {
  return std::make_unique<AutoStrategy>();
}
