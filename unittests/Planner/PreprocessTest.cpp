//===- PreprocessTest.cpp - Steps that can be taken before any search -----===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Preprocess.h"
#include "TestNetworks.h"
#include "tenon/Planner/Cost.h"
#include "tenon/Planner/Strategy.h"

#include <gtest/gtest.h>

#include <chrono>
#include <numeric>

using namespace tenon::planner;
using namespace tenon::planner::test;

namespace {

constexpr double everything = std::numeric_limits<double>::infinity();

/// The best tree: all are considered, so the network must be small.
ContractionTree bestTree(const Network &network) {
  StrategyRegistry registry;
  FlopsModel model;
  return (*registry.find("optimal"))->search({network, model, Budget()})->tree;
}

double opsOf(const Network &network, const ContractionTree &tree) {
  return evaluateTree(network, tree).ops;
}

/// What the best tree costs beyond that of the network as it is.
double excess(const Network &network, const Preprocessed &result) {
  ContractionTree tree = result.expand(bestTree(result.network()));
  EXPECT_EQ(ContractionTree::check(network.numTensors(), tree.steps()), std::nullopt);
  EXPECT_EQ(recountOps(network, tree), opsOf(network, tree));
  return opsOf(network, tree) - opsOf(network, bestTree(network));
}

} // namespace

TEST(Preprocess, TheBestTreeStaysTheBest) {
  unsigned reduced = 0;
  for (uint64_t seed = 0; seed < 600; ++seed) {
    Network network = makeRandomNetwork(seed, 2 + seed % 9, 3 + seed % 13);
    Preprocessed result = preprocess(network, network.log2Extents());
    EXPECT_EQ(result.log2Loss(), log2Zero);
    EXPECT_EQ(excess(network, result), 0) << "seed " << seed;
    reduced += result.network().numTensors() < network.numTensors();
  }
  EXPECT_GT(reduced, 200u);
}

TEST(Preprocess, ARestrictedTreeCostsNoMoreThanTheLoss) {
  unsigned reduced = 0;
  for (uint64_t seed = 0; seed < 600; ++seed) {
    Network network = makeRandomNetwork(seed, 2 + seed % 9, 3 + seed % 13);
    // Any tree, good or bad.
    Random random(seed);
    std::vector<NodeId> parts(network.numTensors());
    std::iota(parts.begin(), parts.end(), 0);
    std::vector<Step> steps;
    while (parts.size() > 1) {
      std::swap(parts[random.below(static_cast<uint32_t>(parts.size()))], parts.back());
      NodeId lhs = parts.back();
      parts.pop_back();
      NodeId &rhs = parts[random.below(static_cast<uint32_t>(parts.size()))];
      steps.push_back({lhs, rhs});
      rhs = network.numTensors() + static_cast<NodeId>(steps.size()) - 1;
    }
    ContractionTree tree(network.numTensors(), steps);
    for (double allowance : {log2Zero, 6.0, everything}) {
      Preprocessed result = preprocess(network, network.log2Extents(), allowance);
      ContractionTree smaller = result.restrict(tree);
      EXPECT_EQ(ContractionTree::check(result.network().numTensors(), smaller.steps()),
                std::nullopt);
      EXPECT_LE(recountOps(network, result.expand(smaller)),
                recountOps(network, tree) + std::exp2(result.log2Loss()) + 1e-6)
          << "seed " << seed << ", allowance " << allowance;
      reduced += smaller.numSteps() < tree.numSteps();
      // A tree of the smaller network comes back as it was.
      EXPECT_EQ(result.restrict(result.expand(smaller)), smaller);
    }
  }
  EXPECT_GT(reduced, 600u);
}

TEST(Preprocess, WhatIsLostStaysWithinTheBound) {
  double worst = 0;
  for (uint64_t seed = 0; seed < 600; ++seed) {
    Network network = makeRandomNetwork(seed, 2 + seed % 9, 3 + seed % 13);
    for (double allowance : {3.0, 6.0, everything}) {
      Preprocessed result = preprocess(network, network.log2Extents(), allowance);
      EXPECT_LE(result.log2Loss(), allowance);
      double lost = excess(network, result), bound = std::exp2(result.log2Loss());
      EXPECT_LE(lost, bound * (1 + 1e-9)) << "seed " << seed;
      worst = std::max(worst, lost / std::max(bound, 1.0));
    }
  }
  // The bound is not vacuous: somewhere most of it is lost.
  EXPECT_GT(worst, 0.5);
}

TEST(Preprocess, ResultsAreNoLargerThanInputs) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Network network = makeRandomNetwork(seed, 2 + seed % 12, 3 + seed % 17);
    Preprocessed result = preprocess(network, network.log2Extents(), everything);
    double largest = 0;
    for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor)
      largest = std::max(largest, productOf(network, keptIndices(network, {tensor})));
    auto below = leavesBelow(result.expand(bestTree(result.network())));
    for (NodeId node = 0; node < network.numTensors() + result.steps().size(); ++node)
      EXPECT_LE(productOf(network, keptIndices(network, below[node])), largest);
  }
}

