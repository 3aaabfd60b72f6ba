//===- TreeMeetings.h - Sizes of nodes without their indices ----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to lib/Planner. The sets of indices of all nodes of a tree take memory and time by the
// sum of all ranks, which is quadratic where a large network has no narrow tree. Their sizes do
// not: an index is on the ways from its tensors up to the node at which the last two of these ways
// meet, or to the root if it is open. So an index that n tensors have changes sizes at n tensors
// and n - 1 meetings only.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Tree.h"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace tenon::planner {

/// Calls `visit(index, node)` for every step whose operands both have `index`, where `node` is its
/// result: n - 1 times for an index that n tensors have, at last (of all nodes, the one with the
/// highest number) where nothing but the output needs it any more.
/// O(size of the network · log depth), and memory by tensors and indices.
template <typename Visit>
void forEachMeeting(const Network &network, const ContractionTree &tree, Visit &&visit) {
  constexpr NodeId none = std::numeric_limits<NodeId>::max();
  // Leaves have places from left to right, and between each two neighbours there is the node at
  // which their ways meet. Any two leaves meet at the highest node between them. Kept are the nodes
  // that are higher than all after them.
  struct Between {
    NodeId place;
    NodeId node;
  };
  std::vector<Between> highest;
  std::vector<NodeId> lastPlace(network.numIndices(), none);
  NodeId place = 0;
  auto visitLeaf = [&](NodeId leaf) {
    for (IndexId index : network.tensor(leaf)) {
      NodeId last = std::exchange(lastPlace[index], place);
      if (last == none || last == place)
        continue;
      auto found = std::lower_bound(
          highest.begin(), highest.end(), last,
          [](const Between &between, NodeId value) { return between.place < value; });
      visit(index, found->node);
    }
    ++place;
  };
  std::vector<NodeId> pending;
  for (NodeId node = tree.root();;) {
    for (; !tree.isLeaf(node); node = tree.makerOf(node).lhs)
      pending.push_back(node);
    visitLeaf(node);
    if (pending.empty())
      return;
    NodeId between = pending.back();
    pending.pop_back();
    while (!highest.empty() && highest.back().node < between)
      highest.pop_back();
    highest.push_back({place - 1, between});
    node = tree.makerOf(between).rhs;
  }
}

/// What each index is worth, multiplied over the indices that each node keeps, and over those that
/// each step has.
template <typename Product> struct TreeProducts {
  /// By node.
  std::vector<Product> nodes;
  /// By step: over the union of the operands' indices.
  std::vector<Product> steps;
  /// By index: the node that sums it, which does not keep it; the leaf if one tensor has it, and
  /// `kept` if it is open.
  std::vector<NodeId> summedBy;

  static constexpr NodeId kept = std::numeric_limits<NodeId>::max();

  /// `factors`: by index. A `Product` is a group: `a *= b`, `a.inverse()`, and `Product()` is one.
  TreeProducts(const Network &network, const Incidence &incidence, const ContractionTree &tree,
               std::span<const Product> factors)
      : nodes(tree.numNodes()), steps(tree.numSteps()), summedBy(network.numIndices(), kept) {
    for (IndexId index = 0; index < network.numIndices(); ++index)
      if (incidence.survivesReduction(index))
        for (NodeId leaf : incidence.holders(index))
          nodes[leaf] *= factors[index];
      else if (!incidence.holders(index).empty())
        summedBy[index] = incidence.holders(index).front();
    // What both operands have counts once, and what is summed leaves the result.
    forEachMeeting(network, tree, [&](IndexId index, NodeId node) {
      steps[node - tree.numLeaves()] *= factors[index].inverse();
      if (!incidence.isOpen(index))
        summedBy[index] = summedBy[index] == kept ? node : std::max(summedBy[index], node);
    });
    for (IndexId index = 0; index < network.numIndices(); ++index)
      if (NodeId node = summedBy[index]; node != kept && !tree.isLeaf(node))
        nodes[node] *= factors[index].inverse();
    for (size_t number = 0; number < tree.numSteps(); ++number) {
      auto [lhs, rhs] = tree.step(number);
      steps[number] *= nodes[lhs];
      steps[number] *= nodes[rhs];
      nodes[tree.resultOf(number)] *= steps[number];
    }
  }
};

} // namespace tenon::planner
