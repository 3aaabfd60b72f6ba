//===- PathTest.cpp - Linear, SSA and edge paths --------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/Path.h"
#include "TestNetworks.h"
#include "tenon/Planner/Greedy.h"

#include <gtest/gtest.h>

using namespace tenon::planner;
using namespace tenon::planner::test;

namespace {

ContractionTree greedyTree(const Network &network) {
  return GreedySearch(network, network.log2Extents()).run(FlopsModel(), {}).tree;
}

std::vector<Step> stepsOf(const Result<ContractionTree> &tree) {
  EXPECT_TRUE(tree.ok()) << tree.error();
  return tree.ok() ? std::vector<Step>(tree->steps().begin(), tree->steps().end())
                   : std::vector<Step>();
}

} // namespace

TEST(Path, LinearAppendsResultsAtTheEnd) {
  // Remaining after each step: [0 2 3 4'], [2 4' 5'], ...
  EXPECT_EQ(stepsOf(treeFromLinearPath(5, {{1, 4}, {0, 2}, {0, 1}, {0, 1}})),
            (std::vector<Step>{{1, 4}, {0, 3}, {2, 5}, {6, 7}}));
}

TEST(Path, KAryStepsAreSplitInOrder) {
  EXPECT_EQ(stepsOf(treeFromLinearPath(4, {{3, 0, 2}, {0, 1}})),
            (std::vector<Step>{{3, 0}, {4, 2}, {1, 5}}));
  EXPECT_EQ(stepsOf(treeFromSsaPath(4, {{3, 0, 2}, {4, 1}})),
            (std::vector<Step>{{3, 0}, {4, 2}, {5, 1}}));
}

TEST(Path, UnaryStepsOnlyRenumber) {
  EXPECT_EQ(stepsOf(treeFromLinearPath(3, {{0}, {2, 0}, {0, 1}})),
            (std::vector<Step>{{0, 1}, {2, 3}}));
  EXPECT_EQ(stepsOf(treeFromSsaPath(3, {{0}, {3, 1}, {2, 4}})),
            (std::vector<Step>{{0, 1}, {2, 3}}));
}

TEST(Path, IncompletePathsAreCompletedByOneStep) {
  EXPECT_EQ(stepsOf(treeFromLinearPath(4, {{0, 2}})), (std::vector<Step>{{0, 2}, {1, 3}, {5, 4}}));
  EXPECT_EQ(stepsOf(treeFromSsaPath(3, {})), (std::vector<Step>{{0, 1}, {3, 2}}));
  EXPECT_TRUE(stepsOf(treeFromLinearPath(1, {})).empty());
}

TEST(Path, SaysWhichStepIsWrong) {
  EXPECT_EQ(treeFromLinearPath(3, {{0, 1}, {0, 2}}).error(),
            "step 1 of the path names position 2, but 2 tensors remain there; expected 0 to 1");
  EXPECT_EQ(treeFromLinearPath(3, {{-1, 1}}).error(),
            "step 0 of the path names position -1, but 3 tensors remain there; expected 0 to 2");
  EXPECT_EQ(treeFromLinearPath(3, {{1, 1}}).error(),
            "step 0 of the path names position 1 twice; a tensor is contracted once");
  EXPECT_EQ(treeFromLinearPath(3, {{0, 1}, {}}).error(),
            "step 1 of the path names no tensor; expected one or more positions");
  EXPECT_EQ(treeFromSsaPath(3, {{0, 1}, {1, 2}}).error(),
            "step 1 of the path names tensor 1, which step 0 already contracted; each tensor is "
            "used once");
  EXPECT_EQ(treeFromSsaPath(3, {{0, 3}}).error(),
            "step 0 of the path names tensor 3, which does not exist there; expected 0 to 2");
  EXPECT_EQ(treeFromSsaPath(3, {{2, 2}}).error(),
            "step 0 of the path names tensor 2 twice; a tensor is contracted once");
  Network network = makeChain({2, 3, 4});
  EXPECT_EQ(treeFromEdgePath(network, std::vector<int64_t>{1, 9}).error(),
            "element 1 of the edge path is index 9, which the network does not have; expected 0 "
            "to 2");
  EXPECT_EQ(treeFromEdgePath(network, std::vector<int64_t>{1, 1}).error(),
            "element 1 of the edge path repeats index 1; an index is eliminated once");
}

TEST(Path, EdgePathContractsAllHolders) {
  // Index 0 is a hyperedge over three tensors.
  Network network = makeNetwork({{0, 1}, {0, 2}, {1, 3}, {0, 3}, {2}}, {}, {2, 3, 4, 5});
  EXPECT_EQ(stepsOf(treeFromEdgePath(network, std::vector<int64_t>{3, 0})),
            (std::vector<Step>{{2, 3}, {0, 1}, {6, 5}, {4, 7}}));
}

TEST(Path, RoundTrips) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    Network network = makeRandomNetwork(seed, 12, 18);
    ContractionTree tree = greedyTree(network);
    Result<ContractionTree> ssa = treeFromSsaPath(12, toSsaPath(tree));
    ASSERT_TRUE(ssa.ok()) << ssa.error();
    EXPECT_EQ(*ssa, tree);
    Result<ContractionTree> linear = treeFromLinearPath(12, toLinearPath(tree));
    ASSERT_TRUE(linear.ok()) << linear.error();
    auto sorted = [](const ContractionTree &of) {
      std::vector<Step> steps(of.steps().begin(), of.steps().end());
      for (Step &step : steps)
        if (step.lhs > step.rhs)
          std::swap(step.lhs, step.rhs);
      return steps;
    };
    EXPECT_EQ(sorted(*linear), sorted(tree));
  }
}

TEST(Path, EdgePathRoundTripsWhereEveryStepSums) {
  Network network = makeLattice(4, 5);
  ContractionTree tree = greedyTree(network);
  std::vector<IndexId> edges = toEdgePath(network, tree);
  EXPECT_EQ(edges.size(), network.numIndices());
  Result<ContractionTree> back =
      treeFromEdgePath(network, std::vector<int64_t>(edges.begin(), edges.end()));
  ASSERT_TRUE(back.ok()) << back.error();
  EXPECT_EQ(leavesBelow(*back), leavesBelow(tree));
}

TEST(Path, LongLinearPathsAreNearLinear) {
  // The worst case for a list with erasure: 200,000 removals at the front.
  constexpr NodeId count = 200'000;
  Path path(count - 1, {0, 1});
  Result<ContractionTree> tree = treeFromLinearPath(count, path);
  ASSERT_TRUE(tree.ok());
  EXPECT_EQ(toLinearPath(*tree), path);
}
