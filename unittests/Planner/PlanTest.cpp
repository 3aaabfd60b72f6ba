//===- PlanTest.cpp - From network to plan --------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/Plan.h"
#include "NarrowPath.h"
#include "tenon/Planner/Path.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace tenon::planner;
using namespace tenon::planner::test;

TEST(Plan, EveryStrategyPlansEveryKindOfNetwork) {
  StrategyRegistry registry;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Network network = makeRandomNetwork(seed, 1 + seed % 9, 2 + seed % 13);
    for (const Strategy *strategy : registry.all()) {
      PlanOptions options;
      options.strategy = strategy->name();
      options.budget.restarts = 4;
      Result<Plan> plan = planNetwork(network, options, registry);
      ASSERT_TRUE(plan.ok()) << plan.error();
      EXPECT_EQ(plan->cost.ops, recountOps(network, plan->tree));
      EXPECT_TRUE(plan->sliced.empty());
    }
  }
}

TEST(Plan, AutoIsOptimalOnSmallNetworks) {
  StrategyRegistry registry;
  Network network = makeRandomNetwork(17, 6, 10);
  Result<Plan> plan = planNetwork(network, {}, registry);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->cost.ops, bruteForceBest(
                                network, [](double ops, double) { return ops; },
                                [](double a, double b) { return a + b; }));
}

TEST(Plan, AutoBeatsRandomGreedyOnALargeLattice) {
  StrategyRegistry registry;
  Network network = makeLattice(10, 10);
  PlanOptions options;
  options.budget.restarts = 16;
  Result<Plan> automatic = planNetwork(network, options, registry);
  options.strategy = "random-greedy";
  Result<Plan> greedy = planNetwork(network, options, registry);
  ASSERT_TRUE(automatic.ok() && greedy.ok());
  EXPECT_LT(automatic->cost.log2Ops, greedy->cost.log2Ops);
}

