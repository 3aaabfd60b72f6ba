//===- ChainTiling.h - Two contractions, tile by tile -------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Where a contraction makes a tensor that only the next one reads, the two can run tile by tile,
// so that of the tensor between them no more exists at a time than a cache holds. Whether that
// pays, and with which tiles, is estimated here. docs/fusion.md
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/KernelModel/Blocking.h"

#include <array>
#include <optional>
#include <vector>

namespace tenon::cpu {

/// Two contractions of two operands each over one set of indices, of which the second reads what
/// the first makes. A tensor is the list of its indices, outermost first.
struct ContractionChain {
  using Indices = std::vector<int32_t>;

  std::vector<int64_t> extents; ///< of the indices; none is 0
  Indices lhs, rhs;             ///< operands of the first
  Indices between;              ///< its result, which the second reads
  Indices other;                ///< the second one's other operand
  Indices result;               ///< of the second
  /// Whether each is an elementwise operation or a sum of one operand, in loops of its own.
  std::array<bool, 2> isMap = {false, false};
  /// How sums are held in each of them.
  std::array<SumFormat, 2> sums;
  /// Of lhs, rhs, between, other and result.
  std::array<int64_t, 5> elementBytes = {4, 4, 4, 4, 4};

  /// The indices that `between` and `result` have in common, in the order of `result`: those that
  /// can be cut without doing any work twice.
  Indices keptIndices() const;
};

struct ChainTiling {
  /// The extent of each index in a tile: its own where it is not cut. The last tile of an index may
  /// be smaller.
  std::vector<int64_t> tile;
  /// The indices that are cut, that of the outermost loop first.
  std::vector<int32_t> loops;
  double whole = 0, tiled = 0; ///< estimated nanoseconds of both contractions

  double gain() const { return whole - tiled; }
};

/// How `threads` threads share a loop over `extent` positions in tiles of `tile`: each takes
/// `share` positions, whole tiles, side by side. What is left over comes afterwards. share = 0:
/// there are fewer tiles than threads.
struct LoopShare {
  int64_t share = 0;
  double efficiency = 0; ///< of the threads, if what is left over keeps one of them busy
};
LoopShare shareLoop(int64_t extent, int64_t tile, int64_t threads);

/// The tiles of least estimated time, for `threads` threads that share the loops. nullopt where
/// nothing is expected to be gained: the tensor between fits the second cache, no tile is faster
/// than the whole, or a contraction that does not pack has a batch, of which nothing is known.
/// Deterministic. Some thousand estimates at most.
std::optional<ChainTiling> chooseChainTiling(const ContractionChain &chain,
                                             const Processor &processor, int64_t threads);

/// The loops of given tiles, outermost first, and the estimates; `tile` as in ChainTiling.
ChainTiling makeChainTiling(const ContractionChain &chain, std::vector<int64_t> tile,
                            const Processor &processor, int64_t threads);

} // namespace tenon::cpu
