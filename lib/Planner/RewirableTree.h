//===- RewirableTree.h - A tree whose inner nodes change --------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to lib/Planner. What searches have in common that replace the top of a subtree, again and
// again, by a better tree over the same nodes.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Cost.h"
#include "tenon/Planner/Random.h"

#include <span>
#include <vector>

namespace tenon::planner {

/// A contraction tree whose inner nodes can be rewired, with the costs of its steps, which the
/// derived class keeps up to date.
class RewirableTree {
public:
  /// The extents must outlive the tree.
  RewirableTree(const ContractionTree &tree, const NodeIndices &indices,
                std::span<const double> log2Extents);

  bool isLeaf(NodeId node) const { return node < numLeaves; }
  /// Inner nodes, dearest first.
  std::vector<NodeId> dearestFirst() const;

protected:
  double sizeOf(const std::vector<IndexId> &indices) const;
  /// Fills `frontier` with up to `width` nodes below `top`, and `inner` with those above them,
  /// `top` first. Nodes are opened at random, or dearest first without `random`.
  void chooseWindow(NodeId top, size_t width, Random *random);

  std::span<const double> weights;
  NodeId numLeaves, root;
  /// Indices of each node, ascending.
  std::vector<std::vector<IndexId>> legs;
  /// By node; of inner ones.
  std::vector<Step> children;
  std::vector<double> stepCost;
  /// The window at work.
  std::vector<NodeId> frontier, inner;
};

} // namespace tenon::planner
