//===- DensityTest.cpp - Costs where tensors are sparse -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/Density.h"

#include "TestNetworks.h"
#include "tenon/Planner/Cost.h"
#include "tenon/Planner/Plan.h"
#include "tenon/Planner/PlanCache.h"

#include "gtest/gtest.h"

#include <cmath>
#include <filesystem>

using namespace tenon::planner;
using namespace tenon::planner::test;

namespace {

/// The share of sums of `terms` terms that are not zero, by the formula itself.
double shareOfSums(double share, double terms) { return 1 - std::pow(1 - share, terms); }

/// Expected multiply-adds of a tree, from the definition: sets of indices as such, shares as such.
double recountExpected(const Network &network, const ContractionTree &tree,
                       const IndexSet &sliced = {}) {
  auto below = leavesBelow(tree);
  std::vector<double> share(tree.numNodes());
  for (NodeId leaf = 0; leaf < tree.numLeaves(); ++leaf) {
    std::span<const IndexId> own = network.tensor(leaf);
    double all = productOf(network, {own.begin(), own.end()}, sliced),
           kept = productOf(network, keptIndices(network, {leaf}), sliced);
    share[leaf] = shareOfSums(network.density(leaf), all / kept);
  }
  double total = 0;
  for (size_t step = 0; step < tree.numSteps(); ++step) {
    auto [lhs, rhs] = tree.step(step);
    NodeId result = tree.resultOf(step);
    double pairs = share[lhs] * share[rhs],
           ops = productOf(
               network, unionOf(keptIndices(network, below[lhs]), keptIndices(network, below[rhs])),
               sliced);
    share[result] =
        shareOfSums(pairs, ops / productOf(network, keptIndices(network, below[result]), sliced));
    total += ops * pairs;
  }
  return total;
}

/// The least expected multiply-adds over all trees, by trying every one.
double leastExpected(const Network &network) {
  double least = std::numeric_limits<double>::infinity();
  NodeId numTensors = network.numTensors();
  std::vector<Step> steps;
  std::function<void(std::vector<NodeId>)> join = [&](std::vector<NodeId> left) {
    if (left.size() == 1) {
      least = std::min(least, recountExpected(network, ContractionTree(numTensors, steps)));
      return;
    }
    for (size_t i = 0; i < left.size(); ++i)
      for (size_t j = i + 1; j < left.size(); ++j) {
        std::vector<NodeId> next;
        for (size_t k = 0; k < left.size(); ++k)
          if (k != i && k != j)
            next.push_back(left[k]);
        next.push_back(numTensors + static_cast<NodeId>(steps.size()));
        steps.push_back({left[i], left[j]});
        join(std::move(next));
        steps.pop_back();
      }
  };
  std::vector<NodeId> all(numTensors);
  for (NodeId tensor = 0; tensor < numTensors; ++tensor)
    all[tensor] = tensor;
  join(std::move(all));
  return least;
}

void setRandomDensities(Network &network, uint64_t seed) {
  Random random(seed);
  static constexpr double choices[] = {1, 0.5, 0.2, 0.05, 0.01};
  for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor)
    network.setDensity(tensor, choices[random.below(5)]);
}

Result<Plan> planOf(const Network &network, const char *model = "flops") {
  PlanOptions options;
  options.costModel = model;
  return planNetwork(network, options, StrategyRegistry());
}

TEST(DensityTest, ShareOfSumsIsItsFormula) {
  for (double share : {1.0, 0.9, 0.3, 1e-3, 1e-9})
    for (double terms : {1.0, 2.0, 7.0, 1e3, 1e6}) {
      // −expm1 says what the formula says, without its cancellation.
      double expected = share == 1 ? 0 : std::log2(-std::expm1(terms * std::log1p(-share)));
      EXPECT_NEAR(log2ShareOfSums(std::log2(share), std::log2(terms)), expected, 1e-12)
          << share << " " << terms;
    }
  EXPECT_EQ(log2ShareOfSums(log2Zero, 10), log2Zero);
  EXPECT_EQ(log2ShareOfSums(0, 10), 0);
  // Far outside the range of doubles.
  EXPECT_DOUBLE_EQ(log2ShareOfSums(-5000, 4000), -1000);
  EXPECT_EQ(log2ShareOfSums(-5000, 6000), 0);
}

