//===- OptimalStrategy.cpp - The strategy optimal -------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Parts.h"
#include "Strategies.h"
#include "tenon/Planner/Exact.h"

#include <algorithm>
#include <string>

using namespace tenon::planner;

namespace {

/// A network as an exact problem.
ExactProblem problemOf(const Network &network, std::span<const double> log2Extents) {
  ExactProblem problem;
  problem.weights.assign(log2Extents.begin(), log2Extents.end());
  Incidence incidence(network);
  for (IndexId index = 0; index < network.numIndices(); ++index)
    problem.open.push_back(incidence.isOpen(index));
  for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor) {
    std::vector<uint32_t> &leaf = problem.leaves.emplace_back();
    for (IndexId index : network.tensor(tensor))
      if (incidence.survivesReduction(index))
        leaf.push_back(index);
    std::sort(leaf.begin(), leaf.end());
    leaf.erase(std::unique(leaf.begin(), leaf.end()), leaf.end());
  }
  return problem;
}

class OptimalStrategy final : public Strategy {
public:
  std::string_view name() const override { return "optimal"; }
  std::string_view summary() const override {
    return "the best tree, for networks small or sparse enough; else it refuses";
  }
  Result<SlicedTree> search(const Request &request) const override {
    std::vector<double> extents = request.network.log2Extents();
    Score known = GreedySearch(request.network, extents).run(request.model, {}).score;
    Result<ContractionTree> tree =
        exactTree(request, extents, known.cost, request.budget.exactPairs);
    if (!tree)
      return Error{tree.error()};
    return SlicedTree{std::move(*tree), {}};
  }
};

} // namespace

Result<ContractionTree> tenon::planner::exactTree(const Request &request,
                                                  std::span<const double> log2Extents,
                                                  double upperBound, uint64_t maxPairs) {
  const Network &network = request.network;
  if (network.numTensors() <= maxDenseLeaves) {
    ExactTree tree = solveDense(problemOf(network, log2Extents), request.model, upperBound);
    return ContractionTree(network.numTensors(), std::move(tree.steps));
  }
  std::vector<NetworkPart> parts = splitIntoParts(network);
  for (const NetworkPart &part : parts)
    if (part.tensors.size() > maxSparseLeaves)
      return Error{"strategy 'optimal' takes connected parts of up to " +
                   std::to_string(maxSparseLeaves) + " tensors, found one of " +
                   std::to_string(part.tensors.size()) +
                   "; use strategy 'auto' or 'random-greedy'"};
  std::vector<ContractionTree> trees;
  uint64_t pairs = 0;
  for (const NetworkPart &part : parts) {
    std::vector<double> weights;
    for (IndexId index : part.indices)
      weights.push_back(log2Extents[index]);
    ExactProblem problem = problemOf(part.network, weights);
    ExactTree tree;
    if (part.tensors.size() <= maxDenseLeaves) {
      tree = solveDense(problem, request.model, upperBound);
    } else {
      Result<ExactTree> found = solveSparse(problem, request.model, upperBound, maxPairs, pairs);
      if (!found)
        return Error{found.error()};
      tree = std::move(*found);
    }
    trees.emplace_back(part.network.numTensors(), std::move(tree.steps));
  }
  return joinParts(network, parts, trees, log2Extents);
}

std::unique_ptr<Strategy> tenon::planner::makeOptimalStrategy() {
  return std::make_unique<OptimalStrategy>();
}
