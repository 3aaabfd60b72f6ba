//===- GreedyTest.cpp - Greedy and random greedy --------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/Greedy.h"
#include "TestNetworks.h"
#include "tenon/Planner/Cost.h"
#include "tenon/Planner/Strategy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>

using namespace tenon::planner;
using namespace tenon::planner::test;

namespace {

Result<SlicedTree> search(const Network &network, std::string_view name, Budget budget) {
  StrategyRegistry registry;
  FlopsModel model;
  return (*registry.find(name))->search({network, model, budget});
}

} // namespace

TEST(Greedy, TakesTheBestPairFirst) {
  // Scores out - lhs - rhs: (0,1) 2*5-6-15 = -11, (1,2) 3*7-15-35 = -29, (2,3) 5*2-35-14 = -39.
  Network network = makeChain({2, 3, 5, 7, 2});
  ScoredTree found = GreedySearch(network, network.log2Extents()).run(FlopsModel(), {});
  EXPECT_EQ(found.tree.step(0), (Step{2, 3}));
}

TEST(Greedy, ScoreEqualsARecountOnEveryKindOfNetwork) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Network network = makeRandomNetwork(seed, 1 + seed % 14, 3 + seed % 17);
    GreedySearch search(network, network.log2Extents());
    for (uint64_t number = 0; number < 3; ++number) {
      ScoredTree found = search.run(FlopsModel(), restartOptions(seed, number));
      ASSERT_EQ(ContractionTree::check(network.numTensors(), found.tree.steps()), std::nullopt);
      double ops = recountOps(network, found.tree);
      EXPECT_EQ(evaluateTree(network, found.tree).ops, ops);
      if (found.tree.numSteps() > 0)
        EXPECT_NEAR(found.score.ops, std::log2(ops), 1e-9);
    }
  }
}

TEST(Greedy, ManyHoldersOfOneIndex) {
  // An index that 300 tensors have, far above what a scan looks at, each with a bond of its own.
  std::vector<std::vector<IndexId>> tensors;
  std::vector<int64_t> extents = {3};
  for (unsigned i = 0; i < 150; ++i) {
    IndexId bond = static_cast<IndexId>(extents.size());
    extents.push_back(2 + i % 4);
    tensors.push_back({0, bond});
    tensors.push_back({bond, 0});
  }
  Network network = makeNetwork(tensors, {}, extents);
  ScoredTree found = GreedySearch(network, network.log2Extents()).run(FlopsModel(), {});
  EXPECT_NEAR(found.score.ops, std::log2(recountOps(network, found.tree)), 1e-9);
  // Bonds are contracted before anything grows: no intermediate has more than the hyperedge.
  EXPECT_EQ(evaluateTree(network, found.tree).largest, 3);
}

TEST(Greedy, DisconnectedPartsAreJoinedSmallestFirst) {
  // Four vectors that stay open: 2, 3, 5, 7. Huffman: (2 3) 6, (5 6) 30, (7 30) 210.
  Network network = makeNetwork({{0}, {1}, {2}, {3}}, {0, 1, 2, 3}, {7, 2, 5, 3});
  ScoredTree found = GreedySearch(network, network.log2Extents()).run(FlopsModel(), {});
  EXPECT_EQ(evaluateTree(network, found.tree).ops, 6 + 30 + 210);
}

TEST(Greedy, SizesBeyondDoublesKeepTheirOrder) {
  // In units of 2^1200 the tensors are 1, 2, 8, 4, and the scores of the pairs around the ring
  // 2 - 1 - 2, 4 - 2 - 8, 2 - 8 - 4, 4 - 4 - 1.
  Network network = makeNetwork({{0, 1}, {1, 2}, {2, 3}, {3, 0}}, {}, {1, 1, 1, 1});
  std::vector<double> extents = {600, 600, 601, 602};
  ScoredTree found = GreedySearch(network, extents).run(FlopsModel(), {});
  EXPECT_EQ(found.tree.step(0), (Step{2, 3}));
}

