//===- Density.cpp - Costs where tensors are sparse -----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/Density.h"

#include "tenon/Planner/Cost.h"

#include <algorithm>

using namespace tenon::planner;

double tenon::planner::log2ShareOfSums(double log2Share, double log2Terms) {
  if (log2Share == log2Zero || log2Terms <= 0)
    return log2Share;
  if (log2Share >= 0)
    return 0;
  // 1 − (1 − d)^k = 1 − exp(−rate) with rate = −k log(1 − d), which is k d for small d.
  constexpr double tiny = -60;
  double log2Rate =
      log2Terms + (log2Share < tiny ? log2Share : std::log2(-std::log1p(-std::exp2(log2Share))));
  if (log2Rate < tiny)
    return std::min(log2Rate, 0.0);
  return std::log2(-std::expm1(-std::exp2(std::min(log2Rate, 10.0))));
}

std::vector<double> tenon::planner::log2Shares(const Network &network, const ContractionTree &tree,
                                               const NodeIndices &indices,
                                               std::span<const double> log2Extents) {
  std::vector<double> shares(tree.numNodes(), 0);
  std::vector<IndexId> distinct;
  for (NodeId leaf = 0; leaf < tree.numLeaves(); ++leaf) {
    std::span<const IndexId> all = network.tensor(leaf);
    distinct.assign(all.begin(), all.end());
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    double terms = 0;
    for (IndexId index : distinct)
      terms += log2Extents[index];
    for (IndexId index : indices[leaf])
      terms -= log2Extents[index];
    double density = network.density(leaf);
    shares[leaf] = log2ShareOfSums(density > 0 ? std::log2(density) : log2Zero, terms);
  }
  for (size_t step = 0; step < tree.numSteps(); ++step) {
    StepSizes sizes = stepSizes(tree, indices, step, log2Extents);
    auto [lhs, rhs] = tree.step(step);
    shares[tree.resultOf(step)] =
        log2ShareOfSums(shares[lhs] + shares[rhs], sizes.ops - sizes.result);
  }
  return shares;
}

Score tenon::planner::scoreExpected(const Network &network, const ContractionTree &tree,
                                    const CostModel &model, std::span<const double> log2Extents) {
  if (!network.hasDensities())
    return scoreTree(network, tree, model, log2Extents);
  NodeIndices indices(network, tree);
  std::vector<double> shares = log2Shares(network, tree, indices, log2Extents);
  ScoreSum sum(model);
  for (size_t number = 0; number < tree.numSteps(); ++number) {
    sum.add(expectedSizes(stepSizes(tree, indices, number, log2Extents), tree.step(number),
                          tree.resultOf(number), shares));
  }
  return sum.score();
}