TEST(Plan, IsDeterministicWithAnyThreads) {
  StrategyRegistry registry;
  Network network = makeRandomRegularNetwork(9, 70);
  PlanOptions options;
  options.budget.restarts = 12;
  options.slicing.peakBytes = 2'000;
  options.slicing.variations = 2;
  Result<Plan> one = planNetwork(network, options, registry);
  options.budget.threads = 2;
  Result<Plan> two = planNetwork(network, options, registry);
  ASSERT_TRUE(one.ok()) << one.error();
  ASSERT_TRUE(two.ok());
  EXPECT_EQ(one->tree, two->tree);
  EXPECT_EQ(one->sliced, two->sliced);
  EXPECT_FALSE(one->sliced.empty());
  EXPECT_LE(one->cost.peakBytes, 2'000);
}

TEST(Plan, TheSmallestBoundThatAnErrorNamesWorks) {
  StrategyRegistry registry;
  unsigned refused = 0;
  for (uint64_t seed = 0; seed < 12; ++seed) {
    Network network = seed % 2 ? makeRandomRegularNetwork(seed, 20 + 2 * (seed / 2))
                               : makeRandomNetwork(seed, 16, 26);
    PlanOptions options;
    options.budget.restarts = 4;
    // Without this limit all of them are solved exactly, in seconds each.
    options.budget.exactPairs = 100'000;
    options.memory.threads = 1 + seed % 3;
    options.slicing.peakBytes = 1;
    Result<Plan> plan = planNetwork(network, options, registry);
    if (plan.ok())
      continue;
    ++refused;
    std::string words = "slicing reaches is ";
    size_t at = plan.error().find(words);
    ASSERT_NE(at, std::string::npos) << plan.error();
    options.slicing.peakBytes = std::strtod(plan.error().c_str() + at + words.size(), nullptr);
    plan = planNetwork(network, options, registry);
    ASSERT_TRUE(plan.ok()) << plan.error() << " seed " << seed;
    EXPECT_LE(plan->cost.peakBytes, *options.slicing.peakBytes);
  }
  EXPECT_GT(refused, 6u);
}

namespace {

/// Returns a tree, and has another one besides.
class TwoTreesStrategy final : public Strategy {
public:
  TwoTreesStrategy(ContractionTree tree, ContractionTree other)
      : tree(std::move(tree)), other(std::move(other)) {}
  std::string_view name() const override { return "two-trees"; }
  std::string_view summary() const override { return "two given trees"; }
  Result<SlicedTree> search(const Request &request) const override {
    request.others->push_back(other);
    return SlicedTree{tree, {}};
  }

private:
  ContractionTree tree, other;
};

} // namespace

TEST(Plan, SlicesOtherTreesWhereTheBestKeepsNoBound) {
  Network network = makeLattice(5, 6);
  PlanOptions options;
  options.strategy = "greedy";
  StrategyRegistry registry;
  ContractionTree good = planNetwork(network, options, registry)->tree;
  // All outer products of every second tensor first.
  std::vector<Step> steps;
  NodeId last = 0;
  for (NodeId first : {2, 1})
    for (NodeId tensor = first; tensor < network.numTensors(); tensor += 2) {
      steps.push_back({last, tensor});
      last = network.numTensors() + static_cast<NodeId>(steps.size()) - 1;
    }
  ContractionTree bad(network.numTensors(), steps);
  options.strategy = "two-trees";
  options.budget.sliceRounds = 0;
  options.slicing.maxSlices = 64;
  options.slicing.peakBytes = evaluateTree(network, good).peakBytes / 4;
  registry.add(std::make_unique<TwoTreesStrategy>(bad, bad));
  EXPECT_FALSE(planNetwork(network, options, registry).ok());
  registry.add(std::make_unique<TwoTreesStrategy>(bad, good));
  Result<Plan> plan = planNetwork(network, options, registry);
  ASSERT_TRUE(plan.ok()) << plan.error();
  EXPECT_LE(plan->cost.peakBytes, *options.slicing.peakBytes);
  EXPECT_LE(plan->cost.slices, 64);
  // Where both keep the bound, the other one is a start too.
  options.slicing.maxSlices = 0x1p59;
  Result<Plan> both = planNetwork(network, options, registry);
  options.slicing.variations = 1;
  Result<SlicedTree> other = sliceTree(network, good, options.memory, options.slicing);
  ASSERT_TRUE(both.ok() && other.ok());
  EXPECT_LE(both->cost.log2Ops, evaluateTree(network, other->tree, other->sliced).log2Ops + 1e-9);
  EXPECT_LT(both->cost.log2Ops, evaluateTree(network, bad).log2Ops - 5);
}

TEST(Plan, AnExpiredBudgetStillPlans) {
  StrategyRegistry registry;
  Network network = makeLattice(9, 9);
  PlanOptions options;
  options.budget.deadline = std::chrono::steady_clock::now();
  options.budget.restarts = 0;
  Result<Plan> plan = planNetwork(network, options, registry);
  ASSERT_TRUE(plan.ok()) << plan.error();
  EXPECT_EQ(plan->cost.ops, recountOps(network, plan->tree));
}

TEST(Plan, KeepsTheTreeOfTheUser) {
  Network network = makeChain({2, 3, 5, 7, 11});
  ContractionTree tree = *treeFromLinearPath(4, {{2, 3}, {0, 1}, {0, 1}});
  Result<Plan> plan = planTree(network, tree, {}, false);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->cost.ops, 5 * 7 * 11 + 2 * 3 * 5 + 2 * 5 * 11);
  EXPECT_EQ(planTree(network, ContractionTree(3, {{0, 1}, {2, 3}}), {}, false).error(),
            "the path is over 3 tensors, the network has 4");
}

