//===- Exact.h - Optimal contraction trees of small networks ----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Dynamic programming over sets of tensors. Three engines:
//
//   dense      all 2^n sets and all 3^n / 2 splits: up to 16 tensors
//   connected  connected sets only, each pair of them once, no outer products: up to 16 tensors
//   sparse     sets that cost no more than a known tree, less what their use costs at least, and
//              where the model is separable no more than half of it; outer products where they can
//              pay: up to 64 tensors
//
// Dense and sparse search find the best of all trees. Sources: Pfeifer, Haegeman, Verstraete (Phys.
// Rev. E 90, 033315, 2014) for the cap; Moerkotte and Neumann (VLDB 2006) for the enumeration of
// connected pairs. The indices of a set depend on the set alone, which makes the principle of
// optimality hold for hyperedges and batch indices too.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Budget.h"
#include "tenon/Planner/CostModel.h"
#include "tenon/Planner/Tree.h"

#include <atomic>
#include <cstdint>
#include <limits>
#include <optional>
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

/// Counts the pairs of sets that an exact search looks at, and says when it has to stop. Several
/// threads may spend at once.
class ExactMeter {
public:
  ExactMeter() = default;
  /// Stops after `maxPairs` pairs, or when `budget` expires; the budget outlives the meter.
  ExactMeter(const Budget &budget, uint64_t maxPairs) : budget(&budget), maxPairs(maxPairs) {}

  /// Adds pairs; returns whether to go on.
  bool spend(uint64_t count) {
    uint64_t before = spent.fetch_add(count, std::memory_order_relaxed), after = before + count;
    if ((before == 0 || before / pollEvery != after / pollEvery) && budget && budget->expired())
      expired = true;
    return after <= maxPairs && !expired.load(std::memory_order_relaxed);
  }
  uint64_t pairs() const { return spent; }
  uint64_t limit() const { return maxPairs; }
  /// Whether the budget, and not the number of pairs, ended the search.
  bool isExpired() const { return expired; }

private:
  /// A millisecond at most.
  static constexpr uint64_t pollEvery = 20'000;

  const Budget *budget = nullptr;
  uint64_t maxPairs = std::numeric_limits<uint64_t>::max();
  std::atomic<uint64_t> spent = 0;
  std::atomic<bool> expired = false;
};

inline constexpr size_t maxDenseLeaves = 16;
inline constexpr size_t maxConnectedLeaves = 16;
inline constexpr size_t maxSparseLeaves = 64;

/// The best tree over 1 to maxDenseLeaves leaves; nothing if `meter` stopped it. `costHint`: log2
/// of a cost near the answer; costs are compared as doubles relative to it. Looks at 3^n / 2 pairs,
/// some nanoseconds each.
std::optional<ExactTree> solveDense(const ExactProblem &problem, const CostModel &model,
                                    double costHint, ExactMeter &meter);
/// The same without a limit.
ExactTree solveDense(const ExactProblem &problem, const CostModel &model, double costHint);

/// The best tree without outer products over 1 to maxConnectedLeaves leaves; nullopt where they are
/// not connected. Time grows with the number of pairs of connected sets that meet: n^3/6 for a
/// chain, 3^n/2 where all share an index. `costHint` as for `solveDense`.
std::optional<ExactTree> solveConnected(const ExactProblem &problem, const CostModel &model,
                                        double costHint);

/// The best tree over 1 to maxSparseLeaves leaves if it costs no more than `upperBound`, the log2
/// cost of a known tree; nothing if there is none or `meter` stopped the search. The closer the
/// bound is to the answer, the fewer sets are looked at. The model's cost must not fall when a size
/// grows. Threads change nothing but the time. Memory: one to three kilobytes for each set
/// that is kept.
std::optional<ExactTree> solveSparse(const ExactProblem &problem, const CostModel &model,
                                     double upperBound, ExactMeter &meter, unsigned threads = 1);

} // namespace tenon::planner
