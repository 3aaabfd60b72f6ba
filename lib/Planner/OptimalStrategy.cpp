//===- OptimalStrategy.cpp - The strategy optimal -------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Strategies.h"
#include "tenon/Planner/Exact.h"

#include <algorithm>
#include <numeric>
#include <string>

using namespace tenon::planner;

namespace {

/// The tensors of one part as an exact problem; `localOf` is scratch, all zero between calls.
ExactProblem problemOf(const Network &network, const Incidence &incidence,
                       std::span<const double> log2Extents, std::span<const NodeId> tensors,
                       std::vector<uint32_t> &localOf) {
  ExactProblem problem;
  std::vector<IndexId> used;
  for (NodeId tensor : tensors) {
    std::vector<uint32_t> &leaf = problem.leaves.emplace_back();
    for (IndexId index : network.tensor(tensor)) {
      if (!incidence.survivesReduction(index))
        continue;
      if (localOf[index] == 0) {
        used.push_back(index);
        localOf[index] = static_cast<uint32_t>(used.size());
        problem.weights.push_back(log2Extents[index]);
        problem.open.push_back(incidence.isOpen(index));
      }
      leaf.push_back(localOf[index] - 1);
    }
    std::sort(leaf.begin(), leaf.end());
    leaf.erase(std::unique(leaf.begin(), leaf.end()), leaf.end());
  }
  for (IndexId index : used)
    localOf[index] = 0;
  return problem;
}

double openSize(const ExactProblem &problem) {
  double size = 0;
  for (size_t index = 0; index < problem.weights.size(); ++index)
    if (problem.open[index])
      size += problem.weights[index];
  return size;
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
  Incidence incidence(network);
  std::vector<std::vector<NodeId>> parts;
  if (network.numTensors() <= maxDenseLeaves) {
    parts.emplace_back(network.numTensors());
    std::iota(parts[0].begin(), parts[0].end(), 0);
  } else {
    parts = connectedParts(network);
  }
  for (const std::vector<NodeId> &part : parts)
    if (part.size() > maxSparseLeaves)
      return Error{"strategy 'optimal' takes connected parts of up to " +
                   std::to_string(maxSparseLeaves) + " tensors, found one of " +
                   std::to_string(part.size()) + "; use strategy 'auto' or 'random-greedy'"};

  // Part by part; then outer products of the parts, smallest first.
  struct Joined {
    double size;
    NodeId node;
  };
  std::vector<Joined> joined;
  std::vector<Step> steps;
  std::vector<uint32_t> localOf(network.numIndices(), 0);
  uint64_t pairs = 0;
  auto addStep = [&](NodeId lhs, NodeId rhs) {
    steps.push_back({lhs, rhs});
    return network.numTensors() + static_cast<NodeId>(steps.size()) - 1;
  };
  for (const std::vector<NodeId> &part : parts) {
    ExactProblem problem = problemOf(network, incidence, log2Extents, part, localOf);
    ExactTree tree;
    if (part.size() <= maxDenseLeaves) {
      tree = solveDense(problem, request.model, upperBound);
    } else {
      Result<ExactTree> found = solveSparse(problem, request.model, upperBound, maxPairs, pairs);
      if (!found)
        return Error{found.error()};
      tree = std::move(*found);
    }
    std::vector<NodeId> nodeOf(part);
    for (const Step &step : tree.steps)
      nodeOf.push_back(addStep(nodeOf[step.lhs], nodeOf[step.rhs]));
    joined.push_back({openSize(problem), nodeOf.back()});
  }
  auto larger = [](const Joined &a, const Joined &b) {
    return a.size != b.size ? a.size > b.size : a.node > b.node;
  };
  std::make_heap(joined.begin(), joined.end(), larger);
  auto takeSmallest = [&] {
    std::pop_heap(joined.begin(), joined.end(), larger);
    Joined taken = joined.back();
    joined.pop_back();
    return taken;
  };
  while (joined.size() > 1) {
    Joined a = takeSmallest(), b = takeSmallest();
    joined.push_back({a.size + b.size, addStep(a.node, b.node)});
    std::push_heap(joined.begin(), joined.end(), larger);
  }
  return ContractionTree(network.numTensors(), std::move(steps));
}

std::unique_ptr<Strategy> tenon::planner::makeOptimalStrategy() {
  return std::make_unique<OptimalStrategy>();
}