TEST(RandomGreedy, OneSeedGivesOneTreeWhateverTheThreads) {
  Network network = makeRandomRegularNetwork(3, 60);
  Budget budget;
  budget.restarts = 24;
  budget.seed = 11;
  Result<SlicedTree> one = search(network, "random-greedy", budget);
  budget.threads = 3;
  Result<SlicedTree> three = search(network, "random-greedy", budget);
  ASSERT_TRUE(one.ok() && three.ok());
  EXPECT_EQ(one->tree, three->tree);
  budget.seed = 12;
  EXPECT_FALSE(search(network, "random-greedy", budget)->tree == one->tree);
}

TEST(RandomGreedy, MoreRestartsAreNeverWorse) {
  Network network = makeRandomRegularNetwork(5, 80);
  Budget budget;
  double previous = std::numeric_limits<double>::infinity();
  for (uint64_t restarts : {1, 8, 64}) {
    budget.restarts = restarts;
    double ops = evaluateTree(network, search(network, "random-greedy", budget)->tree).log2Ops;
    EXPECT_LE(ops, previous);
    previous = ops;
  }
  budget.restarts = 1;
  EXPECT_LT(previous, evaluateTree(network, search(network, "greedy", budget)->tree).log2Ops);
}

TEST(RandomGreedy, AdaptsToTheNetwork) {
  // Sampled alone: the same options, but none near those that were good.
  double adapted = 0, sampled = 0;
  for (uint64_t seed = 0; seed < 6; ++seed) {
    Network network = makeRandomRegularNetwork(seed, 120);
    Budget budget;
    budget.restarts = 128;
    budget.seed = seed;
    adapted += evaluateTree(network, search(network, "random-greedy", budget)->tree).log2Ops;
    GreedySearch greedy(network, network.log2Extents());
    double best = std::numeric_limits<double>::infinity();
    for (uint64_t number = 0; number < budget.restarts; ++number)
      best = std::min(best, greedy.run(FlopsModel(), restartOptions(seed, number)).score.ops);
    sampled += best;
  }
  EXPECT_LT(adapted, sampled);
}

TEST(RandomGreedy, StopsWhenCancelledWithAResult) {
  Network network = makeRandomRegularNetwork(6, 40);
  std::atomic<bool> cancel = true;
  Budget budget;
  budget.restarts = 1'000'000'000;
  budget.cancel = &cancel;
  uint64_t reports = 0;
  budget.progress = [&](const Progress &progress) {
    ++reports;
    EXPECT_EQ(progress.strategy, "random-greedy");
    EXPECT_EQ(progress.steps, 1'000'000'000u);
  };
  Result<SlicedTree> found = search(network, "random-greedy", budget);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->tree.numLeaves(), 40u);
  EXPECT_EQ(reports, 1u);
}

TEST(Greedy, ARunThatIsCancelledStillGivesATree) {
  for (uint64_t seed = 0; seed < 6; ++seed) {
    Network network = seed % 2 ? makeRandomRegularNetwork(seed, 400) : makeLattice(20, 20);
    // The first question comes in the middle of the run.
    unsigned asked = 0;
    tenon::Cancellation cancellation([&] { return ++asked > 0; });
    Budget budget;
    budget.cancellation = &cancellation;
    GreedySearch search(network, network.log2Extents());
    ScoredTree whole = search.run(FlopsModel(), {});
    ScoredTree found = search.runFirst(FlopsModel(), {}, budget);
    EXPECT_EQ(asked, 1u);
    ASSERT_EQ(ContractionTree::check(400, found.tree.steps()), std::nullopt);
    EXPECT_FALSE(found.tree == whole.tree);
    EXPECT_NEAR(found.score.ops, evaluateTree(network, found.tree).log2Ops, 1e-6);
    // No outer products: what shares an index was joined.
    NodeIndices indices(network, found.tree);
    for (const Step &step : found.tree.steps())
      EXPECT_TRUE(std::ranges::any_of(indices[step.lhs], [&](IndexId index) {
        return std::ranges::binary_search(indices[step.rhs], index);
      }));
    // The search can go on as if nothing had been.
    EXPECT_FALSE(search.runWithin(FlopsModel(), {}, budget));
    EXPECT_EQ(search.run(FlopsModel(), {}).tree, whole.tree);
  }
}

