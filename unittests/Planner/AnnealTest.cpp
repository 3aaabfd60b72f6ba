//===- AnnealTest.cpp - Simulated annealing of contraction trees ----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/Anneal.h"
#include "TestNetworks.h"
#include "tenon/Planner/Cost.h"
#include "tenon/Planner/Greedy.h"
#include "tenon/Planner/Path.h"

#include <gtest/gtest.h>

using namespace tenon::planner;
using namespace tenon::planner::test;

TEST(Anneal, SmallTreesBecomeOptimal) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Network network = makeRandomNetwork(seed, 6, 9);
    // The worst kind of start: in the order of the tensors.
    ContractionTree tree = *treeFromLinearPath(6, {});
    for (uint64_t chain = 0; chain < 4; ++chain)
      tree = anneal(network, tree, FlopsModel(), network.log2Extents(),
                    {.sweeps = 3000, .hottest = 3, .seed = chain}, Budget());
    EXPECT_EQ(recountOps(network, tree), bruteForceBest(
                                             network, [](double ops, double) { return ops; },
                                             [](double a, double b) { return a + b; }))
        << "seed " << seed;
  }
}

TEST(Anneal, NeverWorseAndAlwaysATree) {
  for (uint64_t seed = 0; seed < 25; ++seed) {
    // Enough indices for several words, and extents of several weights.
    Network network = makeRandomNetwork(seed, 30, 45 + 10 * seed);
    std::vector<double> extents = network.log2Extents();
    ContractionTree start = GreedySearch(network, extents).run(FlopsModel(), {}).tree;
    for (std::string_view name : {"flops", "size", "write", "combo"}) {
      std::unique_ptr<CostModel> model = std::move(*makeCostModel(name));
      ContractionTree better =
          anneal(network, start, *model, extents, {.sweeps = 200, .seed = seed}, Budget());
      ASSERT_EQ(ContractionTree::check(30, better.steps()), std::nullopt);
      EXPECT_FALSE(scoreTree(network, start, *model, extents)
                       .betterThan(scoreTree(network, better, *model, extents)))
          << name << " seed " << seed;
    }
  }
}

TEST(Anneal, ImprovesGreedyOnALattice) {
  Network network = makeLattice(8, 8);
  std::vector<double> extents = network.log2Extents();
  ContractionTree start = GreedySearch(network, extents).run(FlopsModel(), {}).tree;
  AnnealOptions options{.sweeps = 2000, .seed = 3};
  ContractionTree better = anneal(network, start, FlopsModel(), extents, options, Budget());
  EXPECT_LT(evaluateTree(network, better).log2Ops, evaluateTree(network, start).log2Ops - 1);
  EXPECT_EQ(anneal(network, start, FlopsModel(), extents, options, Budget()), better);
}

TEST(Anneal, ImprovesHyperedgesOfOneExtent) {
  // Every index is held by four tensors and has extent 2: all words have one weight.
  Random random(5);
  std::vector<std::vector<IndexId>> tensors(60);
  for (IndexId index = 0; index < 80; ++index)
    for (int holder = 0; holder < 4; ++holder)
      tensors[random.below(60)].push_back(index);
  Network network = makeNetwork(std::move(tensors), {3, 7}, std::vector<int64_t>(80, 2));
  std::vector<double> extents = network.log2Extents();
  ContractionTree start = GreedySearch(network, extents).run(FlopsModel(), {}).tree;
  ContractionTree better =
      anneal(network, start, FlopsModel(), extents, {.sweeps = 1000}, Budget());
  EXPECT_EQ(evaluateTree(network, better).ops, recountOps(network, better));
  EXPECT_LT(recountOps(network, better), recountOps(network, start));
}

TEST(Anneal, TakesExtentsOfOneAndZero) {
  Network network = makeNetwork({{0, 1}, {1, 2}, {2, 3}, {3, 0, 4}, {}}, {4}, {3, 1, 0, 5, 2});
  ContractionTree start = *treeFromLinearPath(5, {});
  ContractionTree better =
      anneal(network, start, FlopsModel(), network.log2Extents(), {.sweeps = 50}, Budget());
  EXPECT_EQ(ContractionTree::check(5, better.steps()), std::nullopt);
}

TEST(Anneal, AnExpiredBudgetEndsIt) {
  Network network = makeLattice(20, 20);
  std::vector<double> extents = network.log2Extents();
  ContractionTree start = GreedySearch(network, extents).run(FlopsModel(), {}).tree;
  Budget budget;
  budget.deadline = std::chrono::steady_clock::now();
  ContractionTree result = anneal(network, start, FlopsModel(), extents,
                                  {.sweeps = uint64_t{1} << 60}, budget);
  EXPECT_EQ(ContractionTree::check(400, result.steps()), std::nullopt);
}
