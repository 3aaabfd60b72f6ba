//===- Rearrange.h - Improvement of trees by bisecting windows --*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the planner. Takes a window of some 10 to 200 nodes out of a tree, finds another tree
// over them by bisection, and keeps it if it is no worse. Between reconfiguration, which is exact
// but sees a handful of nodes, and annealing, whose moves are single rotations.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Budget.h"
#include "tenon/Planner/Tree.h"

#include <span>

namespace tenon::planner {

struct RearrangeOptions {
  /// Windows that are looked at. One takes a millisecond or two.
  uint64_t windows = 1000;
  uint64_t seed = 0;
};

/// Improves `tree` under `model`; the result is never worse. Stops early when the budget expires;
/// the budget's threads are not used. What follows a window that was replaced is linear in the
/// tree: above some thousand tensors, apply it to the tree's dearest part.
ContractionTree rearrange(const Network &network, const ContractionTree &tree,
                          const CostModel &model, std::span<const double> log2Extents,
                          const RearrangeOptions &options, const Budget &budget);

} // namespace tenon::planner
