//===- ExactCentre.h - Trees without a root ---------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the planner. A contraction tree without its root: every step is a vertex between three
// sets of leaves, of which the output is one where it has indices. What a step costs follows from
// the three sets alone: the multiply-adds are the elements of the indices that two of them have or
// all three, and a result has those that both sides of its edge have.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ExactParts.h"

#include <array>

namespace tenon::planner {

/// `problem` without a root: what is open belongs to one more leaf, the output, if there is any.
/// Indices of one element are left out.
ExactProblem withOutputAsLeaf(const ExactProblem &problem);

class UnrootedTree {
public:
  /// \pre `numLeaves` >= 3.
  explicit UnrootedTree(uint32_t numLeaves)
      : vertices(numLeaves, {nowhere, nowhere, nowhere}), numLeaves(numLeaves) {}

  /// Adds a vertex between what `a`, `b` and, later, another vertex are.
  uint32_t addVertex(uint32_t a, uint32_t b);
  /// Adds the last vertex.
  void addCentre(uint32_t a, uint32_t b, uint32_t c);

  /// The tree of `problem`'s leaves with its root where the leaf `leaf` is.
  ExactTree rootedAtLeaf(uint32_t leaf, const ExactProblem &problem, const CostModel &model) const;
  /// With its root between `node` and what was made of it.
  ExactTree rootedAbove(uint32_t node, const ExactProblem &problem, const CostModel &model) const;

private:
  static constexpr uint32_t nowhere = std::numeric_limits<uint32_t>::max();
  class Rooting;

  /// What each node meets: made of it, then what it is made of.
  std::vector<std::array<uint32_t, 3>> vertices;
  uint32_t numLeaves;
};

} // namespace tenon::planner
