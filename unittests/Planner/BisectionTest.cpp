//===- BisectionTest.cpp - Cuts, rows, and the strategy bisection ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Bisection.h"
#include "BisectionTree.h"
#include "TestNetworks.h"
#include "tenon/Planner/Cost.h"
#include "tenon/Planner/Strategy.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <numeric>

using namespace tenon::planner;
using namespace tenon::planner::test;

namespace {

struct Net {
  int64_t weight;
  std::vector<uint32_t> pins;
  uint8_t anchors = 0;
};

BisectionGraph makeGraph(std::vector<int64_t> weights, const std::vector<Net> &nets) {
  BisectionGraph graph;
  graph.vertexWeights = std::move(weights);
  for (const Net &net : nets) {
    for (uint32_t pin : net.pins)
      graph.addPin(pin);
    graph.closeNet(net.weight, net.anchors);
  }
  graph.connect();
  return graph;
}

/// Nets of 2 to 6 pins of unequal weights, some anchored; vertices of unequal weights.
BisectionGraph makeRandomGraph(uint64_t seed, uint32_t numVertices, uint32_t numNets) {
  Random random(seed);
  std::vector<int64_t> weights;
  for (uint32_t vertex = 0; vertex < numVertices; ++vertex)
    weights.push_back(1 + random.below(9));
  std::vector<Net> nets;
  for (uint32_t i = 0; i < numNets; ++i) {
    std::set<uint32_t> pins;
    for (uint32_t places = 2 + random.below(5); places > 0; --places)
      pins.insert(random.below(numVertices));
    auto anchors = static_cast<uint8_t>(random.below(6) == 0 ? 1 + random.below(3) : 0);
    if (pins.size() + (anchors != 0) >= 2)
      nets.push_back({1 + random.below(7), {pins.begin(), pins.end()}, anchors});
  }
  return makeGraph(std::move(weights), nets);
}

/// The cut from the definition.
int64_t recountCut(const BisectionGraph &graph, const std::vector<uint8_t> &sides) {
  int64_t cut = 0;
  for (uint32_t net = 0; net < graph.numNets(); ++net) {
    std::set<int> touched;
    if (graph.anchors[net] & leftAnchor)
      touched.insert(0);
    if (graph.anchors[net] & rightAnchor)
      touched.insert(1);
    for (uint32_t pin : graph.pins(net))
      touched.insert(sides[pin]);
    cut += touched.size() == 2 ? graph.netWeights[net] : 0;
  }
  return cut;
}

struct Cut {
  std::vector<uint8_t> sides;
  int64_t weight;
};

Cut bisect(const BisectionGraph &graph, BisectionLimits limits = {}, uint64_t seed = 1) {
  Bisector bisector;
  Random random(seed);
  Cut cut;
  cut.weight = bisector.bisect(graph, limits, random, Budget(), cut.sides);
  return cut;
}

Result<SlicedTree> search(const Network &network, const Budget &budget,
                          const CostModel &model = FlopsModel()) {
  StrategyRegistry registry;
  return (*registry.find("bisection"))->search({network, model, budget});
}

} // namespace

TEST(Bisection, CutEqualsARecountAndSidesAreBalanced) {
  for (uint64_t seed = 0; seed < 150; ++seed) {
    uint32_t vertices = 2 + static_cast<uint32_t>(seed * 7 % 190);
    BisectionGraph graph = makeRandomGraph(seed, vertices, vertices * 3 / 2);
    BisectionLimits limits;
    limits.imbalance = 0.01 + 0.05 * static_cast<double>(seed % 12);
    limits.coarsest = 12;
    Cut cut = bisect(graph, limits, seed);
    ASSERT_EQ(cut.sides.size(), vertices);
    EXPECT_EQ(cut.weight, recountCut(graph, cut.sides));
    EXPECT_EQ(cut.weight, cutWeight(graph, cut.sides));
    std::array<int64_t, 2> weight = {0, 0};
    int64_t heaviest = 0;
    for (uint32_t vertex = 0; vertex < vertices; ++vertex) {
      weight[cut.sides[vertex]] += graph.vertexWeights[vertex];
      heaviest = std::max(heaviest, graph.vertexWeights[vertex]);
    }
    int64_t total = weight[0] + weight[1];
    EXPECT_GT(std::min(weight[0], weight[1]), 0);
    EXPECT_LE(static_cast<double>(std::max(weight[0], weight[1])),
              std::max(static_cast<double>(total + heaviest + 1) / 2,
                       (1 + limits.imbalance) / 2 * static_cast<double>(total)));
  }
}

