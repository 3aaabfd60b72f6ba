//===- Cost.h - What a tree costs, sliced or not ----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The figures of a contraction tree and a set of sliced indices: operations, sizes, and the
// peak of the bytes that are live at once. Slicing an index runs the tree once for each of its
// values. A step with no sliced index below it gives the same result in every slice: it is
// *hoisted*, that is, run once before all slices.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/CostModel.h"
#include "tenon/Planner/Tree.h"

#include <functional>
#include <limits>
#include <span>
#include <vector>

namespace tenon::planner {

/// What occupies memory beside the network's inputs and its final output, which are the
/// caller's and not counted.
///
/// An intermediate is live from the step that makes it to the step that consumes it, both
/// included: while a step runs, both operands and the result are live. Hoisted results that
/// slices read are live during all slices, once. Every thread that runs slices has a set of
/// everything else. A leaf that must be summed first is an intermediate of its consuming step.
/// Where several threads run slices, each has an accumulator of the whole output all the time; one
/// thread accumulates in the caller's output.
struct MemoryModel {
  /// Slices that run at the same time (fewer if there are fewer slices).
  unsigned threads = 1;
  /// Every buffer is rounded up to a multiple of this many bytes.
  int64_t alignment = 1;
  /// Bytes that a step needs while it runs (packing buffers), from its sizes in one slice; or
  /// empty. Must be a pure function.
  std::function<double(const StepSizes &sizes)> extraBytes;
  /// A step outside slices of this many multiply-adds runs on all threads, each of which needs
  /// `extraBytes`.
  double sharedFromOps = std::numeric_limits<double>::infinity();
};

/// A figure that is 0, of a network with an extent of 0 say, has the logarithm `log2Zero`.
struct TreeCost {
  /// Multiply-adds in all slices together, hoisted steps once. Exact below 2^53.
  double ops = 0;
  double log2Ops = log2Zero;
  /// The part of `ops` in hoisted steps; 0 if nothing is sliced.
  double hoistedOps = 0;
  /// The multiply-adds of two factors that are not zero, as Density.h expects them; `ops` if the
  /// network has no densities.
  double expectedOps = 0;
  double log2ExpectedOps = log2Zero;
  /// Elements of the largest result of a step, in one slice; the final output included.
  double largest = 0;
  double log2Largest = log2Zero;
  /// Elements written in all slices together.
  double writes = 0;
  double log2Writes = log2Zero;
  /// Product of the extents of the sliced indices.
  double slices = 1;
  /// Most bytes live at once, as MemoryModel defines.
  double peakBytes = 0;
};

/// Counts a tree. `sliced` must hold indices of the network, each once. O(size of the network ·
/// log depth), whatever the ranks of the nodes; with slices also the nodes that have one.
TreeCost evaluateTree(const Network &network, const ContractionTree &tree,
                      std::span<const IndexId> sliced = {}, const MemoryModel &memory = {});

/// The bytes that are live while each step runs, as MemoryModel defines, in the order of execution:
/// the steps of the tree, hoisted ones first. For a step in slices, those of one slice on every
/// thread. The largest is TreeCost::peakBytes. Time as evaluateTree.
struct LiveMoment {
  size_t step;
  double bytes;
};
std::vector<LiveMoment> memoryOverTime(const Network &network, const ContractionTree &tree,
                                       std::span<const IndexId> sliced = {},
                                       const MemoryModel &memory = {});

/// log2 sizes of step `number`, with the extents given as logarithms (0 for a sliced index).
StepSizes stepSizes(const ContractionTree &tree, const NodeIndices &indices, size_t number,
                    std::span<const double> log2Extents);

/// The score of a whole tree under `model`.
Score scoreTree(const Network &network, const ContractionTree &tree, const CostModel &model,
                std::span<const double> log2Extents);

/// The score of a sliced tree: where `model` sums, over all slices, hoisted steps once; where it
/// takes the maximum, in one slice. The operations are those of TreeCost. Without slices the same
/// as scoreTree, but for rounding. Time as evaluateTree.
Score scoreSliced(const Network &network, const ContractionTree &tree,
                  std::span<const IndexId> sliced, const CostModel &model);

/// The same tree with its steps in the order of least peak memory among all depth-first orders
/// (Liu, TOMS 1986: visit first the child whose peak exceeds its result most), hoisted subtrees
/// first; unchanged if its present order is better still.
ContractionTree orderForMemory(const Network &network, const ContractionTree &tree,
                               std::span<const IndexId> sliced = {},
                               const MemoryModel &memory = {});

} // namespace tenon::planner
