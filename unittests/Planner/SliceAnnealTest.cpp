//===- SliceAnnealTest.cpp - Trees annealed together with their slices ----===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "SliceAnneal.h"
#include "Effort.h"
#include "PricedModel.h"
#include "TestNetworks.h"
#include "TreeWindow.h"
#include "tenon/Planner/Anneal.h"
#include "tenon/Planner/Greedy.h"
#include "tenon/Planner/Plan.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace tenon::planner;
using namespace tenon::planner::test;

static ContractionTree greedyTree(const Network &network) {
  return GreedySearch(network, network.log2Extents()).run(FlopsModel(), {}).tree;
}

/// log2 of the priced cost of all steps in all slices; a step without a sliced index below runs
/// once.
static double pricedCost(const Network &network, const SlicedTree &plan, const CostModel &model) {
  std::vector<double> extents = network.log2Extents();
  const Incidence incidence(network);
  std::set<NodeId> inSlices;
  double slices = 0;
  for (IndexId index : plan.sliced) {
    slices += extents[index];
    extents[index] = 0;
    for (NodeId tensor : incidence.holders(index))
      inSlices.insert(tensor);
  }
  NodeIndices indices(network, plan.tree);
  std::vector<std::set<NodeId>> below = leavesBelow(plan.tree);
  Log2Sum sum;
  for (size_t step = 0; step < plan.tree.numSteps(); ++step) {
    bool repeats =
        std::any_of(below[plan.tree.resultOf(step)].begin(), below[plan.tree.resultOf(step)].end(),
                    [&](NodeId leaf) { return inSlices.count(leaf) > 0; });
    sum.add(model.step(stepSizes(plan.tree, indices, step, extents)) + (repeats ? slices : 0));
  }
  return sum.log2();
}

TEST(SliceAnneal, TreeAndSlicesOfOneChain) {
  unsigned improved = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Network network = makeRandomNetwork(seed, 20, 36);
    SlicedTree start{greedyTree(network), {}};
    FlopsModel flops;
    PricedModel model(flops, evaluateTree(network, start.tree).log2Largest - 5, 2);
    auto run = [&](const SlicedTree &from) {
      return annealSlices(network, from, model, network.log2Extents(),
                          {.sweeps = 500, .seed = seed}, Budget());
    };
    SlicedTree found = run(start);
    ASSERT_EQ(ContractionTree::check(20, found.tree.steps()), std::nullopt);
    std::set<IndexId> sliced(found.sliced.begin(), found.sliced.end());
    ASSERT_EQ(sliced.size(), found.sliced.size());
    // Weights are rounded to 2^-20.
    constexpr double rounding = 1e-3;
    EXPECT_LE(pricedCost(network, found, model), pricedCost(network, start, model) + rounding);
    improved += !found.sliced.empty();
    // It goes on from slices as well, and one seed gives one result.
    SlicedTree further = run(found);
    EXPECT_LE(pricedCost(network, further, model), pricedCost(network, found, model) + rounding);
    SlicedTree again = run(start);
    EXPECT_EQ(again.tree, found.tree);
    EXPECT_EQ(again.sliced, found.sliced);
  }
  EXPECT_GT(improved, 10u);
}

