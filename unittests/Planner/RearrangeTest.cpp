//===- RearrangeTest.cpp - Improvement of trees by bisecting windows ------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Rearrange.h"
#include "TestNetworks.h"
#include "tenon/Planner/Cost.h"
#include "tenon/Planner/Greedy.h"

#include <gtest/gtest.h>

using namespace tenon::planner;
using namespace tenon::planner::test;

namespace {

/// Joins random nodes.
ContractionTree randomTree(uint64_t seed, NodeId numTensors) {
  Random random(seed);
  std::vector<NodeId> nodes;
  for (NodeId tensor = 0; tensor < numTensors; ++tensor)
    nodes.push_back(tensor);
  std::vector<Step> steps;
  auto take = [&] {
    std::swap(nodes[random.below(static_cast<uint32_t>(nodes.size()))], nodes.back());
    NodeId node = nodes.back();
    nodes.pop_back();
    return node;
  };
  while (nodes.size() > 1) {
    NodeId lhs = take(), rhs = take();
    steps.push_back({lhs, rhs});
    nodes.push_back(numTensors + static_cast<NodeId>(steps.size()) - 1);
  }
  return {numTensors, std::move(steps)};
}

} // namespace

TEST(Rearrange, NeverWorseOnEveryKindOfNetwork) {
  FlopsModel flops;
  SizeModel size;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Network network = makeRandomNetwork(seed, 1 + static_cast<unsigned>(seed % 19),
                                        3 + static_cast<unsigned>(seed % 29));
    std::vector<double> extents = network.log2Extents();
    ContractionTree tree = randomTree(seed, network.numTensors());
    const CostModel &model =
        seed % 3 ? static_cast<const CostModel &>(flops) : static_cast<const CostModel &>(size);
    ContractionTree better =
        rearrange(network, tree, model, extents, {.windows = 20, .seed = seed}, Budget());
    ASSERT_EQ(ContractionTree::check(network.numTensors(), better.steps()), std::nullopt);
    Score score = scoreTree(network, better, model, extents);
    EXPECT_FALSE(scoreTree(network, tree, model, extents).betterThan(score));
    if (tree.numSteps() > 0)
      EXPECT_NEAR(score.ops, std::log2(recountOps(network, better)), 1e-9);
  }
}

TEST(Rearrange, TurnsARandomTreeIntoAGoodOne) {
  Network network = makeLattice(4, 20);
  std::vector<double> extents = network.log2Extents();
  FlopsModel model;
  ContractionTree tree = randomTree(2, network.numTensors());
  ContractionTree better = rearrange(network, tree, model, extents, {.windows = 200}, Budget());
  GreedySearch greedy(network, extents);
  double best = greedy.run(model, {}).score.cost;
  for (uint64_t number = 1; number < 100; ++number)
    best = std::min(best, greedy.run(model, restartOptions(0, number)).score.cost);
  // Measured 0.1 below.
  EXPECT_LE(scoreTree(network, better, model, extents).cost, best + 0.25);
  EXPECT_GT(scoreTree(network, tree, model, extents).cost, 40);
}

TEST(Rearrange, FollowsFromTheSeedAndStopsWhenCancelled) {
  Network network = makeRandomRegularNetwork(7, 60);
  std::vector<double> extents = network.log2Extents();
  FlopsModel model;
  ContractionTree tree = randomTree(1, 60);
  auto run = [&](uint64_t seed, const Budget &budget) {
    return rearrange(network, tree, model, extents, {.windows = 15, .seed = seed}, budget);
  };
  EXPECT_EQ(run(3, Budget()), run(3, Budget()));
  EXPECT_FALSE(run(3, Budget()) == run(4, Budget()));
  std::atomic<bool> cancel = true;
  Budget budget;
  budget.cancel = &cancel;
  EXPECT_EQ(run(3, budget), tree);
}
