//===- IntervalTreeTest.cpp - The best tree over a fixed order of leaves --===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "IntervalTree.h"
#include "TestNetworks.h"
#include "tenon/Planner/Cost.h"

#include <gtest/gtest.h>

using namespace tenon::planner;
using namespace tenon::planner::test;

namespace {

/// The network's tensors as they are numbered, unreduced ones excluded.
LeafRow rowOf(const Network &network) {
  LeafRow row;
  Incidence incidence(network);
  row.weights = network.log2Extents();
  for (IndexId index = 0; index < network.numIndices(); ++index)
    row.open.push_back(incidence.isOpen(index));
  for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor) {
    for (IndexId index : keptIndices(network, {tensor}))
      row.indices.push_back(index);
    row.begin.push_back(static_cast<uint32_t>(row.indices.size()));
  }
  return row;
}

/// The least cost over all trees of intervals of [begin, end), by trying every one.
Score bestOfAll(const Network &network, const CostModel &model, NodeId begin, NodeId end) {
  auto tensors = [](NodeId from, NodeId to) {
    std::set<NodeId> set;
    for (NodeId tensor = from; tensor < to; ++tensor)
      set.insert(tensor);
    return set;
  };
  auto log2Of = [&](const IndexSet &indices) { return std::log2(productOf(network, indices)); };
  Score best;
  for (NodeId middle = begin + 1; middle < end; ++middle) {
    IndexSet lhs = keptIndices(network, tensors(begin, middle)),
             rhs = keptIndices(network, tensors(middle, end));
    Score left = bestOfAll(network, model, begin, middle),
          right = bestOfAll(network, model, middle, end);
    double step =
        model.step({log2Of(lhs), log2Of(rhs), log2Of(keptIndices(network, tensors(begin, end))),
                    log2Of(unionOf(lhs, rhs))});
    Score all;
    all.cost = model.accumulation() == Accumulation::Sum
                   ? log2Add(step, log2Add(left.cost, right.cost))
                   : std::max({step, left.cost, right.cost});
    if (middle == begin + 1 || all.cost < best.cost)
      best.cost = all.cost;
  }
  return best;
}

} // namespace

TEST(IntervalTree, EqualsTheBestOfAllTreesOfIntervals) {
  FlopsModel flops;
  SizeModel size;
  ComboModel combo(3);
  IntervalSearch intervals;
  for (uint64_t seed = 0; seed < 60; ++seed)
    for (const CostModel *model :
         {static_cast<const CostModel *>(&flops), static_cast<const CostModel *>(&size),
          static_cast<const CostModel *>(&combo)}) {
      Network network = makeRandomNetwork(seed, 2 + static_cast<unsigned>(seed % 6), 9);
      double best = bestOfAll(network, *model, 0, network.numTensors()).cost;
      // Also with the optimum as the cap; below it there is none.
      for (double cap : {best + 20, best}) {
        std::vector<Step> steps = intervals.run(rowOf(network), *model, cap, Budget());
        ASSERT_EQ(ContractionTree::check(network.numTensors(), steps), std::nullopt);
        ContractionTree tree(network.numTensors(), steps);
        EXPECT_NEAR(scoreTree(network, tree, *model, network.log2Extents()).cost, best, 1e-9);
      }
      EXPECT_TRUE(intervals.run(rowOf(network), *model, best - 0.001, Budget()).empty());
    }
}

TEST(IntervalTree, OfEqualSizesTheFewestOperationsWin) {
  // A chain of matrices 2x3x5x7x11 of which every result fits below the output: all trees are as
  // good by size.
  Network network =
      makeNetwork({{0, 1}, {1, 2}, {2, 3}, {3, 4}, {5}}, {0, 4, 5}, {2, 3, 5, 7, 11, 64});
  SizeModel size;
  FlopsModel flops;
  IntervalSearch intervals;
  LeafRow row = rowOf(network);
  std::vector<Step> bySize = intervals.run(row, size, 40, Budget());
  std::vector<Step> byOps = intervals.run(row, flops, 40, Budget());
  auto cost = [&](std::vector<Step> steps) {
    return evaluateTree(network, ContractionTree(5, std::move(steps)));
  };
  EXPECT_EQ(cost(bySize).largest, cost(byOps).largest);
  EXPECT_EQ(cost(bySize).ops, cost(byOps).ops);
}

TEST(IntervalTree, StopsWhenTheBudgetExpires) {
  std::atomic<bool> cancel = true;
  Budget budget;
  budget.cancel = &cancel;
  Network network = makeChain({2, 3, 5, 7, 2});
  EXPECT_TRUE(IntervalSearch().run(rowOf(network), FlopsModel(), 40, budget).empty());
  cancel = false;
  EXPECT_EQ(IntervalSearch().run(rowOf(network), FlopsModel(), 40, budget).size(), 3u);
}
