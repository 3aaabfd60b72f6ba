//===- EliminationTest.cpp - Elimination orders and their trees -----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Elimination.h"
#include "EliminationParts.h"
#include "TestNetworks.h"
#include "tenon/Planner/Cost.h"
#include "tenon/Planner/Strategy.h"

#include <gtest/gtest.h>

#include <chrono>

using namespace tenon::planner;
using namespace tenon::planner::test;

namespace {

Result<SlicedTree> search(const Network &network, Budget budget) {
  StrategyRegistry registry;
  FlopsModel model;
  return (*registry.find("elimination"))->search({network, model, budget});
}

/// The graph of the indices, from the definition: those of a tensor are adjacent, and so are those
/// of the output.
class NaiveGraph {
public:
  NaiveGraph(const Network &network, unsigned power) : network(network), power(power) {
    Incidence incidence(network);
    auto connect = [&](std::span<const IndexId> indices) {
      for (IndexId a : indices)
        for (IndexId b : indices)
          if (a != b && isPresent(a) && isPresent(b))
            adjacent[a].insert(b);
    };
    for (IndexId index = 0; index < network.numIndices(); ++index)
      if (incidence.survivesReduction(index))
        adjacent[index];
    for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor)
      connect(network.tensor(tensor));
    connect(network.output());
  }

  bool isPresent(IndexId index) const { return adjacent.count(index); }
  size_t size() const { return adjacent.size(); }

  double fillOf(IndexId v) const {
    double fill = 0;
    for (IndexId a : adjacent.at(v))
      for (IndexId b : adjacent.at(v))
        if (a < b && !adjacent.at(a).count(b))
          fill += weightOf(a) * weightOf(b);
    return fill;
  }
  void eliminate(IndexId v) {
    for (IndexId a : adjacent.at(v))
      for (IndexId b : adjacent.at(v))
        if (a != b)
          adjacent.at(a).insert(b);
    for (IndexId a : adjacent.at(v))
      adjacent.at(a).erase(v);
    adjacent.erase(v);
  }
  /// The closed indices that are left.
  std::vector<IndexId> closed() const {
    std::vector<IndexId> result;
    for (const auto &[index, around] : adjacent)
      if (std::find(network.output().begin(), network.output().end(), index) ==
          network.output().end())
        result.push_back(index);
    return result;
  }

private:
  double weightOf(IndexId index) const {
    return std::round(16 * std::pow(std::log2(static_cast<double>(network.extent(index))), power));
  }

  const Network &network;
  unsigned power;
  std::map<IndexId, std::set<IndexId>> adjacent;
};

/// A tree of cliques of `width + 1` indices: a random (width)-tree, whose treewidth is `width`.
/// Each tensor is an edge or a triangle inside a clique.
Network makeTreeOfCliques(uint64_t seed, unsigned width, unsigned numIndices) {
  Random random(seed);
  std::vector<std::vector<IndexId>> cliques;
  std::vector<std::vector<IndexId>> tensors;
  for (IndexId index = 0; index < numIndices; ++index) {
    std::vector<IndexId> around;
    if (index <= width) {
      for (IndexId other = 0; other < index; ++other)
        around.push_back(other);
    } else {
      around = cliques[random.below(static_cast<uint32_t>(cliques.size()))];
      around.erase(around.begin() + random.below(width + 1));
    }
    for (IndexId other : around)
      tensors.push_back({other, index});
    if (around.size() > 2)
      tensors.push_back({around[0], index, around[1]});
    if (index >= width) {
      around.push_back(index);
      cliques.push_back(around);
    }
  }
  for (size_t i = tensors.size() - 1; i > 0; --i)
    std::swap(tensors[i], tensors[random.below(static_cast<uint32_t>(i + 1))]);
  return makeNetwork(tensors, {}, std::vector<int64_t>(numIndices, 2));
}

} // namespace