TEST(Preprocess, DuplicatesAreJoinedFirst) {
  // Three matrices over the same bonds in a ring with two others, which must wait.
  Network network = makeNetwork({{0, 1}, {2, 1}, {1, 0}, {2, 0}, {0, 1}}, {0, 1, 2}, {3, 5, 7});
  Preprocessed result = preprocess(network, network.log2Extents());
  EXPECT_EQ(result.network().numTensors(), 3u);
  ASSERT_EQ(result.steps().size(), 2u);
  auto below = leavesBelow(result.expand(bestTree(result.network())));
  EXPECT_EQ(below[6], (std::set<NodeId>{0, 2, 4}));
}

TEST(Preprocess, AVectorIsAppliedWhereThatMakesLess) {
  // |A x| <= |x| for a matrix of 3 x 5 and a vector of 5: free. A vector of 3 applied to the same
  // matrix gives one of 5, which could have been dearer than another order: 15 + 5 - 3 - 15.
  Network free = makeNetwork({{0, 1}, {1}, {0}}, {}, {3, 5});
  EXPECT_EQ(preprocess(free, free.log2Extents()).network().numTensors(), 1u);
  Network network = makeNetwork({{0, 1}, {0}, {1, 2, 3}, {2, 4}, {3, 4}}, {}, {3, 5, 2, 2, 2});
  EXPECT_EQ(preprocess(network, network.log2Extents()).network().numTensors(), 5u);
  Preprocessed result = preprocess(network, network.log2Extents(), 1.01);
  // What is left of the first two is a part of the third, and makes it no larger: free again.
  EXPECT_EQ(result.network().numTensors(), 3u);
  EXPECT_NEAR(result.log2Loss(), 1, 1e-9);
}

TEST(Preprocess, IndicesThatCostNothingAreLeftOut) {
  // 1 is of extent 1, 3 of one tensor only, 2 is sliced.
  Network network = makeNetwork({{0, 1, 2, 3}, {0, 1, 4}, {4, 2, 0}, {2, 4}, {0, 5}, {5, 4}},
                                {1, 2, 5}, {3, 1, 5, 7, 2, 2});
  std::vector<double> extents = network.log2Extents();
  extents[2] = 0;
  Preprocessed result = preprocess(network, extents);
  std::set<IndexId> left(result.originalIndices().begin(), result.originalIndices().end());
  EXPECT_FALSE(left.count(1) || left.count(2) || left.count(3));
  EXPECT_TRUE(left.count(5));
  ASSERT_EQ(result.network().validate(), std::nullopt);
  for (IndexId index = 0; index < result.network().numIndices(); ++index)
    EXPECT_EQ(result.network().extent(index), network.extent(result.originalIndices()[index]));
  ASSERT_EQ(result.network().output().size(), 1u);
  EXPECT_EQ(result.originalIndices()[result.network().output()[0]], 5u);
}

TEST(Preprocess, ScalarsAndASingleTensor) {
  Network scalars = makeNetwork({{}, {0}, {}, {}}, {}, {5});
  Preprocessed result = preprocess(scalars, scalars.log2Extents());
  EXPECT_EQ(result.network().numTensors(), 1u);
  EXPECT_EQ(opsOf(scalars, result.expand(bestTree(result.network()))), 3);
  Network single = makeNetwork({{0, 1}}, {1}, {2, 3});
  Preprocessed same = preprocess(single, single.log2Extents());
  EXPECT_EQ(same.network().numTensors(), 1u);
  EXPECT_EQ(same.expand(bestTree(same.network())).numSteps(), 0u);
}

TEST(Preprocess, ATreeOfTensorsDissolves) {
  // Bonds of one extent without a cycle: every leaf is a vector.
  std::vector<std::vector<IndexId>> tensors(50);
  for (IndexId bond = 0; bond + 1 < 50; ++bond) {
    tensors[bond + 1].push_back(bond);
    tensors[bond / 2].push_back(bond);
  }
  Network network = makeNetwork(tensors, {}, std::vector<int64_t>(49, 4));
  EXPECT_EQ(preprocess(network, network.log2Extents(), everything).network().numTensors(), 1u);
}

TEST(Preprocess, AMillionTensorsInSeconds) {
  // A ladder whose rungs carry vectors, duplicates and scalars, below an index that all share.
  constexpr IndexId count = 200'000;
  std::vector<std::vector<IndexId>> tensors;
  std::vector<int64_t> extents(2 * count + 1, 2);
  for (IndexId i = 0; i < count; ++i) {
    tensors.push_back({i, (i + 1) % count, count + i});
    tensors.push_back({count + i, count + (i + 7) % count});
    tensors.push_back({i});
    tensors.push_back({i, 2 * count});
    tensors.push_back({2 * count, i});
  }
  Network network = makeNetwork(tensors, {}, extents);
  auto begin = std::chrono::steady_clock::now();
  Preprocessed result = preprocess(network, network.log2Extents(), everything);
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  // A step of the ladder, its rung, and one tensor with the shared index are left of each.
  EXPECT_EQ(result.network().numTensors(), 3 * count);
  // Measured 1.5 s; the margin is for busy machines and sanitizers.
  EXPECT_LT(seconds, 60);
}