TEST(Bisection, AFewRunsFindTheBestOfAllCutsOfSmallGraphs) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    BisectionGraph graph = makeRandomGraph(seed, 10, 14);
    BisectionLimits limits;
    limits.imbalance = 0.3;
    limits.passes = 8;
    int64_t found = std::numeric_limits<int64_t>::max();
    for (uint64_t run = 0; run < 12; ++run)
      found = std::min(found, bisect(graph, limits, run).weight);
    int64_t best = std::numeric_limits<int64_t>::max();
    int64_t total = graph.totalWeight();
    int64_t heaviest = *std::max_element(graph.vertexWeights.begin(), graph.vertexWeights.end());
    for (uint32_t set = 1; set < 1023; ++set) {
      std::vector<uint8_t> sides;
      int64_t right = 0;
      for (uint32_t vertex = 0; vertex < 10; ++vertex) {
        sides.push_back(set >> vertex & 1);
        right += sides.back() ? graph.vertexWeights[vertex] : 0;
      }
      if (std::max(right, total - right) <=
          std::max((total + heaviest + 1) / 2,
                   static_cast<int64_t>(0.65 * static_cast<double>(total))))
        best = std::min(best, recountCut(graph, sides));
    }
    EXPECT_EQ(found, best) << "seed " << seed;
  }
}

TEST(Bisection, AHyperedgeCountsOnceAndALongChainIsCutInOnePlace) {
  // 0-99 in a chain of weight 5, and a net of weight 3 over the first half and one over the second.
  std::vector<Net> nets;
  for (uint32_t i = 0; i < 99; ++i)
    nets.push_back({5, {i, i + 1}});
  std::vector<uint32_t> first(50), second(50);
  std::iota(first.begin(), first.end(), 0);
  std::iota(second.begin(), second.end(), 50);
  nets.push_back({3, first});
  nets.push_back({3, second});
  BisectionLimits limits;
  limits.imbalance = 0.2;
  EXPECT_EQ(bisect(makeGraph(std::vector<int64_t>(100, 1), nets), limits).weight, 5);
}

TEST(Bisection, AnchorsPullToTheirSide) {
  // A chain whose ends are wanted on the wrong and on the right side: turning it round costs less.
  for (bool turned : {false, true}) {
    std::vector<Net> nets;
    for (uint32_t i = 0; i < 29; ++i)
      nets.push_back({2, {i, i + 1}});
    nets.push_back({7, {0}, turned ? rightAnchor : leftAnchor});
    nets.push_back({7, {29}, turned ? leftAnchor : rightAnchor});
    Cut cut = bisect(makeGraph(std::vector<int64_t>(30, 1), nets));
    EXPECT_EQ(cut.weight, 2);
    EXPECT_EQ(cut.sides[0], turned ? 1 : 0);
    EXPECT_EQ(cut.sides[29], turned ? 0 : 1);
  }
}

TEST(Bisection, PartsThatShareNothingAreNotCut) {
  // Two rings of 40.
  std::vector<Net> nets;
  for (uint32_t i = 0; i < 40; ++i) {
    nets.push_back({3, {i, (i + 1) % 40}});
    nets.push_back({2, {40 + i, 40 + (i + 1) % 40}});
  }
  EXPECT_EQ(bisect(makeGraph(std::vector<int64_t>(80, 1), nets)).weight, 0);
  // No nets at all.
  EXPECT_EQ(bisect(makeGraph(std::vector<int64_t>(9, 4), {})).weight, 0);
}