TEST(Elimination, ScoreEqualsARecountOnEveryKindOfNetwork) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Network network = makeRandomNetwork(seed, 1 + seed % 24, 3 + seed % 29);
    std::vector<double> log2Extents = network.log2Extents();
    EliminationSearch search(network, log2Extents, Budget());
    for (uint64_t number : {0, 1, 2, 3, 4, 5, 8, 24}) {
      std::optional<ScoredTree> found =
          search.run(FlopsModel(), eliminationOptions(seed, number), Budget());
      ASSERT_TRUE(found);
      ASSERT_EQ(ContractionTree::check(network.numTensors(), found->tree.steps()), std::nullopt);
      double ops = recountOps(network, found->tree);
      EXPECT_EQ(evaluateTree(network, found->tree).ops, ops);
      if (found->tree.numSteps() > 0)
        EXPECT_NEAR(found->score.ops, std::log2(ops), 1e-9);
    }
  }
}

TEST(Elimination, EveryEliminationHasTheLeastFill) {
  for (uint64_t seed = 0; seed < 150; ++seed) {
    Network network = makeRandomNetwork(seed, 4 + seed % 20, 6 + seed % 31);
    EliminationNetwork reduced(network, network.log2Extents());
    unsigned power = seed % 3;
    FillGraph graph(reduced, power, Budget());
    ASSERT_TRUE(graph.isUsable());
    std::vector<IndexId> order;
    Budget budget;
    WorkMeter meter(budget, network.numTensors());
    graph.appendOrder(0, 0, seed, meter, order);
    NaiveGraph naive(network, power);
    ASSERT_EQ(order.size(), naive.closed().size());
    for (IndexId index : order) {
      ASSERT_TRUE(naive.isPresent(index));
      double least = std::numeric_limits<double>::infinity();
      for (IndexId other : naive.closed())
        least = std::min(least, naive.fillOf(other));
      EXPECT_EQ(naive.fillOf(index), least) << "index " << index << ", seed " << seed;
      naive.eliminate(index);
    }
  }
}

TEST(Elimination, ATreeOfCliquesIsContractedInItsWidth) {
  // The graph is chordal: orders without fill exist, minimum fill finds one of them, and no step
  // has more than the indices of one clique.
  for (unsigned width : {2u, 4u, 7u}) {
    Network network = makeTreeOfCliques(width, width, 300);
    std::optional<ScoredTree> found = eliminationTree(network, network.log2Extents(), FlopsModel(),
                                                      eliminationOptions(0, 0), Budget());
    ASSERT_TRUE(found);
    TreeCost cost = evaluateTree(network, found->tree);
    EXPECT_LE(cost.log2Largest, width + 1);
    SizeModel size;
    double dearest = 0;
    NodeIndices indices(network, found->tree);
    for (size_t step = 0; step < found->tree.numSteps(); ++step)
      dearest = std::max(dearest, stepSizes(found->tree, indices, step, network.log2Extents()).ops);
    EXPECT_EQ(dearest, width + 1);
  }
}

TEST(Elimination, AnyExtentsAndAnyShape) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Network pattern = makeRandomNetwork(seed, 1 + seed % 12, 1 + seed % 15);
    // Extents 0, 1, 2, and one of 2^40, in place of the small ones.
    Network network(8);
    for (IndexId index = 0; index < pattern.numIndices(); ++index)
      network.addIndex(pattern.extent(index) == 6 ? int64_t{1} << 40 : pattern.extent(index) % 3);
    for (NodeId tensor = 0; tensor < pattern.numTensors(); ++tensor)
      network.addTensor(pattern.tensor(tensor));
    network.setOutput({pattern.output().begin(), pattern.output().end()});
    Budget budget;
    budget.restarts = 6;
    Result<SlicedTree> found = search(network, budget);
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(ContractionTree::check(network.numTensors(), found->tree.steps()), std::nullopt);
  }
}

TEST(Elimination, UnitExtentsTieNothingTogether) {
  // Two pairs that share bonds, and a fifth index of extent 1 through all of them: pairs first.
  Network network = makeNetwork({{0, 2, 4}, {0, 2, 4}, {1, 3, 4}, {1, 3, 4}}, {}, {5, 7, 3, 2, 1});
  std::optional<ScoredTree> found = eliminationTree(network, network.log2Extents(), FlopsModel(),
                                                    eliminationOptions(0, 0), Budget());
  ASSERT_TRUE(found);
  EXPECT_EQ(evaluateTree(network, found->tree).ops, 15 + 14 + 1);
}

