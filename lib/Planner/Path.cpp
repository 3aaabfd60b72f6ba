//===- Path.cpp - Contraction paths of users, in three forms --------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/Path.h"

#include <algorithm>
#include <bit>
#include <string>

using namespace tenon::planner;

namespace {

/// A list from which elements are removed by position, in O(log n): a Fenwick tree that counts
/// the elements still there.
class ShrinkingList {
public:
  explicit ShrinkingList(size_t capacity) : counts(capacity + 1, 0) {}

  void append(NodeId node) {
    nodes.push_back(node);
    adjust(nodes.size(), 1);
    ++live;
  }
  size_t size() const { return live; }
  /// Where the element at `position` of the remaining ones is stored.
  size_t slotAt(size_t position) const {
    size_t slot = 0;
    for (size_t bit = std::bit_floor(counts.size()); bit; bit >>= 1)
      if (slot + bit < counts.size() && counts[slot + bit] <= static_cast<int64_t>(position)) {
        slot += bit;
        position -= static_cast<size_t>(counts[slot]);
      }
    return slot;
  }
  /// How many remaining elements stand before `slot`.
  size_t positionOf(size_t slot) const {
    int64_t before = 0;
    for (size_t i = slot; i; i &= i - 1)
      before += counts[i];
    return static_cast<size_t>(before);
  }
  NodeId nodeIn(size_t slot) const { return nodes[slot]; }
  void remove(size_t slot) {
    adjust(slot + 1, -1);
    --live;
  }

private:
  void adjust(size_t i, int64_t by) {
    for (; i < counts.size(); i += i & (~i + 1))
      counts[i] += by;
  }

  std::vector<int64_t> counts;
  std::vector<NodeId> nodes;
  size_t live = 0;
};

/// Contracts `operands` pairwise from the left and returns the node of the result.
NodeId contractInOrder(NodeId numTensors, std::span<const NodeId> operands,
                       std::vector<Step> &steps) {
  NodeId result = operands.front();
  for (NodeId operand : operands.subspan(1)) {
    steps.push_back({result, operand});
    result = numTensors + static_cast<NodeId>(steps.size()) - 1;
  }
  return result;
}

std::string stepText(size_t step) { return "step " + std::to_string(step) + " of the path "; }

/// Contracts everything that was not used, in order, and makes the tree.
ContractionTree complete(NodeId numTensors, std::span<const NodeId> remaining,
                         std::vector<Step> steps) {
  contractInOrder(numTensors, remaining, steps);
  return {numTensors, std::move(steps)};
}

} // namespace

Result<ContractionTree> tenon::planner::treeFromLinearPath(NodeId numTensors, const Path &path) {
  if (numTensors == 0)
    return Error{"a path needs a network with at least one tensor"};
  ShrinkingList list(numTensors + path.size());
  for (NodeId node = 0; node < numTensors; ++node)
    list.append(node);
  std::vector<Step> steps;
  std::vector<size_t> slots;
  std::vector<NodeId> operands;
  for (size_t number = 0; number < path.size(); ++number) {
    if (path[number].empty())
      return Error{stepText(number) + "names no tensor; expected one or more positions"};
    slots.clear();
    operands.clear();
    for (int64_t position : path[number]) {
      if (position < 0 || static_cast<size_t>(position) >= list.size())
        return Error{stepText(number) + "names position " + std::to_string(position) + ", but " +
                     std::to_string(list.size()) + " tensors remain there; expected 0 to " +
                     std::to_string(list.size() - 1)};
      slots.push_back(list.slotAt(static_cast<size_t>(position)));
      operands.push_back(list.nodeIn(slots.back()));
    }
    std::sort(slots.begin(), slots.end());
    if (auto twice = std::adjacent_find(slots.begin(), slots.end()); twice != slots.end())
      return Error{stepText(number) + "names position " + std::to_string(list.positionOf(*twice)) +
                   " twice; a tensor is contracted once"};
    for (size_t slot : slots)
      list.remove(slot);
    list.append(contractInOrder(numTensors, operands, steps));
  }
  std::vector<NodeId> remaining;
  for (size_t position = 0; position < list.size(); ++position)
    remaining.push_back(list.nodeIn(list.slotAt(position)));
  return complete(numTensors, remaining, std::move(steps));
}

