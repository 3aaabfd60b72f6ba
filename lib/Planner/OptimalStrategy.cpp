//===- OptimalStrategy.cpp - The strategy optimal -------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Parts.h"
#include "Preprocess.h"
#include "Strategies.h"
#include "tenon/Planner/Anneal.h"
#include "tenon/Planner/Cost.h"
#include "tenon/Planner/Exact.h"
#include "tenon/Planner/Random.h"

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

/// Whether all sets of so many tensors can be looked at.
bool isDense(NodeId count, const ExactMeter &meter) {
  if (count > maxDenseLeaves)
    return false;
  uint64_t pairs = 1;
  for (NodeId leaf = 0; leaf < count; ++leaf)
    pairs *= 3;
  return pairs / 2 <= meter.limit();
}

/// A tree that is good for its time, some milliseconds: seldom dearer than the best, and the closer
/// it is, the less the exact search looks at.
ContractionTree quickTree(const Request &request, std::span<const double> log2Extents) {
  constexpr uint64_t restarts = 8, annealings = 4, sweeps = 1000;
  ContractionTree best = bestOfRestarts(request, log2Extents, 0, restarts).tree;
  for (uint64_t number = 0; number < annealings && !request.budget.expired(); ++number) {
    AnnealOptions options;
    options.sweeps = sweeps;
    options.hottest = 2;
    options.seed = deriveSeed(request.budget.seed, number);
    best = anneal(request.network, best, request.model, log2Extents, options, request.budget);
  }
  return best;
}

/// The best tree of a network without parts, or an error that says why there is none.
Result<ContractionTree> exactTreeOfPart(const Request &request, std::span<const double> log2Extents,
                                        ExactMeter &meter) {
  const Network &network = request.network;
  NodeId count = network.numTensors();
  ExactProblem problem = problemOf(network, log2Extents);
  std::optional<ExactTree> tree;
  if (isDense(count, meter)) {
    double hint = GreedySearch(network, log2Extents).run(request.model, {}).score.cost;
    tree = solveDense(problem, request.model, hint, meter);
  } else {
    Score known = scoreTree(network, quickTree(request, log2Extents), request.model, log2Extents);
    tree = solveSparse(problem, request.model, known.cost, meter, request.budget.threads);
  }
  if (tree)
    return ContractionTree(count, std::move(tree->steps));
  if (meter.isExpired())
    return Error{"strategy 'optimal' was out of time on a connected part of " +
                 std::to_string(count) + " tensors; use strategy 'auto', or allow more time"};
  return Error{"the exact search passed its limit of " + std::to_string(meter.limit()) +
               " pairs of subsets on a connected part of " + std::to_string(count) +
               " tensors; use strategy 'auto' or 'random-greedy', or raise the limit"};
}

class OptimalStrategy final : public Strategy {
public:
  std::string_view name() const override { return "optimal"; }
  std::string_view summary() const override {
    return "the best tree, for networks small or sparse enough; else it refuses";
  }
  Result<SlicedTree> search(const Request &request) const override {
    std::vector<double> extents = request.network.log2Extents();
    if (!isPreprocessingLossless(request.model)) {
      Result<ContractionTree> tree = exactTree(request, extents);
      if (!tree)
        return Error{tree.error()};
      return SlicedTree{std::move(*tree), {}};
    }
    Preprocessed smaller = preprocess(request.network, extents);
    Result<ContractionTree> tree = exactTree({smaller.network(), request.model, request.budget},
                                             smaller.network().log2Extents());
    if (!tree)
      return Error{tree.error()};
    return SlicedTree{smaller.expand(*tree), {}};
  }
};

} // namespace

Result<ContractionTree> tenon::planner::exactTree(const Request &request,
                                                  std::span<const double> log2Extents) {
  const Network &network = request.network;
  ExactMeter meter(request.budget, request.budget.exactPairs);
  Request quiet{network, request.model, request.budget};
  quiet.budget.progress = nullptr;
  // All at once where that is affordable: no theorem says that parts are best left apart.
  if (isDense(network.numTensors(), meter))
    return exactTreeOfPart(quiet, log2Extents, meter);
  std::vector<NetworkPart> parts = splitIntoParts(network);
  for (const NetworkPart &part : parts)
    if (part.tensors.size() > maxSparseLeaves)
      return Error{"strategy 'optimal' takes connected parts of up to " +
                   std::to_string(maxSparseLeaves) + " tensors, found one of " +
                   std::to_string(part.tensors.size()) +
                   "; use strategy 'auto' or 'random-greedy'"};
  std::vector<ContractionTree> trees;
  for (const NetworkPart &part : parts) {
    std::vector<double> weights;
    for (IndexId index : part.indices)
      weights.push_back(log2Extents[index]);
    Result<ContractionTree> tree =
        exactTreeOfPart({part.network, request.model, quiet.budget}, weights, meter);
    if (!tree)
      return Error{tree.error()};
    trees.push_back(std::move(*tree));
  }
  return joinParts(network, parts, trees, log2Extents, request.model);
}

std::unique_ptr<Strategy> tenon::planner::makeOptimalStrategy() {
  return std::make_unique<OptimalStrategy>();
}
