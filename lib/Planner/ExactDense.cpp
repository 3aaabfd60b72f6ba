//===- ExactDense.cpp - Optimal trees, all subsets considered ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ExactParts.h"

#include "tenon/Support/Assert.h"

using namespace tenon::planner;

std::optional<ExactTree> tenon::planner::solveDense(const ExactProblem &problem,
                                                    const CostModel &model, double costHint,
                                                    ExactMeter &meter) {
  size_t n = problem.leaves.size();
  TENON_ASSERT(n >= 1 && n <= maxDenseLeaves, "too many leaves for dense search");
  Groups groups(problem);
  uint32_t full = (1u << n) - 1;
  std::vector<Entry> entries(size_t{full} + 1);
  // Apart from the rest, for the loop that looks at all splits.
  std::vector<double> costs(entries.size(), 0);

  Pricing pricing(model, costHint);
  for (uint32_t set = 1; set <= full; ++set) {
    Entry &best = entries[set];
    best.weights = groups.weightsOf(set);
    if (std::has_single_bit(set)) {
      best.cost = best.ops = 0;
      continue;
    }
    // Splits with the lowest leaf on the left: each once.
    uint32_t low = set & (~set + 1), others = set ^ low;
    if (!meter.spend(uint64_t{1} << std::popcount(others)))
      return std::nullopt;
    for (uint32_t rhs = others; rhs; rhs = (rhs - 1) & others) {
      uint32_t lhs = set ^ rhs;
      if (pricing.join(costs[lhs], costs[rhs]) > best.cost)
        continue;
      if (pricing.improve(best, entries[lhs], entries[rhs]) || best.lhs == 0) {
        best.lhs = lhs;
        best.rhs = rhs;
      }
    }
    costs[set] = best.cost;
  }
  return treeBelow(
      n, model, full, [&](uint32_t set) -> const Entry & { return entries[set]; }, singleLeaf);
}

ExactTree tenon::planner::solveDense(const ExactProblem &problem, const CostModel &model,
                                     double costHint) {
  ExactMeter unlimited;
  return *solveDense(problem, model, costHint, unlimited);
}
