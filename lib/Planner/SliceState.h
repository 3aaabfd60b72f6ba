//===- SliceState.h - A tree under a changing set of slices -----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Sizes, operations and peak memory of a tree, updated as indices are sliced and put back.
// Private to lib/Planner: behind `evaluateTree`, `orderForMemory` and `sliceTree`.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ExtentProduct.h"
#include "TreeMeetings.h"
#include "tenon/Planner/Cost.h"

#include <span>
#include <vector>

namespace tenon::planner {

class SliceState {
public:
  /// The arguments outlive the state. Nothing is sliced at first.
  /// O(size of the network · log depth), whatever the ranks of the nodes.
  SliceState(const Network &network, const ContractionTree &tree, const MemoryModel &memory);

  /// Slices an unsliced index, or puts a sliced one back. Time: the nodes that have the index, and
  /// the depth of the tree.
  void slice(IndexId index) { setSliced(index, true); }
  void unslice(IndexId index) { setSliced(index, false); }
  bool isSliced(IndexId index) const { return sliced[index]; }
  double slices() const { return sliceCount; }
  /// In the order in which they were sliced.
  const std::vector<IndexId> &slicedIndices() const { return slicedList; }

  /// Elements and bytes of a node in one slice.
  double elements(NodeId node) const { return nodeElements[node]; }
  double bytes(NodeId node) const;
  /// Whether no sliced index is below `node`.
  bool isHoisted(NodeId node) const { return slicedBelow[node] == 0; }
  /// In one slice.
  StepSizes sizes(size_t step) const {
    auto [lhs, rhs] = tree.step(step);
    return {log2Of(lhs), log2Of(rhs), log2Of(tree.resultOf(step)), products.steps[step].log2(grid)};
  }
  double ops(size_t step) const { return stepOps[step]; }
  /// Bytes that the node occupies after its step: none for leaves and the final output.
  double stored(NodeId node) const;
  /// Bytes of a temporary for a leaf that is summed before its step; none for other nodes.
  double summedBytes(NodeId node) const;
  /// How many sets of buffers have the node. While nothing is sliced, nothing counts as hoisted:
  /// what this is asked for is what slices would need.
  double copies(NodeId node) const { return isHoisted(node) && !slicedList.empty() ? 1 : sets(); }
  /// Bytes that a step alone needs for its operands, result and temporaries, in all copies.
  double footprint(size_t step) const;
  /// Over all slices, hoisted steps once. O(steps).
  double log2Ops() const;
  /// Under a model: its sum over all slices, hoisted steps once, or its maximum in one slice, and
  /// the operations of `log2Ops`. O(steps).
  Score score(const CostModel &model) const;
  /// Over all slices, nothing hoisted. O(steps).
  double log2OpsWithoutHoisting() const;

  /// The peak of the steps in the tree's own order, hoisted ones first. O(steps).
  double peakInOrder() const;
  /// The moments of which `peakInOrder` is the largest. O(steps).
  std::vector<LiveMoment> momentsInOrder() const;
  /// The least peak of a depth-first order. O(steps).
  double leastPeak();
  /// From now on counts buffers for all threads, also while there are fewer slices than threads; or
  /// no longer does.
  void countAllThreads(bool all) { allThreads = all; }
  double setsOfAllThreads() const { return allThreads ? std::max(memory.threads, 1u) : 1; }
  /// The depth-first order of that peak: a list of steps. O(steps log steps).
  std::vector<size_t> orderOfLeastPeak();
  /// The nodes that are live at the moment of that peak, and the operands of its step.
  std::vector<NodeId> liveAtLeastPeak();

private:
  void setSliced(IndexId index, bool on);
  void countSlices();
  double log2Of(NodeId node) const { return products.nodes[node].log2(grid); }
  /// Bytes that the step needs beside its operands and its result.
  double temporary(size_t step) const;
  /// How many sets of slice buffers there are.
  double sets() const;
  /// To whole units of the alignment.
  double roundUp(double size) const;
  /// Bytes of the accumulators of all sets.
  double accumulators() const;
  /// Calls `visit(step, bytes)` for every step in the tree's own order, hoisted ones first.
  template <typename Visitor> void visitMoments(Visitor &&visit) const;
  /// Fills `subtreePeak`, `rhsFirst` and `cached`.
  void visitDepthFirst();

  const Network &network;
  const ContractionTree &tree;
  const MemoryModel &memory;
  std::vector<double> log2Extents;
  Log2Grid grid;
  std::vector<ExtentProduct> factors;
  Incidence incidence;
  /// Of the indices that are not sliced.
  TreeProducts<ExtentProduct> products;
  /// The node that each node is an operand of; the root is its own.
  std::vector<NodeId> parent;
  /// Whether making a leaf ready sums over an index, so that it cannot be a view.
  std::vector<bool> summedLeaf;

  std::vector<bool> sliced;
  std::vector<IndexId> slicedList;
  double sliceCount = 1;
  double log2SliceCount = 0;
  /// Number of sliced indices that a leaf below each node has.
  std::vector<uint32_t> slicedBelow;
  /// Bytes of the output of all slices.
  double wholeOutput = 0;
  std::vector<double> nodeElements, stepOps;
  /// Empty if no step needs extra bytes.
  std::vector<double> stepExtra;
  std::vector<uint32_t> mark;
  uint32_t stamp = 0;
  std::vector<size_t> changedSteps;

  /// Of the last `visitDepthFirst`.
  std::vector<double> subtreePeak;
  std::vector<bool> rhsFirst;
  /// The hoisted results that slices read, in the order in which they are made.
  std::vector<NodeId> cached;
  bool allThreads = false;
};

} // namespace tenon::planner