TEST(SliceAnneal, KeepsTheLimitsAndIsNeverWorse) {
  unsigned better = 0, runs = 0;
  for (uint64_t seed = 0; seed < 12; ++seed) {
    Network network = seed % 2 ? makeRandomRegularNetwork(seed, 70) : makeLattice(9, 8);
    ContractionTree tree = greedyTree(network);
    MemoryModel memory;
    memory.threads = 1 + seed % 3;
    SliceOptions options;
    TreeCost unsliced = evaluateTree(network, tree, {}, memory);
    if (seed % 4 < 2)
      options.peakBytes = unsliced.peakBytes / 200;
    else
      options.largest = unsliced.largest / 200;
    Result<SlicedTree> start = sliceTree(network, tree, memory, options);
    if (!start.ok())
      continue;
    ++runs;
    Budget budget;
    budget.seed = seed;
    std::optional<SlicedTree> found =
        annealSliced(network, {*start}, memory, options, FlopsModel(), budget);
    ASSERT_TRUE(found);
    TreeCost before = evaluateTree(network, start->tree, start->sliced, memory),
             after = evaluateTree(network, found->tree, found->sliced, memory);
    EXPECT_LE(after.log2Ops, before.log2Ops);
    if (options.peakBytes)
      EXPECT_LE(after.peakBytes, *options.peakBytes);
    else
      EXPECT_LE(after.largest, *options.largest);
    better += after.log2Ops < before.log2Ops - 0.1;
    if (seed < 4) {
      budget.threads = 2 + seed % 2;
      std::optional<SlicedTree> same =
          annealSliced(network, {*start}, memory, options, FlopsModel(), budget);
      EXPECT_EQ(same->tree, found->tree);
      EXPECT_EQ(same->sliced, found->sliced);
    }
  }
  EXPECT_GT(runs, 8u);
  EXPECT_GT(better, 4u);
}

TEST(SliceAnneal, SlicesThatTakeHoursAreSearchedForLonger) {
  double before = 0;
  for (double ops = 0; ops < 80; ops += 0.5) {
    double worth = slicingRotationsWorth(ops);
    EXPECT_GE(worth, before) << ops;
    EXPECT_GE(worth, rotationsWorth(ops)) << ops;
    // Never longer than half of what executing the slices takes.
    EXPECT_LE(worth, std::exp2(ops) / 1000) << ops;
    before = worth;
  }
  constexpr double seconds = 35, hours = 47;
  EXPECT_EQ(slicingRotationsWorth(seconds), rotationsWorth(seconds));
  EXPECT_GT(slicingRotationsWorth(hours), 3 * rotationsWorth(hours));
}

TEST(SliceAnneal, WhatIsHoistedIsCountedOnce) {
  // A ring of two parts. Index 0 is the only bond whose result is too large; the other part is the
  // dear one, and does not depend on it.
  Network network = makeNetwork({{0, 1}, {0, 2, 3}, {2, 4, 5, 6}, {1, 3, 4, 7}, {5, 6, 7}}, {},
                                {64, 3, 5, 2, 3, 7, 4, 6});
  ContractionTree tree(5, {{0, 1}, {2, 4}, {5, 3}, {7, 6}});
  FlopsModel flops;
  AnnealOptions coldest{.sweeps = 20, .hottest = 1e-9, .coldest = 1e-9};
  for (IndexId index = 0; index < network.numIndices(); ++index) {
    SlicedTree start{tree, {index}};
    SlicedTree found =
        annealSlices(network, start, flops, network.log2Extents(), coldest, Budget());
    double before = evaluateTree(network, tree, start.sliced).log2Ops,
           after = evaluateTree(network, found.tree, found.sliced).log2Ops;
    constexpr double rounding = 1e-3;
    EXPECT_LE(after, before + rounding) << "index " << index;
    EXPECT_NEAR(after, pricedCost(network, found, flops), rounding);
  }
}

