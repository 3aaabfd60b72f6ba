//===- AutoStrategy.cpp - The strategy auto -------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Portfolio.h"
#include "Strategies.h"

#include <algorithm>

using namespace tenon::planner;

namespace {

/// Exact where that is affordable; else a portfolio of greedy trees, annealed.
class AutoStrategy final : public Strategy {
public:
  std::string_view name() const override { return "auto"; }
  std::string_view summary() const override {
    return "optimal if affordable, else trees of several kinds, annealed and reconfigured";
  }

  Result<SlicedTree> search(const Request &request) const override {
    std::vector<double> extents = request.network.log2Extents();
    ScoredTree first = GreedySearch(request.network, extents).run(request.model, GreedyOptions{});
    request.budget.report({"greedy", 1, 1, first.score});
    if (Result<ContractionTree> exact =
            exactTree(request, extents, first.score.cost, request.budget.exactPairs))
      return SlicedTree{std::move(*exact), {}};

    // A restart's time grows with the network: large ones get fewer.
    constexpr uint64_t tensorsPerSearch = 60'000;
    uint64_t perStart =
        std::clamp<uint64_t>(tensorsPerSearch / request.network.numTensors(), 1, 16);
    Budget oneThread = request.budget;
    oneThread.threads = 1;
    oneThread.progress = nullptr;
    auto greedy = [&](const CostModel &model, uint64_t number) {
      return bestOfRestarts({request.network, model, oneThread}, extents, number * perStart,
                            perStart)
          .tree;
    };
    SizeModel size;
    // On some networks, model counting among them, no greedy tree chosen by operations comes
    // near one that was first made narrow.
    const Starter starters[] = {
        {"greedy", [&](uint64_t number) { return greedy(request.model, number); }},
        {"narrow", [&](uint64_t number) { return greedy(size, number); }}};
    return SlicedTree{
        searchPortfolio(request, extents, std::move(first), starters).tree, {}};
  }
};

} // namespace

std::unique_ptr<Strategy> tenon::planner::makeAutoStrategy() {
  return std::make_unique<AutoStrategy>();
}
