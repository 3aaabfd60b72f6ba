//===- Exact.h - Optimal contraction trees of small networks ----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Dynamic programming over sets of tensors. Three engines:
//
//   dense      all 2^n sets and all 3^n / 2 splits, outer products included: up to 12 tensors
//   connected  connected sets only, each pair of them once, no outer products: up to 16 tensors
//   sparse     connected sets only, so outer products happen only between connected parts; a cap
//              on the cost of a set grows by a factor of 4 from round to round, and no set above
//              it is kept, until the whole is reached below it: up to 64 tensors a part
//
// Sources: Pfeifer, Haegeman, Verstraete (Phys. Rev. E 90, 033315, 2014) for the cap; Moerkotte
// and Neumann (VLDB 2006) for the enumeration of connected pairs. The indices of a set depend on
// the set alone, which makes the principle of optimality hold for hyperedges and batch indices too.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/CostModel.h"
#include "tenon/Planner/Tree.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace tenon::planner {

/// A small network whose leaves are index sets, already reduced: no leaf has an index twice.
struct ExactProblem {
  /// Local index ids of each leaf.
  std::vector<std::vector<uint32_t>> leaves;
  /// log2 extent of each local index.
  std::vector<double> weights;
  /// Whether something outside the leaves needs the index.
  std::vector<bool> open;
};

struct ExactTree {
  /// SSA steps over the leaves.
  std::vector<Step> steps;
  Score score;
};

inline constexpr size_t maxDenseLeaves = 12;
inline constexpr size_t maxConnectedLeaves = 16;
inline constexpr size_t maxSparseLeaves = 64;

/// The best tree over 1 to maxDenseLeaves leaves. `costHint`: log2 of a cost near the answer;
/// costs are compared as doubles relative to it.
ExactTree solveDense(const ExactProblem &problem, const CostModel &model, double costHint);

/// The best tree without outer products over 1 to maxConnectedLeaves leaves; nullopt where they are
/// not connected. Time grows with the number of pairs of connected sets that meet: n^3/6 for a
/// chain, 3^n/2 where all share an index. `costHint` as for `solveDense`.
std::optional<ExactTree> solveConnected(const ExactProblem &problem, const CostModel &model,
                                        double costHint);

/// The best tree without outer products over up to maxSparseLeaves connected leaves.
/// `upperBound`: log2 cost of a known tree. The model's cost must not fall when a result grows.
/// Adds the pairs of sets that it looked at to `pairs`, and fails when they pass `maxPairs`, or
/// the sets that it holds a sixteenth of that.
Result<ExactTree> solveSparse(const ExactProblem &problem, const CostModel &model,
                              double upperBound, uint64_t maxPairs, uint64_t &pairs);

} // namespace tenon::planner
