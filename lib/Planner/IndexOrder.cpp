//===- IndexOrder.cpp - In which order intermediates are stored -----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/IndexOrder.h"

#include <algorithm>
#include <tuple>

using namespace tenon::planner;

std::vector<std::vector<IndexId>>
tenon::planner::orderIntermediates(const Network &network, const ContractionTree &tree,
                                   const NodeIndices &nodeIndices) {
  // The step that sums an index is the last in which it is on an operand; open indices live on.
  std::vector<size_t> summedBy(network.numIndices(), 0), placeInOutput(network.numIndices(), 0);
  for (size_t step = 0; step < tree.numSteps(); ++step)
    for (NodeId operand : {tree.step(step).lhs, tree.step(step).rhs})
      for (IndexId index : nodeIndices[operand])
        summedBy[index] = step;
  for (size_t place = 0; place < network.output().size(); ++place) {
    IndexId index = network.output()[place];
    summedBy[index] = tree.numSteps();
    placeInOutput[index] = place;
  }
  std::vector<std::vector<IndexId>> order(tree.numNodes());
  for (NodeId node = tree.numLeaves(); node < tree.numNodes(); ++node) {
    order[node].assign(nodeIndices[node].begin(), nodeIndices[node].end());
    std::sort(order[node].begin(), order[node].end(), [&](IndexId a, IndexId b) {
      return std::tie(summedBy[a], placeInOutput[a], a) <
             std::tie(summedBy[b], placeInOutput[b], b);
    });
  }
  if (tree.numSteps() > 0)
    order[tree.root()].assign(network.output().begin(), network.output().end());
  return order;
}
