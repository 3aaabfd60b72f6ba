//===- IndexOrderTest.cpp - In which order intermediates are stored -------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/IndexOrder.h"

#include "TestNetworks.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace tenon::planner;
using tenon::planner::test::makeRandomNetwork;

namespace {
/// Contracts neighbours in turn, round by round: a tree that is neither a chain nor sorted.
ContractionTree makeTree(NodeId leaves) {
  std::vector<NodeId> alive;
  for (NodeId leaf = 0; leaf < leaves; ++leaf)
    alive.push_back(leaf);
  std::vector<Step> steps;
  for (size_t place = 0; alive.size() > 1; place = (place + 2) % alive.size()) {
    size_t first = place + 1 < alive.size() ? place : 0;
    steps.push_back({alive[first], alive[first + 1]});
    alive.erase(alive.begin() + static_cast<long>(first) + 1);
    alive[first] = leaves + static_cast<NodeId>(steps.size()) - 1;
  }
  return {leaves, std::move(steps)};
}

TEST(IndexOrder, PutsWhatIsSummedNextFirst) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    Network network = makeRandomNetwork(seed, 9, 12);
    ContractionTree tree = makeTree(network.numTensors());
    NodeIndices nodeIndices(network, tree);
    auto orders = orderIntermediates(network, tree, nodeIndices);
    ASSERT_EQ(orders.size(), tree.numNodes());
    for (NodeId node = 0; node < tree.numNodes(); ++node) {
      if (tree.isLeaf(node)) {
        EXPECT_TRUE(orders[node].empty());
        continue;
      }
      std::vector<IndexId> sorted = orders[node];
      std::ranges::sort(sorted);
      EXPECT_TRUE(std::ranges::equal(sorted, nodeIndices[node])) << "seed " << seed;
    }
    EXPECT_TRUE(std::ranges::equal(orders[tree.root()], network.output()));
    for (size_t number = 0; number < tree.numSteps(); ++number) {
      std::span<const IndexId> result = nodeIndices[tree.resultOf(number)];
      for (NodeId operand : {tree.step(number).lhs, tree.step(number).rhs}) {
        // Once an index is kept, all after it are.
        bool kept = false;
        for (IndexId index : orders[operand]) {
          bool isKept = std::ranges::binary_search(result, index);
          EXPECT_TRUE(isKept || !kept) << "seed " << seed << ", step " << number;
          kept |= isKept;
        }
      }
    }
  }
}
} // namespace
