//===- Cost.cpp - What a tree costs, sliced or not ------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/Cost.h"

#include "SliceState.h"
#include "tenon/Planner/Density.h"

#include <algorithm>

using namespace tenon::planner;

/// Fills in what is expected of sparse tensors.
static void countExpected(const Network &network, const ContractionTree &tree,
                          std::span<const IndexId> sliced, const SliceState &state,
                          double log2Slices, TreeCost &cost) {
  std::vector<double> extents = network.log2Extents();
  for (IndexId index : sliced)
    extents[index] = 0;
  NodeIndices indices(network, tree);
  std::vector<double> shares = log2Shares(network, tree, indices, extents);
  Log2Sum expected;
  cost.expectedOps = 0;
  for (size_t step = 0; step < tree.numSteps(); ++step) {
    auto [lhs, rhs] = tree.step(step);
    double share = shares[lhs] + shares[rhs];
    bool hoisted = state.isHoisted(tree.resultOf(step));
    double runs = hoisted ? 1 : cost.slices;
    cost.expectedOps =
        saturate(cost.expectedOps + saturate(runs * state.ops(step) * std::exp2(share)));
    if (state.ops(step) > 0)
      expected.add(state.sizes(step).ops + share + (hoisted ? 0 : log2Slices));
  }
  cost.log2ExpectedOps = expected.log2();
}

TreeCost tenon::planner::evaluateTree(const Network &network, const ContractionTree &tree,
                                      std::span<const IndexId> sliced, const MemoryModel &memory) {
  SliceState state(network, tree, memory);
  for (IndexId index : sliced)
    state.slice(index);
  TreeCost cost;
  cost.slices = state.slices();
  cost.peakBytes = state.peakInOrder();
  double log2Slices = 0;
  for (IndexId index : sliced)
    log2Slices += std::log2(static_cast<double>(network.extent(index)));
  Log2Sum hoistedOps, slicedOps, writes;
  for (size_t step = 0; step < tree.numSteps(); ++step) {
    NodeId result = tree.resultOf(step);
    bool hoisted = state.isHoisted(result);
    double runs = hoisted ? 1 : cost.slices;
    cost.ops = saturate(cost.ops + saturate(runs * state.ops(step)));
    if (hoisted && !sliced.empty())
      cost.hoistedOps = saturate(cost.hoistedOps + state.ops(step));
    cost.largest = std::max(cost.largest, state.elements(result));
    cost.writes = saturate(cost.writes + saturate(runs * state.elements(result)));
    // Searches take an extent of 0 for 1, and so do the sizes of a step.
    if (state.ops(step) > 0)
      (hoisted ? hoistedOps : slicedOps).add(state.sizes(step).ops);
    if (state.elements(result) > 0) {
      cost.log2Largest = std::max(cost.log2Largest, state.sizes(step).result);
      writes.add(state.sizes(step).result + (hoisted ? 0 : log2Slices));
    }
  }
  cost.log2Ops = log2Add(hoistedOps.log2(), slicedOps.log2() + log2Slices);
  cost.log2Writes = writes.log2();
  cost.expectedOps = cost.ops;
  cost.log2ExpectedOps = cost.log2Ops;
  if (network.hasDensities())
    countExpected(network, tree, sliced, state, log2Slices, cost);
  return cost;
}

std::vector<LiveMoment> tenon::planner::memoryOverTime(const Network &network,
                                                       const ContractionTree &tree,
                                                       std::span<const IndexId> sliced,
                                                       const MemoryModel &memory) {
  SliceState state(network, tree, memory);
  for (IndexId index : sliced)
    state.slice(index);
  return state.momentsInOrder();
}

StepSizes tenon::planner::stepSizes(const ContractionTree &tree, const NodeIndices &indices,
                                    size_t number, std::span<const double> log2Extents) {
  const Step &step = tree.step(number);
  auto total = [&](NodeId node) {
    double sum = 0;
    for (IndexId index : indices[node])
      sum += log2Extents[index];
    return sum;
  };
  StepSizes sizes{total(step.lhs), total(step.rhs), total(tree.resultOf(number)), 0};
  forEachInUnion(indices[step.lhs], indices[step.rhs],
                 [&](IndexId index) { sizes.ops += log2Extents[index]; });
  return sizes;
}

Score tenon::planner::scoreTree(const Network &network, const ContractionTree &tree,
                                const CostModel &model, std::span<const double> log2Extents) {
  NodeIndices indices(network, tree);
  ScoreSum sum(model);
  for (size_t step = 0; step < tree.numSteps(); ++step)
    sum.add(stepSizes(tree, indices, step, log2Extents));
  return sum.score();
}

Score tenon::planner::scoreSliced(const Network &network, const ContractionTree &tree,
                                  std::span<const IndexId> sliced, const CostModel &model) {
  MemoryModel memory;
  SliceState state(network, tree, memory);
  for (IndexId index : sliced)
    state.slice(index);
  if (!network.hasDensities())
    return state.score(model);
  NodeIndices indices(network, tree);
  std::vector<double> extents = network.log2Extents();
  for (IndexId index : sliced)
    extents[index] = 0;
  std::vector<double> shares = log2Shares(network, tree, indices, extents);
  double log2Slices = state.slices() > 0 ? std::log2(state.slices()) : 0, largest = log2Zero;
  Log2Sum sum, ops;
  for (size_t step = 0; step < tree.numSteps(); ++step) {
    NodeId result = tree.resultOf(step);
    double runs = state.isHoisted(result) ? 0 : log2Slices;
    StepSizes sizes = expectedSizes(state.sizes(step), tree.step(step), result, shares);
    double cost = model.step(sizes);
    largest = std::max(largest, cost);
    sum.add(cost + runs);
    ops.add(sizes.ops + runs);
  }
  return {model.accumulation() == Accumulation::Sum ? sum.log2() : largest, ops.log2()};
}

ContractionTree tenon::planner::orderForMemory(const Network &network, const ContractionTree &tree,
                                               std::span<const IndexId> sliced,
                                               const MemoryModel &memory) {
  SliceState state(network, tree, memory);
  for (IndexId index : sliced)
    state.slice(index);
  if (state.peakInOrder() <= state.leastPeak())
    return tree;
  return tree.reordered(state.orderOfLeastPeak());
}
