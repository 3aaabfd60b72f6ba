//===- ExactDense.cpp - Optimal trees, all subsets considered ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ExactParts.h"

#include "tenon/Support/Assert.h"

using namespace tenon::planner;

ExactTree tenon::planner::solveDense(const ExactProblem &problem, const CostModel &model,
                                     double costHint) {
  size_t n = problem.leaves.size();
  TENON_ASSERT(n >= 1 && n <= maxDenseLeaves, "too many leaves for dense search");
  Groups groups(problem);
  size_t words = groups.words();
  uint32_t full = (1u << n) - 1;

  // Rows of the indices that occur in a set, then of those that the set's result keeps.
  std::vector<uint64_t> occurring((size_t{full} + 1) * words, 0), kept(occurring.size(), 0);
  for (uint32_t set = 1; set <= full; ++set)
    for (size_t w = 0; w < words; ++w)
      occurring[set * words + w] = occurring[(set & (set - 1)) * words + w] |
                                   groups.leafRow(static_cast<size_t>(std::countr_zero(set)))[w];
  std::vector<Entry> entries(size_t{full} + 1);
  for (uint32_t set = 1; set <= full; ++set) {
    for (size_t w = 0; w < words; ++w)
      kept[set * words + w] =
          occurring[set * words + w] & (occurring[(full ^ set) * words + w] | groups.openWord(w));
    entries[set].size = groups.weightOfUnion(&kept[set * words], &kept[set * words]);
  }

  Pricing pricing(model, costHint);
  for (uint32_t set = 1; set <= full; ++set) {
    Entry &best = entries[set];
    if (std::has_single_bit(set)) {
      best.cost = best.ops = 0;
      continue;
    }
    // Splits with the lowest leaf on the left: each once.
    uint32_t low = set & (~set + 1), others = set ^ low;
    for (uint32_t rhs = others; rhs; rhs = (rhs - 1) & others) {
      uint32_t lhs = set ^ rhs;
      if (pricing.join(entries[lhs].cost, entries[rhs].cost) > best.cost)
        continue;
      StepSizes sizes{entries[lhs].size, entries[rhs].size, best.size,
                      groups.weightOfUnion(&kept[lhs * words], &kept[rhs * words])};
      if (pricing.improve(best, entries[lhs], entries[rhs], sizes) || best.lhs == 0) {
        best.lhs = lhs;
        best.rhs = rhs;
      }
    }
  }

  TreeBuilder builder(n, model);
  auto build = [&](auto &self, uint32_t set) -> NodeId {
    if (std::has_single_bit(set))
      return static_cast<NodeId>(std::countr_zero(set));
    const Entry &entry = entries[set];
    NodeId lhs = self(self, entry.lhs), rhs = self(self, entry.rhs);
    return builder.join(lhs, rhs,
                        {entries[entry.lhs].size, entries[entry.rhs].size, entry.size,
                         groups.weightOfUnion(&kept[entry.lhs * words], &kept[entry.rhs * words])});
  };
  build(build, full);
  return builder.finish();
}