TEST(Bisection, HubsTakeLinearTime) {
  // A chain of 20,000, every tenth of which shares one more index; and a vertex with 5,000 nets.
  constexpr uint32_t size = 20'000;
  std::vector<Net> nets;
  std::vector<uint32_t> hub;
  for (uint32_t i = 0; i + 1 < size; ++i) {
    nets.push_back({6, {i, i + 1}});
    if (i % 4 == 1)
      nets.push_back({1, {0, i + 1}});
    if (i % 10 == 0)
      hub.push_back(i);
  }
  nets.push_back({9, hub});
  BisectionGraph graph = makeGraph(std::vector<int64_t>(size, 1), nets);
  auto begin = std::chrono::steady_clock::now();
  Cut cut = bisect(graph);
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  EXPECT_EQ(cut.weight, recountCut(graph, cut.sides));
  // Measured 0.04 s; the margin is for busy machines and sanitizers.
  EXPECT_LT(seconds, 2.0);
}

TEST(BisectionTree, ScoreEqualsARecountOnEveryKindOfNetwork) {
  FlopsModel flops;
  SizeModel size;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Network network = makeRandomNetwork(seed, 1 + static_cast<unsigned>(seed % 23),
                                        3 + static_cast<unsigned>(seed % 31));
    std::vector<double> extents = network.log2Extents();
    const CostModel &model =
        seed % 3 ? static_cast<const CostModel &>(flops) : static_cast<const CostModel &>(size);
    BisectionSearch bisections(network, extents, model);
    for (uint64_t number = 0; number < 4; ++number) {
      BisectionOptions options = bisectionOptions(seed, number);
      // Short rows are nested, and clusters are joined greedily.
      options.rowLength = number % 2 ? 3 : 100;
      options.clusterSize = number == 3 ? 4 : 0;
      std::optional<ScoredTree> found = bisections.run(options, Budget());
      ASSERT_TRUE(found);
      ASSERT_EQ(ContractionTree::check(network.numTensors(), found->tree.steps()), std::nullopt);
      if (found->tree.numSteps() == 0)
        continue;
      EXPECT_NEAR(found->score.ops, std::log2(recountOps(network, found->tree)), 1e-9);
      Score score = scoreTree(network, found->tree, model, extents);
      EXPECT_EQ(found->score.cost, score.cost);
    }
  }
}

TEST(BisectionTree, ARunDependsOnItsOptionsAlone) {
  Network network = makeRandomRegularNetwork(4, 90);
  std::vector<double> extents = network.log2Extents();
  FlopsModel model;
  constexpr double worst = 80;
  BisectionSearch used(network, extents, model, worst);
  std::vector<ContractionTree> trees;
  for (uint64_t number = 0; number < 6; ++number)
    trees.push_back(used.run(bisectionOptions(8, number), Budget())->tree);
  EXPECT_FALSE(trees[0] == trees[1]);
  for (uint64_t number = 6; number-- > 0;)
    EXPECT_EQ(BisectionSearch(network, extents, model, worst)
                  .run(bisectionOptions(8, number), Budget())
                  ->tree,
              trees[number]);
}

