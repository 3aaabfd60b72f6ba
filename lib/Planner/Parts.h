//===- Parts.h - Networks whose parts share nothing --------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the planner. Parts are planned one by one, and their results joined by outer products.
// Of two parts, a tree that mixes them costs at least half as much as the one made here: a step
// that does something in both costs the product of what it does in each, which is the sum or more,
// once extents of 1 are out of the way; and the last step costs as much as the outer product.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/CostModel.h"
#include "tenon/Planner/Tree.h"

#include <span>
#include <vector>

namespace tenon::planner {

/// A connected part as a network of its own.
struct NetworkPart {
  Network network;
  /// The tensors of the whole network that it has, ascending.
  std::vector<NodeId> tensors;
  /// The index of the whole network that each of its own is, ascending.
  std::vector<IndexId> indices;
};

/// The connected parts, in the order of their first tensors. Time is near-linear.
std::vector<NetworkPart> splitIntoParts(const Network &network);

/// The tree of the whole out of a tree for each part: part by part, then outer products of their
/// results. Of up to `mostOrderedParts` parts the products are the cheapest by `model`; of more,
/// smallest first. `log2Extents` are the whole's.
ContractionTree joinParts(const Network &network, std::span<const NetworkPart> parts,
                          std::span<const ContractionTree> trees,
                          std::span<const double> log2Extents, const CostModel &model);

inline constexpr size_t mostOrderedParts = 12;

} // namespace tenon::planner
