//===- RerootTest.cpp - Trees for a part of their tensors -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Reroot.h"
#include "TestGraphs.h"

#include <gtest/gtest.h>

using namespace tenon::planner;
using namespace tenon::planner::test;

/// The sets of leaves on both sides of every edge, those with leaf 0.
static std::set<std::set<NodeId>> splitsOf(const ContractionTree &tree) {
  std::set<NodeId> all;
  for (NodeId leaf = 0; leaf < tree.numLeaves(); ++leaf)
    all.insert(leaf);
  std::set<std::set<NodeId>> splits;
  for (std::set<NodeId> side : leavesBelow(tree)) {
    if (!side.count(0)) {
      std::set<NodeId> other;
      std::set_difference(all.begin(), all.end(), side.begin(), side.end(),
                          std::inserter(other, other.end()));
      side = std::move(other);
    }
    if (side.size() < all.size())
      splits.insert(std::move(side));
  }
  return splits;
}

TEST(Reroot, KeepsTheUnrootedTree) {
  std::vector<NodeId> same(9);
  std::iota(same.begin(), same.end(), NodeId{0});
  for (uint64_t seed = 0; seed < 20; ++seed) {
    ContractionTree tree = makeRandomTree(seed, 9);
    EXPECT_EQ(splitsOf(restrictTree(tree, same, 9, std::nullopt)), splitsOf(tree));
    for (NodeId leaf = 0; leaf < 9; ++leaf) {
      ContractionTree moved = restrictTree(tree, same, 9, leaf);
      ASSERT_EQ(ContractionTree::check(9, moved.steps()), std::nullopt);
      EXPECT_EQ(splitsOf(moved), splitsOf(tree));
      auto [lhs, rhs] = moved.makerOf(moved.root());
      EXPECT_TRUE(lhs == leaf || rhs == leaf);
    }
  }
}

TEST(Reroot, LeavesThatAreGoneLeaveTheRest) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    ContractionTree tree = makeRandomTree(seed, 8);
    // Leaves 2 and 5 are gone; the others are numbered backwards.
    std::vector<NodeId> tensorOf = {5, 4, noTensor, 3, 2, noTensor, 1, 0};
    for (std::optional<NodeId> place : {std::optional<NodeId>(), std::optional<NodeId>(2),
                                        std::optional<NodeId>(5), std::optional<NodeId>(7)}) {
      ContractionTree part = restrictTree(tree, tensorOf, 6, place);
      ASSERT_EQ(ContractionTree::check(6, part.steps()), std::nullopt);
      std::set<std::set<NodeId>> expected;
      for (const std::set<NodeId> &split : splitsOf(tree)) {
        std::set<NodeId> side, other;
        for (NodeId leaf = 0; leaf < 8; ++leaf)
          if (tensorOf[leaf] != noTensor)
            (split.count(leaf) ? side : other).insert(tensorOf[leaf]);
        if (!side.empty() && !other.empty())
          expected.insert(side.count(0) ? side : other);
      }
      EXPECT_EQ(splitsOf(part), expected) << "seed " << seed;
    }
  }
}

TEST(Reroot, OneOrTwoTensors) {
  EXPECT_EQ(
      restrictTree(ContractionTree(1, {}), std::vector<NodeId>{0}, 1, std::nullopt).numSteps(), 0u);
  ContractionTree pair(2, {{0, 1}});
  EXPECT_EQ(restrictTree(pair, std::vector<NodeId>{1, 0}, 2, 1).numSteps(), 1u);
  EXPECT_EQ(restrictTree(pair, std::vector<NodeId>{noTensor, 0}, 1, 0).numSteps(), 0u);
}
