//===- IntervalTree.cpp - The best tree over a fixed order of leaves ------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "IntervalTree.h"

#include "tenon/Support/Assert.h"

#include <algorithm>
#include <limits>

using namespace tenon::planner;

void IntervalSearch::fillTables(const LeafRow &row) {
  uint32_t m = row.numLeaves();
  stride = m + size_t{1};
  total.assign(stride * stride, 0);
  inner.assign(stride * stride, 0);
  constexpr uint32_t none = ~uint32_t{0};
  std::vector<uint32_t> first(row.weights.size(), none), last(row.weights.size(), none);

  // total[b][e]: at first what leaf e - 1 adds to an interval that begins at b. An index is new to
  // those that begin after its previous holder: a sum over b.
  for (uint32_t leaf = 0; leaf < m; ++leaf)
    for (uint32_t p = row.begin[leaf]; p < row.begin[leaf + 1]; ++p) {
      uint32_t index = row.indices[p];
      total[at(last[index] == none ? 0 : last[index] + 1, leaf + 1)] += row.weights[index];
      if (first[index] == none)
        first[index] = leaf;
      last[index] = leaf;
    }
  for (uint32_t b = 1; b <= m; ++b)
    for (uint32_t e = b; e <= m; ++e)
      total[at(b, e)] += total[at(b - 1, e)];
  for (uint32_t b = 0; b <= m; ++b) {
    total[at(b, b)] = 0;
    for (uint32_t e = b + 1; e <= m; ++e)
      total[at(b, e)] += total[at(b, e - 1)];
  }

  for (uint32_t index = 0; index < row.weights.size(); ++index)
    if (first[index] != none && !row.open[index])
      inner[at(first[index], last[index] + 1)] += row.weights[index];
  // Sums over all begins at or after b and ends at or before e.
  for (uint32_t b = m; b-- > 0;) {
    double sum = 0;
    for (uint32_t e = b + 1; e <= m; ++e) {
      sum += inner[at(b, e)];
      inner[at(b, e)] = sum + inner[at(b + 1, e)];
    }
  }
  for (uint32_t b = 0; b <= m; ++b)
    for (uint32_t e = b + 1; e <= m; ++e)
      inner[at(e, b)] = inner[at(b, e)];
}

/// True if a tree within the cap was found.
bool IntervalSearch::search(const CostModel &model, double cap, const Budget &budget) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  auto m = static_cast<uint32_t>(stride - 1);
  bool sums = model.accumulation() == Accumulation::Sum;
  // Costs are linear and relative to the cap; rounding must not put the known tree above it.
  constexpr double most = 1 + 1e-9, margin = 1e-8;
  cost.assign(stride * stride, infinity);
  ops.assign(stride * stride, 0);
  split.assign(stride * stride, 0);
  ends.resize(std::max<size_t>(ends.size(), m));
  for (uint32_t b = 0; b < m; ++b) {
    cost[at(b, b + 1)] = cost[at(b + 1, b)] = 0;
    ends[b].assign(1, b + 1);
  }
  for (uint32_t width = 2; width <= m; ++width) {
    if (budget.expired())
      return false;
    for (uint32_t b = 0; b + width <= m; ++b) {
      uint32_t e = b + width;
      double everything = total[at(b, e)], result = everything - inner[at(b, e)];
      // No step makes a result with fewer operations than it has elements.
      if (model.atLeast({0, 0, result, result}) > cap + margin)
        continue;
      const double *costTo = &cost[b * stride], *costFrom = &cost[e * stride];
      const double *innerTo = &inner[b * stride], *innerFrom = &inner[e * stride];
      double best = most, bestOps = infinity, log2Best = cap + margin;
      uint32_t bestSplit = 0;
      for (uint32_t k : ends[b]) {
        double below = sums ? costTo[k] + costFrom[k] : std::max(costTo[k], costFrom[k]);
        if (below > best)
          continue;
        StepSizes sizes{total[at(b, k)] - innerTo[k], total[at(k, e)] - innerFrom[k], result,
                        everything - innerTo[k] - innerFrom[k]};
        double step = model.step(sizes);
        if (step > log2Best)
          continue;
        double price = std::exp2(step - cap);
        double all = sums ? below + price : std::max(below, price);
        if (all > best)
          continue;
        double stepOps = sizes.ops == step ? price : std::exp2(sizes.ops - cap);
        double allOps = ops[at(b, k)] + ops[at(k, e)] + stepOps;
        if (all == best && allOps >= bestOps)
          continue;
        best = all;
        bestOps = allOps;
        bestSplit = k;
        log2Best = std::log2(best) + cap + margin;
      }
      if (bestSplit == 0)
        continue;
      cost[at(b, e)] = cost[at(e, b)] = best;
      ops[at(b, e)] = bestOps;
      split[at(b, e)] = bestSplit;
      ends[b].push_back(e);
    }
  }
  return cost[at(0, m)] < infinity;
}

NodeId IntervalSearch::build(uint32_t begin, uint32_t end, std::vector<Step> &steps) const {
  if (end - begin == 1)
    return begin;
  uint32_t middle = split[at(begin, end)];
  NodeId lhs = build(begin, middle, steps), rhs = build(middle, end, steps);
  steps.push_back({lhs, rhs});
  return static_cast<NodeId>(stride - 2 + steps.size());
}

std::vector<Step> IntervalSearch::run(const LeafRow &row, const CostModel &model, double cap,
                                      const Budget &budget) {
  TENON_ASSERT(row.numLeaves() >= 2, "a row of one leaf has no tree to find");
  fillTables(row);
  std::vector<Step> steps;
  if (search(model, cap, budget)) {
    steps.reserve(row.numLeaves() - 1);
    build(0, row.numLeaves(), steps);
  }
  return steps;
}
