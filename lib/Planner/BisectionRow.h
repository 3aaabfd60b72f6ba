//===- BisectionRow.h - Tensors in a row, by bisection ----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the planner. Tensors are bisected until each stands alone. The parts are intervals
// of a row: what an index shares with tensors further left pulls to the left half, and likewise to
// the right (terminal propagation, Dunlop and Kernighan, IEEE TCAD 4(1), 1985), so that few indices
// pass any one place of the row.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Bisection.h"

#include "tenon/Planner/Network.h"

#include <span>
#include <vector>

namespace tenon::planner {

struct RowOptions {
  BisectionLimits limits;
  /// Share of its weight with which an index that leaves a part counts in the part's bisection.
  double outerShare = 1;
  /// What is balanced is the sum of 1 + rankWeight * (log2 of the elements) over the tensors.
  double rankWeight = 0;
  /// Whether open indices pull to the right end of the row, so that a tree which grows from the
  /// left takes them up last. Else they only hold their tensors together.
  bool openAtEnd = false;
};

/// The indices that each tensor keeps when it is reduced, each once, ascending.
class ReducedTensors {
public:
  explicit ReducedTensors(const Network &network);
  std::span<const IndexId> operator[](NodeId tensor) const {
    return {legs.data() + begin[tensor], begin[tensor + 1] - begin[tensor]};
  }
  const Incidence &incidence() const { return holders; }
  NodeId size() const { return static_cast<NodeId>(begin.size() - 1); }

private:
  Incidence holders;
  std::vector<size_t> begin = {0};
  std::vector<IndexId> legs;
};

/// An interval of the row, and the two parts that it was split into.
struct RowPart {
  static constexpr uint32_t none = ~uint32_t{0};

  uint32_t begin = 0;
  uint32_t end = 0;
  uint32_t lhs = none;
  uint32_t rhs = none;

  uint32_t size() const { return end - begin; }
  bool isSplit() const { return lhs != none; }
};

struct TensorRow {
  std::vector<NodeId> order;
  /// Number 0 is the whole. A part that is not split has one tensor.
  std::vector<RowPart> parts;

  /// Descendants of `part` from left to right: the largest is split until there are `count`, or
  /// until none is larger than `size`.
  std::vector<uint32_t> unitsOf(uint32_t part, size_t count, uint32_t size) const;
};

/// Makes rows of one network, reusing its memory.
class RowMaker {
public:
  RowMaker(const ReducedTensors &tensors, std::span<const double> log2Extents)
      : tensors(tensors), weights(log2Extents) {}

  /// False if the budget expired before the row was complete. Time: near-linear in the size of
  /// the network, times the depth of the splits.
  bool make(const RowOptions &options, Random &random, const Budget &budget, TensorRow &row);

private:
  /// A part that is to be split.
  struct Job {
    uint32_t part = 0;
    BisectionGraph graph;
    /// The tensor of each vertex.
    std::vector<NodeId> tensors;
  };
  Job wholeNetwork(const RowOptions &options) const;
  Job extract(const Job &parent, uint8_t side, double outerShare);
  void orient(const BisectionGraph &graph);

  const ReducedTensors &tensors;
  std::span<const double> weights;
  Bisector bisector;
  std::vector<uint8_t> sides;
  std::vector<uint32_t> renamed;
};

} // namespace tenon::planner