TEST(BisectionTree, TheWorstCostBoundsABatchAsItBoundsARun) {
  Network network = makeRandomRegularNetwork(5, 70);
  std::vector<double> extents = network.log2Extents();
  FlopsModel model;
  BisectionSearch bisections(network, extents, model);
  std::optional<ScoredTree> best;
  for (uint64_t number = 2; number < 12; ++number) {
    std::optional<ScoredTree> found = bisections.run(bisectionOptions(8, number), Budget());
    if (!best || found->score.betterThan(best->score))
      best = std::move(found);
  }
  std::optional<ScoredTree> batch = bisections.bestOf(8, 2, 10, Budget());
  ASSERT_TRUE(batch);
  EXPECT_NEAR(batch->score.cost, best->score.cost, 1e-9);
  // A batch leaves no bound behind.
  EXPECT_TRUE(bisections.run(bisectionOptions(8, 2), Budget()));
  EXPECT_NEAR(BisectionSearch(network, extents, model, best->score.cost)
                  .bestOf(8, 2, 10, Budget())
                  ->score.cost,
              best->score.cost, 1e-9);
  EXPECT_FALSE(
      BisectionSearch(network, extents, model, best->score.cost - 0.1).bestOf(8, 2, 10, Budget()));
}

TEST(BisectionTree, TheStripesOfALatticeAreFound) {
  // A 5 x 40 lattice. Column by column, no step touches more than 6 open bonds besides its own;
  // what bisection alone would make, halves of halves, is far dearer.
  Network network = makeLattice(5, 40);
  Budget budget;
  budget.restarts = 8;
  Result<SlicedTree> found = search(network, budget);
  Budget many;
  many.restarts = 200;
  StrategyRegistry registry;
  FlopsModel model;
  Result<SlicedTree> greedy = (*registry.find("random-greedy"))->search({network, model, many});
  EXPECT_LE(evaluateTree(network, found->tree).log2Ops,
            evaluateTree(network, greedy->tree).log2Ops + 1e-9);
}

TEST(BisectionStrategy, OneSeedGivesOneTreeWhateverTheThreads) {
  Network network = makeRandomRegularNetwork(3, 100);
  Budget budget;
  budget.restarts = 12;
  budget.seed = 5;
  Result<SlicedTree> one = search(network, budget);
  for (unsigned threads : {2, 3}) {
    budget.threads = threads;
    EXPECT_EQ(search(network, budget)->tree, one->tree);
  }
  budget.seed = 6;
  EXPECT_FALSE(search(network, budget)->tree == one->tree);
}

TEST(BisectionStrategy, BeatsRandomGreedyOnAnExpander) {
  Network network = makeRandomRegularNetwork(9, 160);
  Budget budget;
  budget.restarts = 32;
  StrategyRegistry registry;
  FlopsModel model;
  Result<SlicedTree> greedy = (*registry.find("random-greedy"))->search({network, model, budget});
  // Measured 6 bits.
  EXPECT_LT(evaluateTree(network, search(network, budget)->tree).log2Ops + 3,
            evaluateTree(network, greedy->tree).log2Ops);
}

TEST(BisectionStrategy, TinyNetworks) {
  for (unsigned tensors = 1; tensors <= 3; ++tensors)
    for (uint64_t seed = 0; seed < 20; ++seed) {
      Network network = makeRandomNetwork(seed, tensors, 4);
      Result<SlicedTree> found = search(network, Budget());
      ASSERT_TRUE(found.ok());
      EXPECT_EQ(found->tree.numSteps(), tensors - 1);
    }
  // Tensors without an index.
  Network scalars = makeNetwork({{}, {}, {}, {}, {}}, {}, {});
  EXPECT_EQ(search(scalars, Budget())->tree.numSteps(), 4u);
}

TEST(BisectionStrategy, StopsWhenCancelledWithAResult) {
  Network network = makeRandomRegularNetwork(6, 300);
  std::atomic<bool> cancel = true;
  Budget budget;
  budget.restarts = 1'000'000'000;
  budget.cancel = &cancel;
  Result<SlicedTree> found = search(network, budget);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->tree.numLeaves(), 300u);

  budget.cancel = nullptr;
  budget.threads = 2;
  auto begin = std::chrono::steady_clock::now();
  budget.deadline = begin + std::chrono::milliseconds(50);
  ASSERT_TRUE(search(network, budget).ok());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}
