//===- Reroot.h - A tree for a part of its tensors --------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to lib/Planner. A contraction tree without its root is an unrooted tree with a value in
// each direction of every edge: the contraction of the tensors behind it. Wherever the root is
// placed, the tree consists of such values. So all networks that one unrooted tree gives, with the
// root at another leaf each, take three contractions of the whole, whatever their number: each
// inner vertex combines two of its three edges.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Tree.h"

#include <limits>
#include <optional>
#include <span>

namespace tenon::planner {

inline constexpr NodeId noTensor = std::numeric_limits<NodeId>::max();

/// The tree that `tree` becomes over the leaves that are left: `tensorOf[leaf]` is the new number
/// of a leaf, below `numTensors`, or `noTensor`. With `rootLeaf` the root moves to the edge of that
/// leaf, which need not be left itself. O(nodes).
ContractionTree restrictTree(const ContractionTree &tree, std::span<const NodeId> tensorOf,
                             NodeId numTensors, std::optional<NodeId> rootLeaf);

} // namespace tenon::planner
