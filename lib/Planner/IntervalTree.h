//===- IntervalTree.h - The best tree over a fixed order of leaves -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the planner. Where the leaves of a tree stand in a row and every node spans an
// interval of it, the best tree is found as for a chain of matrices: by dynamic programming over
// intervals. With T(i,j) the log2 size of all indices that leaves i to j-1 have, and I(i,j) of
// those that only they have (and that nothing else needs),
//
//   result of [i,j)           = T(i,j) - I(i,j)
//   operations of [i,k) [k,j) = T(i,j) - I(i,k) - I(k,j),
//
// also for hyperedges. Both tables take O(m^2 + pins) time for m leaves, the search O(m^3).
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Budget.h"
#include "tenon/Planner/Tree.h"

#include <cstdint>
#include <span>
#include <vector>

namespace tenon::planner {

/// Leaves in a row.
struct LeafRow {
  /// The indices of each leaf, each once. Leaf l has those from begin[l] to begin[l + 1].
  std::vector<uint32_t> begin = {0};
  std::vector<uint32_t> indices;
  /// log2 extent of each index.
  std::vector<double> weights;
  /// Whether something outside the row needs the index.
  std::vector<bool> open;

  uint32_t numLeaves() const { return static_cast<uint32_t>(begin.size() - 1); }
};

/// Solves one row after the other, reusing its memory.
class IntervalSearch {
public:
  /// SSA steps over the leaves: the best tree whose nodes are intervals of the row. None if every
  /// such tree costs more than 2^cap, or the budget expired; the lower the cap, the less time it
  /// takes. The model's cost must not fall when a size grows.
  /// \pre the row has two leaves at least.
  std::vector<Step> run(const LeafRow &row, const CostModel &model, double cap,
                        const Budget &budget);

private:
  void fillTables(const LeafRow &row);
  bool search(const CostModel &model, double cap, const Budget &budget);
  NodeId build(uint32_t begin, uint32_t end, std::vector<Step> &steps) const;

  size_t at(uint32_t begin, uint32_t end) const { return begin * stride + end; }

  /// Matrices over interval ends. `inner` and `cost` are symmetric, so that the intervals that end
  /// at a place are contiguous as well.
  size_t stride = 0;
  std::vector<double> total, inner, cost, ops;
  std::vector<uint32_t> split;
  /// By begin: the ends of the intervals that are worth making, ascending.
  std::vector<std::vector<uint32_t>> ends;
};

} // namespace tenon::planner
