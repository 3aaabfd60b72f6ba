//===- Reroot.cpp - A tree for a part of its tensors ----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Reroot.h"

#include <array>
#include <vector>

using namespace tenon::planner;

namespace {

/// The unrooted tree. Its vertices are the nodes but the root, whose operands are neighbours.
class UnrootedTree {
public:
  explicit UnrootedTree(const ContractionTree &tree) : neighbours(tree.numNodes()) {
    for (auto &list : neighbours)
      list = {noTensor, noTensor, noTensor};
    for (NodeId node = tree.numLeaves(); node < tree.root(); ++node)
      for (NodeId operand : {tree.makerOf(node).lhs, tree.makerOf(node).rhs})
        connect(node, operand);
    connect(tree.makerOf(tree.root()).lhs, tree.makerOf(tree.root()).rhs);
  }

  const std::array<NodeId, 3> &operator[](NodeId node) const { return neighbours[node]; }

private:
  void connect(NodeId a, NodeId b) {
    add(a, b);
    add(b, a);
  }
  void add(NodeId node, NodeId other) {
    for (NodeId &place : neighbours[node])
      if (place == noTensor) {
        place = other;
        return;
      }
  }

  std::vector<std::array<NodeId, 3>> neighbours;
};

} // namespace

ContractionTree tenon::planner::restrictTree(const ContractionTree &tree,
                                             std::span<const NodeId> tensorOf, NodeId numTensors,
                                             std::optional<NodeId> rootLeaf) {
  if (tree.numSteps() == 0)
    return {numTensors, {}};
  UnrootedTree unrooted(tree);
  std::vector<Step> steps;
  auto join = [&](NodeId a, NodeId b) {
    if (a == noTensor || b == noTensor)
      return a == noTensor ? b : a;
    steps.push_back({a, b});
    return numTensors + static_cast<NodeId>(steps.size() - 1);
  };
  std::vector<NodeId> made(tree.numNodes(), noTensor);
  /// What lies behind `start` as seen from `origin`.
  auto build = [&](NodeId start, NodeId origin) {
    std::vector<std::pair<NodeId, NodeId>> order = {{start, origin}};
    for (size_t next = 0; next < order.size(); ++next) {
      auto [node, from] = order[next];
      for (NodeId other : unrooted[node])
        if (other != noTensor && other != from)
          order.emplace_back(other, node);
    }
    for (size_t next = order.size(); next-- > 0;) {
      auto [node, from] = order[next];
      NodeId value = tree.isLeaf(node) ? tensorOf[node] : noTensor;
      for (NodeId other : unrooted[node])
        if (other != noTensor && other != from)
          value = join(value, made[other]);
      made[node] = value;
    }
    return made[start];
  };
  NodeId left = rootLeaf ? *rootLeaf : tree.makerOf(tree.root()).lhs;
  NodeId right = rootLeaf ? unrooted[*rootLeaf][0] : tree.makerOf(tree.root()).rhs;
  NodeId a = build(left, right), b = build(right, left);
  join(a, b);
  return {numTensors, std::move(steps)};
}