TEST(SliceAnneal, APartKnowsWhatDependsOnOuterSlices) {
  // At no temperature nothing gets dearer, as all slices count it: those of indices that the part
  // lacks as well.
  unsigned hasOuter = 0, improved = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Network network = seed % 2 ? makeRandomRegularNetwork(seed, 60) : makeLattice(8, 7);
    ContractionTree tree = greedyTree(network);
    Random random(seed);
    std::vector<IndexId> sliced;
    for (IndexId index = 0; index < network.numIndices(); ++index)
      if (random.below(8) == 0)
        sliced.push_back(index);
    FlopsModel flops;
    TreeWindow window = openDearest(network, tree, flops, network.log2Extents(), 12);
    SlicedTree part{window.tree, {}};
    std::set<IndexId> all(sliced.begin(), sliced.end()), outside = all;
    for (IndexId local = 0; local < window.indices.size(); ++local) {
      outside.erase(window.indices[local]);
      if (all.count(window.indices[local]))
        part.sliced.push_back(local);
    }
    OuterSlices outer = outerSlices(network, tree, window, sliced);
    double log2Outside = 0;
    for (IndexId index : outside)
      log2Outside += std::log2(network.extent(index));
    EXPECT_DOUBLE_EQ(outer.log2Slices, log2Outside);
    std::vector<std::set<NodeId>> below = leavesBelow(tree);
    std::vector<NodeId> depending;
    for (NodeId tensor = 0; tensor < window.frontier.size(); ++tensor)
      for (NodeId leaf : below[window.frontier[tensor]])
        if (std::ranges::any_of(network.tensor(leaf),
                                [&](IndexId index) { return outside.count(index) > 0; })) {
          depending.push_back(tensor);
          break;
        }
    EXPECT_EQ(outer.tensors, depending);
    hasOuter += !depending.empty() && depending.size() < window.frontier.size();

    SlicedTree found = annealSlices(window.network, part, flops, window.log2Extents,
                                    {.sweeps = 30, .hottest = 1e-9, .coldest = 1e-9, .seed = seed},
                                    Budget(), outer);
    for (IndexId local : found.sliced)
      outside.insert(window.indices[local]);
    SlicedTree whole{replaceWindow(tree, window, found.tree), {outside.begin(), outside.end()}};
    double before = pricedCost(network, {tree, sliced}, flops),
           after = pricedCost(network, whole, flops);
    constexpr double rounding = 1e-3;
    EXPECT_LE(after, before + rounding) << "seed " << seed;
    improved += after < before - 0.1;
  }
  EXPECT_GT(hasOuter, 20u);
  EXPECT_GT(improved, 20u);
}

TEST(SliceAnneal, SeveralStarts) {
  // The best of the starts is never lost, and one that keeps no limit does no harm.
  SliceOptions options;
  options.largest = 0x1p10;
  unsigned runs = 0;
  for (uint64_t seed = 0; seed < 6; ++seed) {
    Network network = makeRandomRegularNetwork(seed, 80);
    GreedySearch search(network, network.log2Extents());
    std::vector<SlicedTree> starts = {{search.run(FlopsModel(), {}).tree, {}}};
    double best = std::numeric_limits<double>::infinity();
    for (uint64_t number = 1; number < 5; ++number)
      if (Result<SlicedTree> start = sliceTree(
              network, search.run(FlopsModel(), restartOptions(seed, number)).tree, {}, options);
          start.ok()) {
        best = std::min(best, evaluateTree(network, start->tree, start->sliced).log2Ops);
        starts.push_back(std::move(*start));
      }
    Budget budget;
    budget.seed = seed;
    std::optional<SlicedTree> found =
        annealSliced(network, starts, {}, options, FlopsModel(), budget);
    ASSERT_TRUE(found);
    EXPECT_LE(evaluateTree(network, found->tree, found->sliced).log2Ops, best);
    EXPECT_LE(evaluateTree(network, found->tree, found->sliced).largest, *options.largest);
    runs += starts.size() > 2;
    budget.threads = 3;
    std::optional<SlicedTree> same =
        annealSliced(network, starts, {}, options, FlopsModel(), budget);
    EXPECT_EQ(same->tree, found->tree);
    EXPECT_EQ(same->sliced, found->sliced);
  }
  EXPECT_GT(runs, 3u);
}

