//===- RewirableTree.cpp - A tree whose inner nodes change ----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "RewirableTree.h"

#include <algorithm>

using namespace tenon::planner;

RewirableTree::RewirableTree(const ContractionTree &tree, const NodeIndices &indices,
                             std::span<const double> log2Extents)
    : weights(log2Extents), numLeaves(tree.numLeaves()), root(tree.root()), legs(tree.numNodes()),
      children(tree.numNodes()), stepCost(tree.numNodes(), log2Zero) {
  for (NodeId node = 0; node < tree.numNodes(); ++node) {
    legs[node].assign(indices[node].begin(), indices[node].end());
    if (!isLeaf(node))
      children[node] = tree.makerOf(node);
  }
}

std::vector<NodeId> RewirableTree::dearestFirst() const {
  std::vector<NodeId> order;
  for (NodeId node = numLeaves; node <= root; ++node)
    order.push_back(node);
  std::sort(order.begin(), order.end(), [&](NodeId a, NodeId b) {
    return stepCost[a] != stepCost[b] ? stepCost[a] > stepCost[b] : a < b;
  });
  return order;
}

double RewirableTree::sizeOf(const std::vector<IndexId> &indices) const {
  double sum = 0;
  for (IndexId index : indices)
    sum += weights[index];
  return sum;
}

void RewirableTree::chooseWindow(NodeId top, size_t width, Random *random) {
  frontier = {children[top].lhs, children[top].rhs};
  inner = {top};
  while (frontier.size() < width) {
    size_t chosen = frontier.size();
    double highest = 0;
    for (size_t i = 0; i < frontier.size(); ++i) {
      if (isLeaf(frontier[i]))
        continue;
      double value = random ? random->unit() : stepCost[frontier[i]];
      if (chosen == frontier.size() || value > highest) {
        chosen = i;
        highest = value;
      }
    }
    if (chosen == frontier.size())
      return;
    NodeId opened = frontier[chosen];
    inner.push_back(opened);
    frontier[chosen] = children[opened].lhs;
    frontier.push_back(children[opened].rhs);
  }
}