TEST(Greedy, TheFirstRunTakesNoNoticeOfTheDeadline) {
  // A search without time gives the plain greedy tree.
  Network network = makeRandomRegularNetwork(3, 500);
  Budget budget;
  budget.deadline = std::chrono::steady_clock::now();
  GreedySearch search(network, network.log2Extents());
  EXPECT_EQ(search.runFirst(FlopsModel(), {}, budget).tree, search.run(FlopsModel(), {}).tree);
  EXPECT_FALSE(search.runWithin(FlopsModel(), {}, budget));
  budget.deadline = std::chrono::steady_clock::now() + std::chrono::hours(1);
  EXPECT_EQ(search.runWithin(FlopsModel(), {}, budget)->tree, search.run(FlopsModel(), {}).tree);
}

TEST(Greedy, TenThousandTensorsInUnderASecond) {
  Network network = makeRandomRegularNetwork(1, 10'000);
  // The processor's time: others may be using the machine.
  std::clock_t begin = std::clock();
  ScoredTree found = GreedySearch(network, network.log2Extents()).run(FlopsModel(), {});
  double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  EXPECT_EQ(found.tree.numSteps(), 9'999u);
  // Measured 0.03 s; the margin is for sanitizers.
  EXPECT_LT(seconds, 1.0);
}

TEST(Greedy, MoreThanAMillionIndicesOfLargeExtents) {
  // A chain in which neighbours share 60 indices: 59 of extent 2, and one beyond 16 bits.
  constexpr IndexId tensorCount = 20'001, shared = 60, indexCount = (tensorCount - 1) * shared;
  static_assert(indexCount > 1'000'000);
  std::vector<std::vector<IndexId>> tensors(tensorCount);
  std::vector<int64_t> extents;
  for (IndexId index = 0; index < indexCount; ++index) {
    tensors[index / shared].push_back(index);
    tensors[index / shared + 1].push_back(index);
    extents.push_back(index % shared ? 2 : 70'001);
  }
  Network network = makeNetwork(std::move(tensors), {}, std::move(extents));
  ASSERT_EQ(network.validate(), std::nullopt);
  ContractionTree tree = GreedySearch(network, network.log2Extents()).run(FlopsModel(), {}).tree;
  ASSERT_EQ(ContractionTree::check(tensorCount, tree.steps()), std::nullopt);
  // From one end to the other: two bundles meet in every step but the last. Elsewhere, three.
  double bundle = 59 + std::log2(70'001);
  double log2Ops = evaluateTree(network, tree).log2Ops;
  EXPECT_GE(log2Ops, 2 * bundle + std::log2(tensorCount - 2) - 1e-6);
  EXPECT_LE(log2Ops, 3 * bundle + std::log2(tensorCount));
}

TEST(Registry, NamesAndErrors) {
  StrategyRegistry registry;
  std::vector<std::string_view> names;
  for (const Strategy *strategy : registry.all())
    names.push_back(strategy->name());
  EXPECT_EQ(names, (std::vector<std::string_view>{"annealing", "auto", "bisection", "elimination",
                                                  "greedy", "optimal", "random-greedy",
                                                  "reconfiguration"}));
  EXPECT_EQ(registry.find("best").error(),
            "unknown strategy 'best'; expected one of annealing, auto, bisection, elimination, "
            "greedy, optimal, random-greedy, reconfiguration");
}

TEST(Greedy, ManyHoldersOfAnIndexStayLinear) {
  // Tensors that all have one index, which is open: every step takes one of them out of its list.
  auto secondsOf = [](unsigned numTensors) {
    std::vector<std::vector<IndexId>> tensors;
    std::vector<int64_t> extents = {2};
    for (IndexId tensor = 0; tensor < numTensors; ++tensor) {
      tensors.push_back({0, tensor + 1});
      extents.push_back(2 + tensor % 3);
    }
    Network network = makeNetwork(std::move(tensors), {0}, std::move(extents));
    GreedySearch search(network, network.log2Extents());
    double best = std::numeric_limits<double>::infinity();
    for (unsigned run = 0; run < 3; ++run) {
      std::clock_t start = std::clock();
      search.run(FlopsModel(), {});
      best = std::min(best, double(std::clock() - start) / CLOCKS_PER_SEC);
    }
    return best;
  };
  // Eight times the tensors: 64 times the time if lists were searched.
  EXPECT_LT(secondsOf(80'000), 24 * secondsOf(10'000) + 0.02);
}
