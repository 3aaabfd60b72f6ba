//===- TreeWindowTest.cpp - A part of a tree, as a problem of its own -----===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "TreeWindow.h"
#include "TestNetworks.h"
#include "tenon/Planner/Anneal.h"
#include "tenon/Planner/Cost.h"
#include "tenon/Planner/Greedy.h"

#include <gtest/gtest.h>

using namespace tenon::planner;
using namespace tenon::planner::test;

TEST(TreeWindow, HoldsTheDearestSteps) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Network network = makeRandomNetwork(seed, 40, 60);
    std::vector<double> extents = network.log2Extents();
    FlopsModel model;
    ContractionTree tree = GreedySearch(network, extents).run(model, {}).tree;
    TreeWindow whole = openDearest(network, tree, model, extents, 1000);
    EXPECT_EQ(whole.frontier.size(), 40u);
    for (size_t leaves : {2, 7, 20}) {
      TreeWindow window = openDearest(network, tree, model, extents, leaves);
      ASSERT_EQ(window.frontier.size(), leaves);
      ASSERT_EQ(window.network.validate(), std::nullopt);
      ASSERT_EQ(ContractionTree::check(static_cast<NodeId>(leaves), window.tree.steps()), std::nullopt);
      // The same steps cost the same in the window, and the dearest of all is among them.
      EXPECT_EQ(evaluateTree(window.network, window.tree).ops,
                recountOps(window.network, window.tree));
      EXPECT_LE(recountOps(window.network, window.tree), recountOps(network, tree));
      EXPECT_EQ(recountOps(network, replaceWindow(tree, window, window.tree)),
                recountOps(network, tree));
    }
  }
}

TEST(TreeWindow, WhatItSavesTheTreeSaves) {
  Network network = makeLattice(9, 9);
  std::vector<double> extents = network.log2Extents();
  FlopsModel model;
  ContractionTree tree = GreedySearch(network, extents).run(model, {}).tree;
  TreeWindow window = openDearest(network, tree, model, extents, 25);
  ContractionTree better = anneal(window.network, window.tree, model, window.log2Extents,
                                  {.sweeps = 1000}, Budget());
  double saved =
      recountOps(window.network, window.tree) - recountOps(window.network, better);
  EXPECT_GT(saved, 0);
  ContractionTree replaced = replaceWindow(tree, window, better);
  ASSERT_EQ(ContractionTree::check(81, replaced.steps()), std::nullopt);
  EXPECT_EQ(recountOps(network, replaced), recountOps(network, tree) - saved);
}
