//===- Tree.h - Contraction trees in SSA form -------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The canonical form of a contraction order: tensor t of the network is node t, and step s
// contracts two nodes into node numLeaves + s. The steps are also an order of execution.
//
// A node keeps the indices that the output or another remaining node still needs. Leaves are
// reduced first: repeated indices become one, indices that nothing else needs are summed. So
// the indices of a node depend only on the set of tensors below it.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Network.h"

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tenon::planner {

/// Contracts nodes `lhs` and `rhs`, pairwise.
struct Step {
  NodeId lhs;
  NodeId rhs;
  friend bool operator==(const Step &, const Step &) = default;
};

class ContractionTree {
public:
  /// The tree of a network without a tensor; exists so that trees can be declared and assigned.
  ContractionTree() = default;
  /// A tree of `numLeaves` tensors; `steps` must pass `check`.
  ContractionTree(NodeId numLeaves, std::vector<Step> steps);

  /// What keeps `steps` from being a tree over `numLeaves` tensors, or nothing: there must be
  /// numLeaves - 1 steps, and each may use only earlier nodes, each node once.
  static std::optional<std::string> check(NodeId numLeaves, std::span<const Step> steps);

  NodeId numLeaves() const { return leafCount; }
  NodeId numNodes() const { return leafCount + static_cast<NodeId>(stepList.size()); }
  size_t numSteps() const { return stepList.size(); }
  std::span<const Step> steps() const { return stepList; }
  const Step &step(size_t number) const { return stepList[number]; }
  NodeId resultOf(size_t step) const { return leafCount + static_cast<NodeId>(step); }
  bool isLeaf(NodeId node) const { return node < leafCount; }
  /// The step that makes `node`, which must not be a leaf.
  const Step &makerOf(NodeId node) const { return stepList[node - leafCount]; }
  NodeId root() const { return numNodes() - 1; }

  /// The same tree with its steps executed in `order`, a list of step numbers in which every
  /// step follows those that make its operands. Intermediates are renumbered.
  ContractionTree reordered(std::span<const size_t> order) const;

  friend bool operator==(const ContractionTree &, const ContractionTree &) = default;

private:
  NodeId leafCount = 0;
  std::vector<Step> stepList;
};

/// The tree whose inner node `numLeaves + i` has the operands `children[i]`, in whatever order the
/// inner nodes are numbered; the last one is the root. Steps are those of a depth-first walk.
ContractionTree treeFromChildren(NodeId numLeaves, std::span<const Step> children);

/// The indices that each node of a tree keeps, ascending. Memory and time are linear in the sum
/// of all ranks.
class NodeIndices {
public:
  NodeIndices(const Network &network, const ContractionTree &tree);

  std::span<const IndexId> operator[](NodeId node) const {
    return {indices.data() + begin[node], begin[node + 1] - begin[node]};
  }
  /// Whether making leaf `node` ready sums over an index, so that it cannot be a view.
  bool leafIsSummed(NodeId node) const { return summedLeaf[node]; }

private:
  std::vector<size_t> begin;
  std::vector<IndexId> indices;
  std::vector<bool> summedLeaf;
};

/// Calls `visit(index)` for every index of `a` or `b`, both ascending, in ascending order.
template <typename Visitor>
void forEachInUnion(std::span<const IndexId> a, std::span<const IndexId> b, Visitor &&visit) {
  size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    if (j == b.size() || (i < a.size() && a[i] < b[j])) {
      visit(a[i++]);
    } else {
      if (i < a.size() && a[i] == b[j])
        ++i;
      visit(b[j++]);
    }
  }
}

} // namespace tenon::planner
