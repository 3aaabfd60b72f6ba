//===- Slicer.h - Greedy choice of indices to slice -------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to lib/Planner: the choice that `sliceTree` and `sliceAndReconfigure` share.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "SliceGains.h"
#include "SliceState.h"
#include "tenon/Planner/Random.h"
#include "tenon/Planner/Slicing.h"

#include <optional>
#include <vector>

namespace tenon::planner {

/// What a choice works towards.
enum class SliceGoal {
  /// The limits of the options.
  Limits,
  /// The smallest peak there is. The choice does not depend on the bound: what one run reaches,
  /// a run with any other bound reaches too.
  SmallestPeak
};

/// Chooses slices of one tree. The arguments outlive it.
class Slicer {
public:
  Slicer(const Network &network, const ContractionTree &tree, const NodeIndices &indices,
         const MemoryModel &memory, const SliceOptions &options, const Budget &budget,
         SliceGoal goal);

  /// Whether bounds and number of slices are kept; a peak is that of the best depth-first order.
  bool keepsLimits() { return !exceeds(options.peakBytes) && keepsOtherLimits(); }
  /// The same where a peak is that of the tree's own order: a caller's may need less.
  bool keepsLimitsInOrder() {
    return (!options.peakBytes || state.peakInOrder() <= *options.peakBytes) && keepsOtherLimits();
  }
  /// Notes how far the search got.
  void note(SliceReach &reach);
  /// The next index to slice while the limits are not kept; nothing if none helps. `random`
  /// perturbs the choice, null takes the best. Does not ask the budget: there is no plan before the
  /// limits are kept. O(sum of ranks).
  std::optional<IndexId> choose(Random *random);
  /// Puts back indices, the one that saves most first, as long as the limits are still kept and
  /// the budget lasts.
  void putBackUnneeded();

  /// Whether an index is unsliced, and there is something to slice.
  bool canSlice(IndexId index) const;
  void slice(IndexId index) { state.slice(index); }
  /// Slices until the limits are kept; false if they cannot be.
  bool sliceToLimits();
  void clear();
  double log2Ops() const { return state.log2Ops(); }
  const std::vector<IndexId> &slicedIndices() const { return state.slicedIndices(); }

private:
  bool exceeds(std::optional<double> bound) { return bound && state.leastPeak() > *bound; }
  /// Whether an intermediate has more elements than the limit.
  bool exceedsLargest() const { return options.largest && largestResult() > *options.largest; }
  bool keepsOtherLimits() const {
    return !exceedsLargest() && hasEnoughSlices() && state.slices() <= options.maxSlices;
  }
  /// Elements of the largest result of a step.
  double largestResult() const;
  bool hasEnoughSlices() const { return state.slices() >= options.minSlices; }
  std::optional<IndexId> chooseForSize(Random *random);
  std::optional<IndexId> chooseForCount(Random *random);

  const Network &network;
  const ContractionTree &tree;
  const SliceOptions &options;
  const Budget &budget;
  SliceGoal goal;
  SliceState state;
  SliceGains gains;
  /// Not so are indices that are summed within their only tensor, before any step: there is nothing
  /// to slice.
  std::vector<bool> isInSteps;
};

} // namespace tenon::planner