Result<ContractionTree> tenon::planner::treeFromSsaPath(NodeId numTensors, const Path &path) {
  if (numTensors == 0)
    return Error{"a path needs a network with at least one tensor"};
  // The node that each SSA number stands for, and the step that used it.
  constexpr int64_t unused = -1;
  std::vector<NodeId> nodeOf;
  std::vector<int64_t> usedBy;
  nodeOf.reserve(numTensors + path.size());
  usedBy.reserve(numTensors + path.size());
  for (NodeId node = 0; node < numTensors; ++node) {
    nodeOf.push_back(node);
    usedBy.push_back(unused);
  }
  std::vector<Step> steps;
  std::vector<NodeId> operands;
  for (size_t number = 0; number < path.size(); ++number) {
    if (path[number].empty())
      return Error{stepText(number) + "names no tensor; expected one or more tensors"};
    operands.clear();
    for (int64_t id : path[number]) {
      if (id < 0 || static_cast<size_t>(id) >= nodeOf.size())
        return Error{stepText(number) + "names tensor " + std::to_string(id) +
                     ", which does not exist there; expected 0 to " +
                     std::to_string(nodeOf.size() - 1)};
      int64_t &user = usedBy[static_cast<size_t>(id)];
      if (user == static_cast<int64_t>(number))
        return Error{stepText(number) + "names tensor " + std::to_string(id) +
                     " twice; a tensor is contracted once"};
      if (user != unused)
        return Error{stepText(number) + "names tensor " + std::to_string(id) + ", which step " +
                     std::to_string(user) + " already contracted; each tensor is used once"};
      user = static_cast<int64_t>(number);
      operands.push_back(nodeOf[static_cast<size_t>(id)]);
    }
    nodeOf.push_back(contractInOrder(numTensors, operands, steps));
    usedBy.push_back(unused);
  }
  std::vector<NodeId> remaining;
  for (size_t id = 0; id < nodeOf.size(); ++id)
    if (usedBy[id] == unused)
      remaining.push_back(nodeOf[id]);
  return complete(numTensors, remaining, std::move(steps));
}

Result<ContractionTree> tenon::planner::treeFromEdgePath(const Network &network,
                                                         std::span<const int64_t> path) {
  NodeId numTensors = network.numTensors();
  if (numTensors == 0)
    return Error{"a path needs a network with at least one tensor"};
  Incidence incidence(network);
  std::vector<bool> seen(network.numIndices(), false);
  std::vector<Step> steps;
  // Union-find over all nodes: the remaining node that contains each one.
  std::vector<NodeId> parent(numTensors * size_t{2} - 1);
  for (NodeId node = 0; node < parent.size(); ++node)
    parent[node] = node;
  auto find = [&](NodeId node) {
    while (parent[node] != node)
      node = parent[node] = parent[parent[node]];
    return node;
  };
  std::vector<NodeId> operands;
  auto contract = [&] {
    NodeId firstMade = numTensors + static_cast<NodeId>(steps.size());
    NodeId result = contractInOrder(numTensors, operands, steps);
    for (NodeId operand : operands)
      parent[operand] = result;
    for (NodeId made = firstMade; made < result; ++made)
      parent[made] = result;
  };
  for (size_t number = 0; number < path.size(); ++number) {
    int64_t index = path[number];
    if (index < 0 || index >= static_cast<int64_t>(network.numIndices()))
      return Error{"element " + std::to_string(number) + " of the edge path is index " +
                   std::to_string(index) + ", which the network does not have; expected 0 to " +
                   std::to_string(static_cast<int64_t>(network.numIndices()) - 1)};
    if (seen[static_cast<size_t>(index)])
      return Error{"element " + std::to_string(number) + " of the edge path repeats index " +
                   std::to_string(index) + "; an index is eliminated once"};
    seen[static_cast<size_t>(index)] = true;
    operands.clear();
    for (NodeId holder : incidence.holders(static_cast<IndexId>(index)))
      operands.push_back(find(holder));
    std::sort(operands.begin(), operands.end());
    operands.erase(std::unique(operands.begin(), operands.end()), operands.end());
    if (operands.size() > 1)
      contract();
  }
  operands.clear();
  for (NodeId node = 0; node < numTensors + steps.size(); ++node)
    if (parent[node] == node)
      operands.push_back(node);
  return complete(numTensors, operands, std::move(steps));
}

Path tenon::planner::toLinearPath(const ContractionTree &tree) {
  ShrinkingList list(tree.numNodes());
  // Nodes are appended in the order of their numbers: node n is stored in slot n.
  for (NodeId leaf = 0; leaf < tree.numLeaves(); ++leaf)
    list.append(leaf);
  Path path;
  path.reserve(tree.numSteps());
  for (size_t number = 0; number < tree.numSteps(); ++number) {
    auto [low, high] = std::minmax(tree.step(number).lhs, tree.step(number).rhs);
    path.push_back(
        {static_cast<int64_t>(list.positionOf(low)), static_cast<int64_t>(list.positionOf(high))});
    list.remove(low);
    list.remove(high);
    list.append(tree.resultOf(number));
  }
  return path;
}

Path tenon::planner::toSsaPath(const ContractionTree &tree) {
  Path path;
  path.reserve(tree.numSteps());
  for (const Step &step : tree.steps())
    path.push_back({static_cast<int64_t>(step.lhs), static_cast<int64_t>(step.rhs)});
  return path;
}

std::vector<IndexId> tenon::planner::toEdgePath(const Network &network,
                                                const ContractionTree &tree) {
  NodeIndices indices(network, tree);
  std::vector<IndexId> path;
  for (size_t number = 0; number < tree.numSteps(); ++number) {
    const Step &step = tree.step(number);
    std::span<const IndexId> result = indices[tree.resultOf(number)];
    forEachInUnion(indices[step.lhs], indices[step.rhs], [&](IndexId index) {
      if (!std::binary_search(result.begin(), result.end(), index))
        path.push_back(index);
    });
  }
  return path;
}
