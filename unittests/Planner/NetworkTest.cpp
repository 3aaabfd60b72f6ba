//===- NetworkTest.cpp - Networks, trees, what is wrong with them ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Parts.h"
#include "TestNetworks.h"
#include "tenon/Planner/Tree.h"

#include <gtest/gtest.h>

using namespace tenon::planner;
using namespace tenon::planner::test;

TEST(Network, ValidNetworksPass) {
  EXPECT_EQ(makeChain({2, 3, 5}).validate(), std::nullopt);
  EXPECT_EQ(makeNetwork({{}, {0, 0}, {0, 1, 1}}, {1}, {4, 0}).validate(), std::nullopt);
}

TEST(Network, SaysWhatIsWrong) {
  EXPECT_EQ(Network().validate(), "the network has no tensors; there is nothing to contract");
  EXPECT_EQ(makeNetwork({{0}}, {}, {-3}).validate(),
            "index 0 has the negative extent -3; extents are 0 or more");
  EXPECT_EQ(makeNetwork({{0}, {2}}, {}, {4, 5}).validate(),
            "tensor 1 has index 2, but the network has only 2 indices");
  EXPECT_EQ(makeNetwork({{0}}, {1}, {4, 5}).validate(),
            "the output has index 1, which no tensor has; an output index must come from a tensor");
  EXPECT_EQ(makeNetwork({{0}}, {7}, {4, 5}).validate(),
            "the output has index 7, but the network has only 2 indices");
  EXPECT_EQ(makeNetwork({{0, 1}}, {1, 0, 1}, {4, 5}).validate(),
            "the output has index 1 twice; an index may stand in the output once");
  EXPECT_EQ(makeNetwork({{0}}, {}, {4}, 0).validate(),
            "the size of an element must be positive, found 0 bytes");
}

TEST(Network, FindsConnectedParts) {
  Network network = makeNetwork({{0}, {1, 2}, {0, 3}, {}, {2}}, {}, {2, 3, 4, 5});
  std::vector<std::vector<NodeId>> expected = {{0, 2}, {1, 4}, {3}};
  EXPECT_EQ(connectedParts(network), expected);
}

TEST(Tree, ChecksSteps) {
  EXPECT_EQ(ContractionTree::check(3, std::vector<Step>{{0, 2}, {3, 1}}), std::nullopt);
  EXPECT_EQ(ContractionTree::check(3, std::vector<Step>{{0, 1}}),
            "a tree over 3 tensors has 2 steps, found 1");
  EXPECT_EQ(ContractionTree::check(3, std::vector<Step>{{0, 3}, {1, 2}}),
            "step 0 uses node 3, which does not exist before it; nodes 0 to 2 do");
  EXPECT_EQ(ContractionTree::check(3, std::vector<Step>{{0, 1}, {1, 2}}),
            "step 1 uses node 1, which was already used");
}

TEST(Tree, KeepsIndicesThatOthersNeed) {
  // a is a hyperedge over 0, 1, 2; b is batch; c stands twice in tensor 2; d in tensor 1 alone.
  enum : IndexId { a, b, c, d };
  Network network = makeNetwork({{a, b}, {d, b, a}, {c, a, c}, {c}}, {b}, {2, 3, 4, 5});
  ContractionTree tree(4, {{0, 1}, {2, 3}, {4, 5}});
  NodeIndices indices(network, tree);
  auto list = [&](NodeId node) {
    return std::vector<IndexId>(indices[node].begin(), indices[node].end());
  };
  EXPECT_EQ(list(1), (std::vector<IndexId>{a, b})); // d is summed beforehand
  EXPECT_TRUE(indices.leafIsSummed(1));
  EXPECT_EQ(list(2), (std::vector<IndexId>{a, c})); // the diagonal of c
  EXPECT_FALSE(indices.leafIsSummed(2));
  EXPECT_EQ(list(4), (std::vector<IndexId>{a, b})); // tensor 2 still needs a
  EXPECT_EQ(list(5), (std::vector<IndexId>{a}));
  EXPECT_EQ(list(6), (std::vector<IndexId>{b}));
}

TEST(Tree, KeptIndicesMatchTheDefinitionOnRandomNetworks) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Network network = makeRandomNetwork(seed, 7, 10);
    ASSERT_EQ(network.validate(), std::nullopt);
    ContractionTree tree(7, {{5, 2}, {0, 7}, {6, 3}, {8, 9}, {1, 4}, {11, 10}});
    NodeIndices indices(network, tree);
    auto below = leavesBelow(tree);
    for (NodeId node = 0; node < tree.numNodes(); ++node)
      EXPECT_EQ(IndexSet(indices[node].begin(), indices[node].end()),
                keptIndices(network, below[node]));
  }
}

TEST(Parts, EachIsANetworkOfItsOwn) {
  // Two parts whose tensors alternate, and a scalar.
  Network network = makeNetwork({{4, 1}, {0, 3}, {1, 2, 1}, {}, {3, 0}}, {2, 3}, {2, 3, 5, 7, 11});
  std::vector<NetworkPart> parts = splitIntoParts(network);
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].tensors, (std::vector<NodeId>{0, 2}));
  EXPECT_EQ(parts[0].indices, (std::vector<IndexId>{1, 2, 4}));
  EXPECT_EQ(parts[1].tensors, (std::vector<NodeId>{1, 4}));
  EXPECT_EQ(parts[1].indices, (std::vector<IndexId>{0, 3}));
  EXPECT_EQ(parts[2].tensors, (std::vector<NodeId>{3}));
  const Network &first = parts[0].network;
  ASSERT_EQ(first.validate(), std::nullopt);
  EXPECT_EQ(std::vector<IndexId>(first.tensor(0).begin(), first.tensor(0).end()),
            (std::vector<IndexId>{2, 0}));
  EXPECT_EQ(std::vector<IndexId>(first.tensor(1).begin(), first.tensor(1).end()),
            (std::vector<IndexId>{0, 1, 0}));
  EXPECT_EQ(first.extent(1), 5);
  EXPECT_EQ(std::vector<IndexId>(first.output().begin(), first.output().end()),
            (std::vector<IndexId>{1}));
}

TEST(Parts, ResultsAreMultipliedAtLeastCost) {
  // Vectors of 7, 2, 5 and 3 that stay open, the third out of two tensors.
  Network network = makeNetwork({{0}, {1}, {2, 4}, {3}, {4}}, {0, 1, 2, 3}, {7, 2, 5, 3, 2});
  std::vector<NetworkPart> parts = splitIntoParts(network);
  std::vector<ContractionTree> trees;
  for (const NetworkPart &part : parts)
    trees.push_back(part.tensors.size() == 2 ? ContractionTree(2, {{0, 1}})
                                             : ContractionTree(1, {}));
  ContractionTree tree = joinParts(network, parts, trees, network.log2Extents(), FlopsModel());
  EXPECT_EQ(ContractionTree::check(5, tree.steps()), std::nullopt);
  // 5 x 2; then (2 7) 14, (3 5) 15. The smallest first, (2 3) 6, (5 6) 30, would cost more.
  EXPECT_EQ(recountOps(network, tree), 10 + 14 + 15 + 210);
}