TEST(Elimination, ALargeBucketOfOpenIndicesIsJoinedSmallestFirst) {
  // 20 vectors that stay open: the cost is that of Huffman's tree over their sizes, in logarithms.
  std::vector<std::vector<IndexId>> tensors;
  std::vector<int64_t> extents;
  std::vector<IndexId> output;
  for (IndexId index = 0; index < 20; ++index) {
    tensors.push_back({index});
    extents.push_back(2 + index % 2);
    output.push_back(index);
  }
  Network network = makeNetwork(tensors, output, extents);
  Result<SlicedTree> found = search(network, {});
  ASSERT_TRUE(found.ok());
  double whole = std::pow(6.0, 10);
  EXPECT_EQ(evaluateTree(network, found->tree).largest, whole);
  // The last step makes the whole; its operands are near its square root.
  EXPECT_LT(evaluateTree(network, found->tree).ops, 1.001 * whole);
}

TEST(Elimination, OneSeedGivesOneTreeWhateverTheThreads) {
  Network network = makeTreeOfCliques(3, 5, 120);
  Budget budget;
  budget.restarts = 24;
  budget.seed = 11;
  Result<SlicedTree> one = search(network, budget);
  for (unsigned threads : {2u, 3u}) {
    budget.threads = threads;
    EXPECT_EQ(search(network, budget)->tree, one->tree);
  }
  budget.seed = 12;
  EXPECT_FALSE(search(network, budget)->tree == one->tree);
}

TEST(Elimination, RestartsDiffer) {
  Network network = makeRandomNetwork(5, 40, 60);
  std::vector<double> log2Extents = network.log2Extents();
  EliminationSearch search(network, log2Extents, Budget());
  std::set<double> costs;
  for (uint64_t number = 0; number < 16; ++number)
    costs.insert(search.run(FlopsModel(), eliminationOptions(1, number), Budget())->score.cost);
  EXPECT_GE(costs.size(), 8u);
}

TEST(Elimination, DissectionOrdersWhatItCutsLast) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    Network network = makeRandomNetwork(seed, 4 + seed % 30, 6 + 2 * (seed % 30));
    ReducedTensors tensors(network);
    DissectionOptions options;
    options.smallest = 1 + seed % 5;
    options.seed = seed;
    std::vector<uint32_t> ranks = dissectIndices(tensors, network.log2Extents(), options, Budget());
    ASSERT_EQ(ranks.size(), network.numIndices());
    // The same row again. By index: of the parts that were considered the smallest that holds it.
    TensorRow row;
    Random random(seed);
    std::vector<double> extents = network.log2Extents();
    ASSERT_TRUE(RowMaker(tensors, extents).make(options.row, random, Budget(), row));
    std::vector<std::set<NodeId>> parts;
    for (const RowPart &part : row.parts) {
      bool isConsidered = &part == row.parts.data();
      for (const RowPart &other : row.parts)
        if (other.isSplit() && other.size() > options.smallest)
          isConsidered |= &row.parts[other.lhs] == &part || &row.parts[other.rhs] == &part;
      if (isConsidered)
        parts.emplace_back(row.order.begin() + part.begin, row.order.begin() + part.end);
    }
    auto holds = [](const std::set<NodeId> &outer, const std::set<NodeId> &inner) {
      return std::includes(outer.begin(), outer.end(), inner.begin(), inner.end());
    };
    std::vector<std::set<NodeId>> partOf(network.numIndices());
    for (IndexId index = 0; index < network.numIndices(); ++index) {
      std::set<NodeId> having;
      for (NodeId tensor = 0; tensor < tensors.size(); ++tensor)
        if (std::ranges::count(tensors[tensor], index) > 0)
          having.insert(tensor);
      for (const std::set<NodeId> &part : parts)
        if (!having.empty() && holds(part, having) &&
            (partOf[index].empty() || part.size() < partOf[index].size()))
          partOf[index] = part;
    }
    for (IndexId i = 0; i < network.numIndices(); ++i)
      for (IndexId j = 0; j < network.numIndices(); ++j) {
        if (partOf[i].empty() || partOf[j].empty())
          continue;
        EXPECT_EQ(ranks[i] == ranks[j], partOf[i] == partOf[j]) << "seed " << seed;
        if (partOf[i] != partOf[j] && holds(partOf[j], partOf[i]))
          EXPECT_LT(ranks[i], ranks[j]) << "seed " << seed;
      }
  }
}

