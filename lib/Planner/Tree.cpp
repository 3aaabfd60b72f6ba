//===- Tree.cpp - Contraction trees in SSA form ---------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/Tree.h"

#include "tenon/Support/Assert.h"

#include <algorithm>

using namespace tenon::planner;

ContractionTree::ContractionTree(NodeId numLeaves, std::vector<Step> steps)
    : leafCount(numLeaves), stepList(std::move(steps)) {
  TENON_ASSERT(!check(leafCount, stepList), "steps are not a tree");
}

std::optional<std::string> ContractionTree::check(NodeId numLeaves, std::span<const Step> steps) {
  if (numLeaves == 0)
    return "a contraction tree has at least one tensor";
  if (steps.size() != numLeaves - size_t{1})
    return "a tree over " + std::to_string(numLeaves) + " tensors has " +
           std::to_string(numLeaves - 1) + " steps, found " + std::to_string(steps.size());
  std::vector<bool> used(numLeaves + steps.size(), false);
  for (size_t number = 0; number < steps.size(); ++number)
    for (NodeId operand : {steps[number].lhs, steps[number].rhs}) {
      if (operand >= numLeaves + number)
        return "step " + std::to_string(number) + " uses node " + std::to_string(operand) +
               ", which does not exist before it; nodes 0 to " +
               std::to_string(numLeaves + number - 1) + " do";
      if (used[operand])
        return "step " + std::to_string(number) + " uses node " + std::to_string(operand) +
               ", which was already used";
      used[operand] = true;
    }
  return std::nullopt;
}

ContractionTree ContractionTree::reordered(std::span<const size_t> order) const {
  TENON_ASSERT(order.size() == stepList.size(), "every step stands in the order once");
  std::vector<NodeId> renamed(numNodes());
  for (NodeId leaf = 0; leaf < leafCount; ++leaf)
    renamed[leaf] = leaf;
  std::vector<Step> steps;
  steps.reserve(order.size());
  for (size_t old : order) {
    renamed[resultOf(old)] = leafCount + static_cast<NodeId>(steps.size());
    steps.push_back({renamed[stepList[old].lhs], renamed[stepList[old].rhs]});
  }
  return {leafCount, std::move(steps)};
}

NodeIndices::NodeIndices(const Network &network, const ContractionTree &tree) {
  TENON_ASSERT(network.numTensors() == tree.numLeaves(), "the tree is of another network");
  Incidence incidence(network);
  begin.reserve(tree.numNodes() + size_t{1});
  begin.push_back(0);
  summedLeaf.resize(tree.numLeaves());
  // How many of the remaining nodes, the output among them, need each index.
  std::vector<NodeId> needed(network.numIndices(), 0);
  for (IndexId index = 0; index < network.numIndices(); ++index)
    needed[index] = static_cast<NodeId>(incidence.holders(index).size()) + incidence.isOpen(index);

  for (NodeId leaf = 0; leaf < tree.numLeaves(); ++leaf) {
    size_t first = indices.size();
    for (IndexId index : network.tensor(leaf)) {
      if (needed[index] > 1)
        indices.push_back(index);
      else
        summedLeaf[leaf] = true;
    }
    std::sort(indices.begin() + first, indices.end());
    indices.erase(std::unique(indices.begin() + first, indices.end()), indices.end());
    begin.push_back(indices.size());
  }
  for (const Step &step : tree.steps()) {
    size_t i = begin[step.lhs], lhsEnd = begin[step.lhs + 1];
    size_t j = begin[step.rhs], rhsEnd = begin[step.rhs + 1];
    while (i < lhsEnd || j < rhsEnd) {
      if (j == rhsEnd || (i < lhsEnd && indices[i] < indices[j])) {
        indices.push_back(indices[i++]);
      } else if (i == lhsEnd || indices[j] < indices[i]) {
        indices.push_back(indices[j++]);
      } else {
        // In both: two nodes that need it become one.
        IndexId shared = indices[i++];
        ++j;
        if (--needed[shared] > 1)
          indices.push_back(shared);
      }
    }
    begin.push_back(indices.size());
  }
}

ContractionTree tenon::planner::treeFromChildren(NodeId numLeaves,
                                                 std::span<const Step> children) {
  if (children.empty())
    return {numLeaves, {}};
  std::vector<Step> steps;
  std::vector<NodeId> renamed(numLeaves + children.size());
  for (NodeId leaf = 0; leaf < numLeaves; ++leaf)
    renamed[leaf] = leaf;
  auto root = static_cast<NodeId>(renamed.size() - 1);
  std::vector<std::pair<NodeId, bool>> stack = {{root, false}};
  while (!stack.empty()) {
    auto [node, operandsDone] = stack.back();
    stack.pop_back();
    if (node < numLeaves)
      continue;
    auto [lhs, rhs] = children[node - numLeaves];
    if (operandsDone) {
      renamed[node] = numLeaves + static_cast<NodeId>(steps.size());
      steps.push_back({renamed[lhs], renamed[rhs]});
      continue;
    }
    stack.push_back({node, true});
    stack.push_back({rhs, false});
    stack.push_back({lhs, false});
  }
  return {numLeaves, std::move(steps)};
}
