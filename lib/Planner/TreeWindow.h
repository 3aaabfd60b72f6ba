//===- TreeWindow.h - A part of a tree, as a problem of its own -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to lib/Planner. In a large tree few steps decide the cost. A search on them alone sees
// a small network: its tensors are the subtrees that hang below.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Rearrange.h"
#include "tenon/Planner/Anneal.h"
#include "tenon/Planner/CostModel.h"
#include "tenon/Planner/Tree.h"

#include <span>
#include <vector>

namespace tenon::planner {

/// The top of a tree: a connected set of inner nodes with the root, and the subtrees below.
struct TreeWindow {
  Network network;
  /// The index of the whole network that each of the window's indices stands for.
  std::vector<IndexId> indices;
  /// log2 extents of the window's indices.
  std::vector<double> log2Extents;
  ContractionTree tree;
  /// The node of the whole tree that each of the window's tensors stands for.
  std::vector<NodeId> frontier;
};

/// The window of at most `mostLeaves` leaves, at least 2, that holds the dearest steps and the
/// ways from them to the root.
TreeWindow openDearest(const Network &network, const ContractionTree &tree, const CostModel &model,
                       std::span<const double> log2Extents, size_t mostLeaves);

/// `tree` with the window replaced by another tree over the same leaves.
ContractionTree replaceWindow(const ContractionTree &tree, const TreeWindow &window,
                              const ContractionTree &replacement);

/// The slices among `sliced` of indices that the window does not have.
OuterSlices outerSlices(const Network &network, const ContractionTree &tree,
                        const TreeWindow &window, std::span<const IndexId> sliced);

/// A larger tree is improved in a window of so many leaves.
inline constexpr size_t mostImprovedLeaves = 2000;

/// `anneal`, of a large tree its dearest window.
ContractionTree annealDearest(const Network &network, const ContractionTree &tree,
                              const CostModel &model, std::span<const double> log2Extents,
                              const AnnealOptions &options, const Budget &budget);

/// `rearrange`, of a large tree its dearest window.
ContractionTree rearrangeDearest(const Network &network, const ContractionTree &tree,
                                 const CostModel &model, std::span<const double> log2Extents,
                                 const RearrangeOptions &options, const Budget &budget);

/// `reconfigure`, of a large tree its dearest window.
ContractionTree reconfigureDearest(const Network &network, const ContractionTree &tree,
                                   const CostModel &model, std::span<const double> log2Extents,
                                   const Budget &budget);

} // namespace tenon::planner