TEST(SliceAnneal, LargeTreesAreAnnealedWhereTheyAreDear) {
  // A lattice that is dear, and a long chain at its corner that is not.
  Network network = makeLattice(7, 8);
  IndexId bond = network.addIndex(3);
  network.addTensor({bond, network.tensor(0)[0]});
  while (network.numTensors() <= 5 * mostImprovedLeaves) {
    IndexId next = network.addIndex(2 + network.numTensors() % 2);
    network.addTensor({bond, next});
    bond = next;
  }
  ASSERT_EQ(network.validate(), std::nullopt);
  ContractionTree tree = greedyTree(network);
  SliceOptions options;
  options.variations = 1;
  options.largest = evaluateTree(network, tree).largest / 100;
  Result<SlicedTree> start = sliceTree(network, tree, {}, options);
  ASSERT_TRUE(start.ok()) << start.error();
  std::optional<SlicedTree> found =
      annealSliced(network, {*start}, {}, options, FlopsModel(), Budget());
  ASSERT_TRUE(found);
  ASSERT_EQ(ContractionTree::check(network.numTensors(), found->tree.steps()), std::nullopt);
  TreeCost before = evaluateTree(network, start->tree, start->sliced),
           after = evaluateTree(network, found->tree, found->sliced);
  EXPECT_LE(after.largest, *options.largest);
  EXPECT_LT(after.log2Ops, before.log2Ops - 1);
}

TEST(SliceAnneal, PlansWithABoundOnTheLargestIntermediate) {
  StrategyRegistry registry;
  Network network = makeRandomRegularNetwork(2, 90);
  for (bool hasDeadline : {false, true}) {
    PlanOptions options;
    options.slicing.largest = 0x1p8;
    if (hasDeadline)
      options.budget.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
    Result<Plan> plan = planNetwork(network, options, registry);
    ASSERT_TRUE(plan.ok()) << plan.error();
    EXPECT_LE(plan->cost.largest, 0x1p8);
    EXPECT_GT(plan->cost.slices, 1);
  }
  PlanOptions wrong;
  wrong.slicing.largest = 0.5;
  EXPECT_EQ(planNetwork(network, wrong, registry).error(),
            "the bound on the largest intermediate must be 1 element or more");
}

TEST(SliceAnneal, KeepsTheNumberOfSlices) {
  // Annealing slices all that pays; a plan must not have more slices than allowed.
  Network network = makeRandomRegularNetwork(4, 100);
  ContractionTree tree = greedyTree(network);
  SliceOptions options;
  options.largest = 0x1p9;
  Result<SlicedTree> free = sliceTree(network, tree, {}, options);
  ASSERT_TRUE(free.ok());
  options.maxSlices = evaluateTree(network, free->tree, free->sliced).slices;
  std::optional<SlicedTree> found =
      annealSliced(network, {*free}, {}, options, FlopsModel(), Budget());
  ASSERT_TRUE(found);
  EXPECT_LE(evaluateTree(network, found->tree, found->sliced).slices, options.maxSlices);
}

TEST(SliceAnneal, TreesOfOneStepAndNone) {
  StrategyRegistry registry;
  for (const Network &network : {makeChain({40, 50}), makeChain({40, 50, 60})})
    for (std::string_view strategy : {"auto", "greedy", "annealing"}) {
      PlanOptions options;
      options.strategy = strategy;
      options.slicing.minSlices = 5;
      options.slicing.largest = 100;
      Result<Plan> plan = planNetwork(network, options, registry);
      ASSERT_TRUE(plan.ok()) << plan.error();
      EXPECT_GE(plan->cost.slices, 5);
      EXPECT_LE(plan->cost.largest, 100);
    }
}

TEST(SliceAnneal, ANamedPeakKeepsTheBoundOnElementsToo) {
  StrategyRegistry registry;
  Network network = makeChain({8, 8, 8, 8});
  PlanOptions options;
  options.memory.threads = 4;
  options.slicing.largest = 8;
  options.slicing.peakBytes = 100;
  Result<Plan> plan = planNetwork(network, options, registry);
  ASSERT_FALSE(plan.ok());
  ASSERT_GT(plan.fullError().smallestPeak, 100);
  options.slicing.peakBytes = plan.fullError().smallestPeak;
  EXPECT_TRUE(planNetwork(network, options, registry).ok());

  options.slicing = {};
  options.slicing.largest = 1;
  options.slicing.maxSlices = 4;
  std::string message = planNetwork(network, options, registry).error();
  EXPECT_EQ(message.find("the bound of 1 elements on the largest intermediate cannot be kept"), 0u)
      << message;
}