TEST(DensityTest, CountsAsDefined) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Network network = makeRandomNetwork(seed, 2 + seed % 7, 3 + seed % 9);
    setRandomDensities(network, seed);
    Result<Plan> plan = planOf(network.withoutDensities());
    ASSERT_TRUE(plan.ok()) << plan.error();
    double expected = recountExpected(network, plan->tree);
    TreeCost cost = evaluateTree(network, plan->tree);
    EXPECT_NEAR(cost.expectedOps, expected, 1e-9 * expected) << "seed " << seed;
    EXPECT_NEAR(cost.log2ExpectedOps, std::log2(expected), 1e-9) << "seed " << seed;
    Score score = scoreExpected(network, plan->tree, FlopsModel(), network.log2Extents());
    EXPECT_NEAR(score.cost, std::log2(expected), 1e-9) << "seed " << seed;
    EXPECT_LE(cost.expectedOps, cost.ops * (1 + 1e-12));
    EXPECT_EQ(cost.ops, plan->cost.ops);
  }
}

TEST(DensityTest, CountsSlices) {
  Network network = makeChain({5, 7, 6, 4, 3});
  network.setDensity(0, 0.1);
  network.setDensity(2, 0.3);
  ContractionTree tree(4, {{2, 3}, {1, 4}, {0, 5}});
  // Index 1 is in the last two steps: seven slices of them, in which they sum one term less.
  double hoisted = 6 * 4 * 3 * 0.3, share = shareOfSums(0.3, 4);
  double second = 6 * 3 * share, third = 5 * 3 * 0.1 * shareOfSums(share, 6);
  TreeCost cost = evaluateTree(network, tree, std::vector<IndexId>{1});
  EXPECT_NEAR(cost.expectedOps, hoisted + 7 * (second + third), 1e-9);
  EXPECT_NEAR(cost.log2ExpectedOps, std::log2(cost.expectedOps), 1e-12);
}

TEST(DensityTest, DenseNetworksAreCountedAsBefore) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    Network network = makeRandomNetwork(seed, 8, 11), marked = network;
    for (NodeId tensor = 0; tensor < 8; ++tensor)
      marked.setDensity(tensor, 1);
    EXPECT_FALSE(network.hasDensities());
    Result<Plan> plan = planOf(network), other = planOf(marked);
    ASSERT_TRUE(plan.ok() && other.ok());
    EXPECT_EQ(plan->cost.expectedOps, plan->cost.ops);
    EXPECT_EQ(plan->cost.log2ExpectedOps, plan->cost.log2Ops);
    // Nothing is cheaper than what is optimal for dense tensors.
    EXPECT_NEAR(other->cost.log2ExpectedOps, plan->cost.log2Ops, 1e-9);
  }
}

TEST(DensityTest, PlansAreBetterForSparseTensorsAndNoBetterThanTheBest) {
  unsigned best = 0, better = 0, count = 0;
  for (uint64_t seed = 0; seed < 150; ++seed) {
    Network network = makeRandomNetwork(seed, 3 + seed % 3, 4 + seed % 5);
    setRandomDensities(network, 1000 + seed);
    Result<Plan> plan = planOf(network), dense = planOf(network.withoutDensities());
    ASSERT_TRUE(plan.ok() && dense.ok());
    double least = leastExpected(network), found = recountExpected(network, plan->tree),
           ofDense = recountExpected(network, dense->tree);
    EXPECT_LE(found, ofDense * (1 + 1e-7)) << "seed " << seed;
    EXPECT_GE(found, least * (1 - 1e-9)) << "seed " << seed;
    ++count;
    best += found <= least * (1 + 1e-7);
    better += found < ofDense * (1 - 1e-7);
  }
  RecordProperty("best", static_cast<int>(best));
  RecordProperty("better", static_cast<int>(better));
  // The share that a window's tree leaves decides what it costs above: not all are the best.
  EXPECT_GE(best, count * 95 / 100);
  EXPECT_GE(better, count / 5);
}

