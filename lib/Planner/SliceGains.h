//===- SliceGains.h - What slicing each index would change ------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to lib/Planner. A greedy choice compares all indices. What each would change is summed
// up over the steps that have it, for all indices in one pass, without slicing any of them.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "SliceState.h"

#include <optional>
#include <vector>

namespace tenon::planner {

/// Arrays by index, which are used again from one choice to the next.
class SliceGains {
public:
  /// The arguments outlive it.
  SliceGains(const Network &network, const ContractionTree &tree, const NodeIndices &indices,
             const MemoryModel &memory, const SliceState &state);

  /// Counts anew how many operations have each index. O(sum of ranks).
  void countOps();
  /// log2 of the factor by which the operations of all slices grow if `index` is sliced, nothing
  /// counted as hoisted: a step that is hoisted now will rarely stay so to the end. As of the last
  /// `countOps`.
  double addedOps(IndexId index) const;

  /// Forgets all gains.
  void clear();
  /// Adds to the gain of every index the bits by which slicing it brings results of more than
  /// `largest` elements closer to that. O(sum of ranks).
  void addForLargest(double largest);
  /// The same for the bytes that single steps need, and for those that are live at the peak, the
  /// bytes of `livePeak`. O(sum of ranks).
  void addForBytes(double bound, std::span<const NodeId> liveAtPeak, double livePeak);
  double gain(IndexId index) const { return gains[index]; }
  /// The indices that gain something, each once, in the order of their numbers.
  const std::vector<IndexId> &gaining();

private:
  /// Where a step has an index.
  enum Place : uint8_t { InLhs = 1, InRhs = 2, InResult = 4 };
  static constexpr size_t numPlaces = 8;

  void addGain(IndexId index, double bits);
  /// Fills `places` and `touched` with the unsliced indices of the step.
  void findPlaces(size_t step);
  void addForStep(size_t step, double bound);

  const Network &network;
  const ContractionTree &tree;
  const NodeIndices &indices;
  const MemoryModel &memory;
  const SliceState &state;
  /// Operations of the steps that have each index, and of all steps, as parts of the dearest.
  std::vector<double> opsWith;
  double allOps = 0;
  std::vector<double> gains;
  std::vector<IndexId> gainingList;
  std::vector<uint8_t> places;
  std::vector<IndexId> touched;
  std::vector<double> bytesWith;
};

} // namespace tenon::planner
