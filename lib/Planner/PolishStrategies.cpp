//===- PolishStrategies.cpp - Strategies that improve a greedy tree -------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Portfolio.h"
#include "Strategies.h"
#include "tenon/Planner/Reconfigure.h"

using namespace tenon::planner;

namespace {

class AnnealingStrategy final : public Strategy {
public:
  std::string_view name() const override { return "annealing"; }
  std::string_view summary() const override {
    return "simulated annealing of greedy trees by random rotations";
  }
  Result<SlicedTree> search(const Request &request) const override {
    std::vector<double> extents = request.network.log2Extents();
    ScoredTree first = GreedySearch(request.network, extents)
                           .runFirst(request.model, GreedyOptions{}, request.budget);
    const Starter starters[] = {{"greedy", [&](uint64_t number) {
                                   return GreedySearch(request.network, extents)
                                       .run(request.model,
                                            restartOptions(request.budget.seed, number))
                                       .tree;
                                 }}};
    std::vector<ScoredTree> found = searchPortfolio(request, extents, std::move(first), starters);
    if (request.others)
      for (const ScoredTree &other : std::span(found).subspan(1))
        request.others->push_back(other.tree);
    return SlicedTree{std::move(found.front().tree), {}};
  }
};

class ReconfigurationStrategy final : public Strategy {
public:
  std::string_view name() const override { return "reconfiguration"; }
  std::string_view summary() const override {
    return "the greedy tree, its subtrees replaced by optimal ones";
  }
  Result<SlicedTree> search(const Request &request) const override {
    std::vector<double> extents = request.network.log2Extents();
    ContractionTree tree = GreedySearch(request.network, extents)
                               .runFirst(request.model, GreedyOptions{}, request.budget)
                               .tree;
    return SlicedTree{reconfigure(request.network, tree, request.model, extents, request.budget),
                      {}};
  }
};

} // namespace

std::unique_ptr<Strategy> tenon::planner::makeAnnealingStrategy() {
  return std::make_unique<AnnealingStrategy>();
}

std::unique_ptr<Strategy> tenon::planner::makeReconfigurationStrategy() {
  return std::make_unique<ReconfigurationStrategy>();
}