TEST(Elimination, DissectionIsBetterThanDegreeOnRegularGraphs) {
  double degree = 0, dissection = 0;
  for (uint64_t seed = 0; seed < 4; ++seed) {
    Network network = makeRandomRegularNetwork(seed, 240);
    std::vector<double> log2Extents = network.log2Extents();
    EliminationSearch search(network, log2Extents, Budget());
    auto best = [&](uint64_t first) {
      double least = std::numeric_limits<double>::infinity();
      for (uint64_t i = 0; i < 12; ++i)
        least = std::min(
            least, search.run(FlopsModel(), eliminationOptions(seed, first + 16 * i), Budget())
                       ->score.ops);
      return least;
    };
    degree += best(3);
    dissection += best(8);
  }
  EXPECT_LT(dissection, degree - 4);
}

TEST(Elimination, StopsWhenCancelledWithATree) {
  Network network = makeRandomRegularNetwork(6, 4000);
  std::atomic<bool> cancel = true;
  Budget budget;
  budget.restarts = 1'000'000'000;
  budget.cancel = &cancel;
  uint64_t reports = 0;
  budget.progress = [&](const Progress &progress) {
    ++reports;
    EXPECT_EQ(progress.strategy, "elimination");
  };
  Result<SlicedTree> found = search(network, budget);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->tree.numLeaves(), 4000u);
  EXPECT_EQ(reports, 1u);
}

TEST(Elimination, HubsAreAffordable) {
  // One index that 30,000 tensors have, each with a bond to the next one, and a tail of its own.
  constexpr IndexId count = 30'000;
  std::vector<std::vector<IndexId>> tensors;
  std::vector<int64_t> extents(2 * count + 1, 2);
  for (IndexId i = 0; i < count; ++i) {
    tensors.push_back({2 * count, i, (i + 1) % count});
    tensors.push_back({i, count + i});
    tensors.push_back({count + i});
  }
  Network network = makeNetwork(tensors, {}, extents);
  auto begin = std::chrono::steady_clock::now();
  for (uint64_t number : {0, 3}) {
    std::optional<ScoredTree> found = eliminationTree(network, network.log2Extents(), FlopsModel(),
                                                      eliminationOptions(0, number), Budget());
    ASSERT_TRUE(found);
    EXPECT_LE(evaluateTree(network, found->tree).log2Largest, number == 0 ? 4 : 8);
  }
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  // Measured 0.4 s; the margin is for busy machines and sanitizers.
  EXPECT_LT(seconds, 20);
}

TEST(Elimination, TooDenseForFillIsStillPlanned) {
  // Two tensors of 4,200 indices each: the graph of fill has 9 million edges.
  std::vector<std::vector<IndexId>> tensors(2);
  std::vector<int64_t> extents;
  for (IndexId index = 0; index < 4'200; ++index) {
    tensors[0].push_back(index);
    tensors[1].push_back(index);
    tensors.push_back({index, static_cast<IndexId>((index + 1) % 4'200)});
    extents.push_back(2 + index % 3);
  }
  Network network = makeNetwork(tensors, {}, extents);
  EXPECT_FALSE(
      FillGraph(EliminationNetwork(network, network.log2Extents()), 1, Budget()).isUsable());
  Budget budget;
  budget.restarts = 1;
  Result<SlicedTree> found = search(network, budget);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(ContractionTree::check(network.numTensors(), found->tree.steps()), std::nullopt);
}

TEST(Elimination, GraphsAreNotMadeOnceTheBudgetExpired) {
  Network network = makeLattice(300, 300);
  EliminationNetwork reduced(network, network.log2Extents());
  std::atomic<bool> cancelled = true;
  Budget budget;
  EXPECT_TRUE(FillGraph(reduced, 1, budget).isUsable());
  budget.cancel = &cancelled;
  EXPECT_FALSE(FillGraph(reduced, 1, budget).isUsable());
}