TEST(DensityTest, LargerNetworksGetNoWorse) {
  for (uint64_t seed = 0; seed < 4; ++seed)
    for (const char *model : {"flops", "size", "write", "combo"}) {
      Network network = seed % 2 ? makeRandomRegularNetwork(seed, 40) : makeLattice(6, 7);
      setRandomDensities(network, seed);
      std::vector<double> extents = network.log2Extents();
      Result<std::unique_ptr<CostModel>> counts = makeCostModel(model);
      PlanOptions options;
      options.strategy = "random-greedy";
      options.costModel = model;
      Result<Plan> plan = planNetwork(network, options, StrategyRegistry()),
                   dense = planNetwork(network.withoutDensities(), options, StrategyRegistry());
      ASSERT_TRUE(plan.ok() && dense.ok());
      Score found = scoreExpected(network, plan->tree, **counts, extents),
            before = scoreExpected(network, dense->tree, **counts, extents);
      EXPECT_FALSE(before.betterThan(found)) << model << seed;
      Result<Plan> again = planNetwork(network, options, StrategyRegistry());
      EXPECT_EQ(again->tree, plan->tree);
    }
}

// A chain of matrices: the sparse one is best multiplied where that keeps the others' products few.
TEST(DensityTest, SparsityChangesTheOrder) {
  Network network = makeChain({100, 100, 100, 20});
  Result<Plan> dense = planOf(network);
  EXPECT_EQ(dense->tree.step(0), (Step{1, 2}));
  network.setDensity(0, 0.001);
  network.setDensity(1, 0.001);
  Result<Plan> plan = planOf(network);
  EXPECT_EQ(plan->tree.step(0), (Step{0, 1}));
  double product = shareOfSums(1e-6, 100);
  EXPECT_NEAR(plan->cost.expectedOps, 1e6 * 1e-6 + 100 * 100 * 20 * product, 1e-9);
  EXPECT_EQ(plan->cost.ops, 1e6 + 100 * 100 * 20);
}

TEST(DensityTest, RefusesWhatIsNoShare) {
  for (double density : {-0.1, 1.5, double(NAN)}) {
    Network network = makeChain({3, 4, 5});
    network.setDensity(1, density);
    Result<Plan> plan = planOf(network);
    ASSERT_FALSE(plan.ok());
    EXPECT_NE(plan.error().find("tensor 1 has the density"), std::string::npos) << plan.error();
  }
  Network network = makeChain({3, 4, 5});
  network.setDensity(2, 0.5);
  EXPECT_NE(planOf(network).error().find("has only 2 tensors"), std::string::npos);
}

TEST(DensityTest, ZeroTensorsCostNothing) {
  Network network = makeChain({3, 4, 5, 6});
  network.setDensity(1, 0);
  Result<Plan> plan = planOf(network);
  ASSERT_TRUE(plan.ok());
  // One step of dense tensors at most is left.
  EXPECT_EQ(plan->cost.expectedOps, 0);
  EXPECT_EQ(plan->cost.log2ExpectedOps, log2Zero);
}

TEST(DensityTest, TheCacheTellsDensitiesApart) {
  std::string directory = testing::TempDir() + "tenon-density-cache";
  std::filesystem::remove_all(directory);
  PlanCache cache(directory, 0);
  Network network = makeChain({100, 100, 100, 20});
  StrategyRegistry registry;
  Result<CachedPlan> dense = planNetworkCached(network, {}, registry, cache);
  network.setDensity(0, 0.001);
  network.setDensity(1, 0.001);
  Result<CachedPlan> sparse = planNetworkCached(network, {}, registry, cache);
  ASSERT_TRUE(dense.ok() && sparse.ok());
  EXPECT_FALSE(sparse->wasKnown);
  EXPECT_NE(dense->plan.tree, sparse->plan.tree);
  Result<CachedPlan> again = planNetworkCached(network, {}, registry, cache);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->wasKnown);
  EXPECT_EQ(again->plan.tree, sparse->plan.tree);
  EXPECT_EQ(again->plan.cost.expectedOps, sparse->plan.cost.expectedOps);
  std::filesystem::remove_all(directory);
}

} // namespace