TEST(Plan, KeepsTheSlicesOfTheUser) {
  Network network = makeChain({2, 3, 5, 7, 11});
  ContractionTree tree = *treeFromLinearPath(4, {{2, 3}, {0, 1}, {0, 1}});
  PlanOptions options;
  options.initialSliced = {2, 0};
  Result<Plan> plan = planTree(network, tree, options, false);
  ASSERT_TRUE(plan.ok()) << plan.error();
  EXPECT_EQ(plan->sliced, (std::vector<IndexId>{0, 2}));
  EXPECT_EQ(plan->cost.slices, 10);
  EXPECT_EQ(plan->cost.ops, 10 * (7 * 11 + 3 + 11));
  // What they do not keep is sliced further.
  options.slicing.largest = 5;
  plan = planTree(network, tree, options, false);
  ASSERT_TRUE(plan.ok()) << plan.error();
  EXPECT_LE(plan->cost.largest, 5);
  EXPECT_GT(plan->sliced.size(), 2u);
  EXPECT_TRUE(std::includes(plan->sliced.begin(), plan->sliced.end(),
                            options.initialSliced.rbegin(), options.initialSliced.rend()));
}

/// Slices that belong to a path are worth more than those that a quick search chooses for it.
TEST(Plan, GoesOnFromTheSlicesOfAPath) {
  StrategyRegistry registry;
  unsigned worseWithout = 0;
  for (uint64_t seed = 0; seed < 5; ++seed) {
    Network network = makeRandomRegularNetwork(seed, 60);
    PlanOptions options;
    options.budget.seed = options.slicing.seed = seed;
    Result<Plan> unsliced = planNetwork(network, options, registry);
    ASSERT_TRUE(unsliced.ok());
    options.slicing.largest = unsliced->cost.largest / 64;
    Result<Plan> good = planNetwork(network, options, registry);
    ASSERT_TRUE(good.ok()) << good.error();
    ASSERT_FALSE(good->sliced.empty());
    PlanOptions quick = options;
    quick.strategy = "greedy";
    quick.budget.seed = quick.slicing.seed = seed + 100;
    quick.initial = good->tree;
    Result<Plan> without = planNetwork(network, quick, registry);
    ASSERT_TRUE(without.ok());
    worseWithout += without->cost.log2Ops > good->cost.log2Ops;
    quick.initialSliced = good->sliced;
    Result<Plan> with = planNetwork(network, quick, registry);
    ASSERT_TRUE(with.ok());
    EXPECT_LE(with->cost.log2Ops, good->cost.log2Ops);
    EXPECT_LE(with->cost.largest, *options.slicing.largest);
    // Where there is no bound they do not count.
    quick.slicing.largest.reset();
    Result<Plan> whole = planNetwork(network, quick, registry);
    ASSERT_TRUE(whole.ok());
    EXPECT_TRUE(whole->sliced.empty());
  }
  EXPECT_GT(worseWithout, 0u);
}

/// A path may keep a bound as it is, where cheaper trees have to be sliced for it.
TEST(Plan, GoesOnFromAPathThatNeedsNoSlices) {
  NarrowPath given;
  StrategyRegistry registry;
  registry.add(std::make_unique<KnownTree>(given.wide));
  PlanOptions options;
  options.strategy = "known";
  options.slicing.largest = given.largest;
  double ops = evaluateTree(given.network, given.narrow).ops;
  ASSERT_LT(evaluateTree(given.network, given.wide).ops, ops);
  // There is no time to search for others.
  options.budget.deadline = std::chrono::steady_clock::now();
  Result<Plan> without = planNetwork(given.network, options, registry);
  ASSERT_TRUE(without.ok()) << without.error();
  EXPECT_FALSE(without->sliced.empty());
  EXPECT_GT(without->cost.ops, ops);
  options.initial = given.narrow;
  Result<Plan> plan = planNetwork(given.network, options, registry);
  ASSERT_TRUE(plan.ok()) << plan.error();
  EXPECT_LE(plan->cost.ops, ops);
  EXPECT_LE(plan->cost.largest, given.largest);
}

