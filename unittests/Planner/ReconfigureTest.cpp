//===- ReconfigureTest.cpp - Exact improvement of subtrees ----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/Reconfigure.h"
#include "TestNetworks.h"
#include "tenon/Planner/Cost.h"
#include "tenon/Planner/Greedy.h"
#include "tenon/Planner/Path.h"

#include <gtest/gtest.h>

using namespace tenon::planner;
using namespace tenon::planner::test;

TEST(Reconfigure, ASmallTreeBecomesOptimal) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Network network = makeRandomNetwork(seed, 6, 9);
    // The worst kind of start: in the order of the tensors.
    ContractionTree start = *treeFromLinearPath(6, {});
    ContractionTree better =
        reconfigure(network, start, FlopsModel(), network.log2Extents(), Budget());
    EXPECT_EQ(recountOps(network, better), bruteForceBest(
                                               network, [](double ops, double) { return ops; },
                                               [](double a, double b) { return a + b; }))
        << "seed " << seed;
  }
}

TEST(Reconfigure, NeverWorseAndAlwaysATree) {
  for (uint64_t seed = 0; seed < 25; ++seed) {
    Network network = makeRandomNetwork(seed, 30, 45);
    std::vector<double> extents = network.log2Extents();
    ContractionTree start = GreedySearch(network, extents).run(FlopsModel(), {}).tree;
    for (std::string_view name : {"flops", "size", "write", "combo"}) {
      std::unique_ptr<CostModel> model = std::move(*makeCostModel(name));
      Budget budget;
      budget.reconfigureLeaves = 4 + seed % 6;
      budget.seed = seed;
      ContractionTree better = reconfigure(network, start, *model, extents, budget);
      ASSERT_EQ(ContractionTree::check(30, better.steps()), std::nullopt);
      EXPECT_EQ(evaluateTree(network, better).ops, recountOps(network, better));
      EXPECT_FALSE(scoreTree(network, start, *model, extents)
                       .betterThan(scoreTree(network, better, *model, extents)))
          << name << " seed " << seed;
    }
  }
}

TEST(Reconfigure, ImprovesGreedyOnALattice) {
  Network network = makeLattice(8, 8);
  std::vector<double> extents = network.log2Extents();
  ContractionTree start = GreedySearch(network, extents).run(FlopsModel(), {}).tree;
  ContractionTree better = reconfigure(network, start, FlopsModel(), extents, Budget());
  EXPECT_LT(evaluateTree(network, better).log2Ops, evaluateTree(network, start).log2Ops - 1);
  EXPECT_EQ(reconfigure(network, start, FlopsModel(), extents, Budget()), better);
}
