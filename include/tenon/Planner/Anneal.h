//===- Anneal.h - Simulated annealing of contraction trees ------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Budget.h"
#include "tenon/Planner/CostModel.h"
#include "tenon/Planner/Slicing.h"
#include "tenon/Planner/Tree.h"

#include <cstdint>
#include <span>
#include <vector>

namespace tenon::planner {

struct AnnealOptions {
  /// Passes over the tree; each tries one rotation at every inner node.
  uint64_t sweeps = 1000;
  /// Temperatures at the first and the last sweep, in log2 of the cost of two adjacent steps;
  /// geometric in between.
  double hottest = 1;
  double coldest = 0.05;
  uint64_t seed = 0;
};

/// Improves a tree by random rotations: ((a b) c) becomes ((a c) b) or ((b c) a). What a rotation
/// changes is the cost of two steps; it is accepted by the Metropolis rule on the log2 of their
/// sum. Returns the best tree met, which is never worse than `tree`. Stops early when the budget
/// expires; the budget's threads are not used.
/// Time: O(sweeps · tensors · indices / 64). Memory: O(tensors · indices / 64).
/// Source of the moves: Kalachev, Panteleev, Yung, arXiv:2108.05665.
ContractionTree anneal(const Network &network, const ContractionTree &tree, const CostModel &model,
                       std::span<const double> log2Extents, const AnnealOptions &options,
                       const Budget &budget);

/// Slices of indices that a network lacks, since it is a part of another.
struct OuterSlices {
  /// The tensors that are different in each slice, each once.
  std::vector<NodeId> tensors;
  double log2Slices = 0;
};

/// Anneals a tree together with its sliced indices. After every sweep, indices are sliced, put back
/// or exchanged for others, and each change accepted by the Metropolis rule on the log2 of the cost
/// of all steps in all slices, hoisted ones once. What makes slices worth their price is `model`:
/// it must charge for results that are too large. Returns the best pair met; it need not keep any
/// limit. Of `start.sliced`, indices of extent 1 by `log2Extents` are dropped. Slices ascend.
/// `outer` are slices that stay.
SlicedTree annealSlices(const Network &network, const SlicedTree &start, const CostModel &model,
                        std::span<const double> log2Extents, const AnnealOptions &options,
                        const Budget &budget, const OuterSlices &outer = {});

} // namespace tenon::planner