/// Steps of two branches in turn may need less than any depth-first order of them.
TEST(Plan, KeepsABoundInTheOrderOfTheUser) {
  // Each branch goes from 64 elements to 2, and on to 16.
  Network network = makeNetwork({{0}, {1}, {0, 1, 2}, {2, 6}, {3}, {4}, {3, 4, 5}, {5, 6}}, {},
                                {8, 8, 2, 8, 8, 2, 16});
  ContractionTree tree(8, {{0, 1}, {2, 8}, {4, 5}, {6, 10}, {3, 9}, {7, 11}, {12, 13}});
  ContractionTree branches(8, {{0, 1}, {2, 8}, {3, 9}, {4, 5}, {6, 11}, {7, 12}, {10, 13}});
  PlanOptions options;
  options.slicing.peakBytes = evaluateTree(network, tree).peakBytes;
  ASSERT_LT(*options.slicing.peakBytes,
            evaluateTree(network, orderForMemory(network, branches, {}, {})).peakBytes);
  Result<Plan> plan = planTree(network, tree, options, false);
  ASSERT_TRUE(plan.ok()) << plan.error();
  EXPECT_TRUE(plan->sliced.empty());
  EXPECT_EQ(plan->cost.peakBytes, *options.slicing.peakBytes);
  // A search that starts from it does not lose it.
  StrategyRegistry registry;
  registry.add(std::make_unique<KnownTree>(branches));
  options.strategy = "known";
  options.budget.deadline = std::chrono::steady_clock::now();
  plan = planNetwork(network, options, registry);
  ASSERT_TRUE(plan.ok()) << plan.error();
  EXPECT_FALSE(plan->sliced.empty());
  options.initial = tree;
  plan = planNetwork(network, options, registry);
  ASSERT_TRUE(plan.ok()) << plan.error();
  EXPECT_TRUE(plan->sliced.empty());
  // The same in slices.
  options.initialSliced = {6};
  options.slicing.peakBytes = evaluateTree(network, tree, options.initialSliced).peakBytes;
  plan = planTree(network, tree, options, false);
  ASSERT_TRUE(plan.ok()) << plan.error();
  EXPECT_EQ(plan->sliced, options.initialSliced);
}

TEST(Plan, SlicesOfIndicesThatAreInNoStepAreLeftOut) {
  // Index 0 is summed within its tensor, 3 has one element, 4 belongs to none.
  Network network = makeNetwork({{0, 1}, {1, 2, 3}, {2, 3}}, {}, {4, 6, 5, 1, 7});
  ContractionTree tree = *treeFromLinearPath(3, {{0, 1}, {0, 1}});
  PlanOptions options;
  options.initialSliced = {0, 3, 4, 2};
  Result<Plan> plan = planTree(network, tree, options, false);
  ASSERT_TRUE(plan.ok()) << plan.error();
  EXPECT_EQ(plan->sliced, std::vector<IndexId>{2});
}

TEST(Plan, SaysWhatIsWrong) {
  StrategyRegistry registry;
  Network network = makeChain({2, 3, 5});
  PlanOptions options;
  options.strategy = "magic";
  EXPECT_EQ(planNetwork(network, options, registry).error(),
            "unknown strategy 'magic'; expected one of annealing, auto, bisection, elimination, "
            "greedy, optimal, random-greedy, reconfiguration");
  options = {};
  options.memory.alignment = 0;
  EXPECT_EQ(planNetwork(network, options, registry).error(),
            "the alignment of buffers must be 1 byte or more, found 0");
  options = {};
  options.slicing.peakBytes = -1;
  EXPECT_EQ(planNetwork(network, options, registry).error(),
            "the memory bound must be 0 bytes or more");
  options = {};
  options.initialSliced = {0};
  EXPECT_EQ(planNetwork(network, options, registry).error(),
            "slices to start from need a path to start from");
  options.initial = ContractionTree(2, {{0, 1}});
  options.initialSliced = {0, 3};
  EXPECT_EQ(planNetwork(network, options, registry).error(),
            "the slices to start from have index 3, which the network does not have; expected 0 to "
            "2");
  options.initialSliced = {1, 0, 1};
  EXPECT_EQ(planNetwork(network, options, registry).error(),
            "the slices to start from have index 1 twice");
  EXPECT_EQ(planNetwork(Network(), {}, registry).error(),
            "the network has no tensors; there is nothing to contract");
}
