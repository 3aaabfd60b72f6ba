//===- Parts.cpp - Networks whose parts share nothing ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Parts.h"

#include "tenon/Planner/Exact.h"
#include "tenon/Support/Assert.h"

#include <algorithm>

using namespace tenon::planner;

std::vector<NetworkPart> tenon::planner::splitIntoParts(const Network &network) {
  std::vector<NetworkPart> result;
  std::vector<bool> open(network.numIndices(), false);
  for (IndexId index : network.output())
    open[index] = true;
  // The number of an index within its part; each is in one part only.
  std::vector<IndexId> localOf(network.numIndices());
  for (std::vector<NodeId> &tensors : connectedParts(network)) {
    NetworkPart part{Network(network.elementBytes()), std::move(tensors), {}};
    for (NodeId tensor : part.tensors)
      part.indices.insert(part.indices.end(), network.tensor(tensor).begin(),
                          network.tensor(tensor).end());
    std::sort(part.indices.begin(), part.indices.end());
    part.indices.erase(std::unique(part.indices.begin(), part.indices.end()), part.indices.end());
    std::vector<IndexId> output, renamed;
    for (IndexId index : part.indices) {
      localOf[index] = part.network.addIndex(network.extent(index));
      if (open[index])
        output.push_back(localOf[index]);
    }
    for (NodeId tensor : part.tensors) {
      renamed.clear();
      for (IndexId index : network.tensor(tensor))
        renamed.push_back(localOf[index]);
      part.network.addTensor(renamed);
    }
    part.network.setOutput(std::move(output));
    result.push_back(std::move(part));
  }
  return result;
}

/// Pairs of the smallest two, in SSA form.
static std::vector<Step> smallestFirst(std::span<const double> sizes) {
  struct Joined {
    double size;
    NodeId node;
  };
  std::vector<Joined> joined;
  for (double size : sizes)
    joined.push_back({size, static_cast<NodeId>(joined.size())});
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
  std::vector<Step> steps;
  while (joined.size() > 1) {
    Joined a = takeSmallest(), b = takeSmallest();
    steps.push_back({a.node, b.node});
    joined.push_back({a.size + b.size, static_cast<NodeId>(sizes.size() + steps.size() - 1)});
    std::push_heap(joined.begin(), joined.end(), larger);
  }
  return steps;
}

/// The cheapest products of tensors that share nothing.
static std::vector<Step> cheapestProducts(std::span<const double> sizes, const CostModel &model) {
  ExactProblem problem;
  problem.weights.assign(sizes.begin(), sizes.end());
  problem.open.assign(sizes.size(), true);
  double whole = 0;
  for (uint32_t number = 0; number < sizes.size(); ++number) {
    problem.leaves.push_back({number});
    whole += sizes[number];
  }
  return solveDense(problem, model, model.step({0, 0, whole, whole})).steps;
}

ContractionTree tenon::planner::joinParts(const Network &network,
                                          std::span<const NetworkPart> parts,
                                          std::span<const ContractionTree> trees,
                                          std::span<const double> log2Extents,
                                          const CostModel &model) {
  TENON_ASSERT(parts.size() == trees.size(), "each part has a tree");
  std::vector<Step> steps;
  steps.reserve(network.numTensors());
  auto addStep = [&](NodeId lhs, NodeId rhs) {
    steps.push_back({lhs, rhs});
    return network.numTensors() + static_cast<NodeId>(steps.size()) - 1;
  };
  std::vector<double> sizes;
  std::vector<NodeId> results;
  for (size_t number = 0; number < parts.size(); ++number) {
    std::vector<NodeId> nodeOf = parts[number].tensors;
    for (const Step &step : trees[number].steps())
      nodeOf.push_back(addStep(nodeOf[step.lhs], nodeOf[step.rhs]));
    double size = 0;
    for (IndexId index : parts[number].network.output())
      size += log2Extents[parts[number].indices[index]];
    sizes.push_back(size);
    results.push_back(nodeOf.back());
  }
  for (const Step &step : parts.size() > mostOrderedParts ? smallestFirst(sizes)
                                                          : cheapestProducts(sizes, model))
    results.push_back(addStep(results[step.lhs], results[step.rhs]));
  return {network.numTensors(), std::move(steps)};
}
