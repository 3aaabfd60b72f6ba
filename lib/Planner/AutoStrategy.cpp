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
/// the one that reconfigures best. The budget's restarts are spread over the batches; a last
/// batch, of as many restarts again as one of them, starts from the narrowest tree.
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
    auto offer = [&](ContractionTree tree, uint64_t batch) {
      tree = reconfigure(request.network, tree, request.model, extents, request.budget);
      Score score = scoreTree(request.network, tree, request.model, extents);
      if (score.betterThan(best.score))
        best = {std::move(tree), score};
      request.budget.report({"auto", batch, batches + 1, best.score});
    };
    for (uint64_t batch = 0; batch < batches; ++batch)
      if (batch == 0 || !request.budget.expired())
        offer(bestOfRestarts(request, extents, batch * perBatch, perBatch).tree, batch + 1);

    // On some networks, model counting among them, no greedy tree chosen by operations comes
    // near one that was first made narrow.
    if (request.model.name() != SizeModel().name() && !request.budget.expired()) {
      SizeModel size;
      ContractionTree narrow =
          bestOfRestarts({request.network, size, request.budget}, extents, 0, perBatch).tree;
      narrow = reconfigure(request.network, narrow, size, extents, request.budget);
      offer(std::move(narrow), batches + 1);
    }
    return SlicedTree{std::move(best.tree), {}};
  }
};

} // namespace

std::unique_ptr<Strategy> tenon::planner::makeAutoStrategy() {
  return std::make_unique<AutoStrategy>();
}
