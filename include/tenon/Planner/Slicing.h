//===- Slicing.h - Slicing to a bound on memory -----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Chooses indices to slice so that the peak of live bytes stays within a bound.
//
// Greedy: take the index that adds least to the operations per bit by which it lowers what is
// above the bound, until the bound is kept; then put back what turned out to be unneeded. Seeded
// variations perturb the choice, and the cheapest result is kept. Where many slices are needed,
// the tree that was best unsliced is no longer good: `sliceAndReconfigure` reshapes it after
// every slice. Sources: Gray and Kourtis (Quantum 5, 410, 2021), Huang et al.
// (arXiv:2005.06787); here the bound is on the bytes of everything that is live.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Budget.h"
#include "tenon/Planner/Cost.h"
#include "tenon/Planner/Result.h"

#include <limits>
#include <optional>
#include <vector>

namespace tenon::planner {

struct SliceOptions {
  /// Bound on TreeCost::peakBytes; none if empty.
  std::optional<double> peakBytes;
  /// Bound on the elements of every intermediate and of the output, in one slice; none if empty.
  std::optional<double> largest;
  /// In `planNetwork` and `planTree`: whatever `peakBytes`, the smallest peak that slicing reaches,
  /// which is the one that the error of a bound names.
  bool smallestPeak = false;
  /// At least this many slices, say one for each worker.
  double minSlices = 1;
  /// No more slices than this: they are counted in 64 bits.
  double maxSlices = 0x1p59;
  /// Greedy runs; all but the first are perturbed.
  unsigned variations = 8;
  uint64_t seed = 0;
};

/// A tree and the indices that are sliced, ascending.
struct SlicedTree {
  ContractionTree tree;
  std::vector<IndexId> sliced;
};

/// Slices `tree` and orders its steps for memory. The error of a bound that no choice keeps
/// names the smallest peak that the search reaches, which is a bound that works.
Result<SlicedTree> sliceTree(const Network &network, const ContractionTree &tree,
                             const MemoryModel &memory, const SliceOptions &options);

/// What slicing reaches whatever the bound.
struct SliceReach {
  /// With at least SliceOptions::minSlices slices.
  double smallestPeak = std::numeric_limits<double>::infinity();
  double mostSlices = 1;
  /// Elements of the largest intermediate, where it was smallest.
  double smallestLargest = std::numeric_limits<double>::infinity();
  /// The smallest peak in slices that reach it.
  double peakAtSmallestLargest = std::numeric_limits<double>::infinity();

  /// What to tell the user when the limits cannot be kept.
  Error explain(const MemoryModel &memory, const SliceOptions &options) const;
};

/// `sliceTree` for callers that gather over several calls what to say when the limits cannot be
/// kept; empty then. A budget that has expired makes choices quick ones, and their result dearer.
std::optional<SlicedTree> sliceFixedTree(const Network &network, const ContractionTree &tree,
                                         const MemoryModel &memory, const SliceOptions &options,
                                         const Budget &budget, SliceReach &reach);

/// As `sliceTree`, and also tries `budget.sliceRounds` times to reshape the tree under `model`
/// after every slice. Never worse than `sliceTree`. Empty if no limits were kept that way; `reach`
/// gathers over several calls what to say then.
std::optional<SlicedTree> sliceAndReshape(const Network &network, const ContractionTree &tree,
                                          const MemoryModel &memory, const SliceOptions &options,
                                          const CostModel &model, const Budget &budget,
                                          SliceReach &reach);

/// Goes for the smallest peak there is until the limits are kept, with a reconfiguration after
/// every slice: the last resort, and slow on large trees. Nothing if `budget.sliceRounds` is 0.
std::optional<SlicedTree> sliceToSmallestPeak(const Network &network, const ContractionTree &tree,
                                              const MemoryModel &memory,
                                              const SliceOptions &options, const CostModel &model,
                                              const Budget &budget, SliceReach &reach);

/// One, and where it finds nothing the other.
std::optional<SlicedTree> sliceAndReconfigure(const Network &network, const ContractionTree &tree,
                                              const MemoryModel &memory,
                                              const SliceOptions &options, const CostModel &model,
                                              const Budget &budget, SliceReach &reach);

} // namespace tenon::planner
