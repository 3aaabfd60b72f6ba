//===- GraphPlanTest.cpp - Plans of several networks ----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/GraphPlan.h"
#include "NarrowPath.h"
#include "TestGraphs.h"
#include "tenon/Planner/Density.h"

#include <gtest/gtest.h>

using namespace tenon::planner;
using namespace tenon::planner::test;

namespace {

std::vector<ContractionTree> randomTrees(const NetworkGraph &graph, uint64_t seed) {
  std::vector<ContractionTree> trees;
  for (const GraphNetwork &part : graph.networks)
    trees.push_back(makeRandomTree(deriveSeed(seed, trees.size()), part.network.numTensors()));
  return trees;
}

std::vector<ContractionTree> treesOf(const GraphPlan &plan) {
  std::vector<ContractionTree> trees;
  for (const PlannedNetwork &planned : plan.networks)
    trees.push_back(planned.plan.tree);
  return trees;
}

GraphPlan planOf(const NetworkGraph &graph, const PlanOptions &options = {}) {
  Result<GraphPlan> plan = planGraph(graph, options, StrategyRegistry());
  EXPECT_TRUE(plan.ok()) << plan.error();
  return std::move(*plan);
}

double opsAlone(const Network &network) {
  return planNetwork(network, PlanOptions(), StrategyRegistry())->cost.ops;
}

/// What must hold of every plan: operands are there when a step is computed, origins are computed
/// nodes that come earlier, and figures are those of the computed steps.
void checkPlan(const NetworkGraph &graph, const GraphPlan &plan) {
  double ops = 0;
  for (uint32_t n = 0; n < plan.networks.size(); ++n) {
    const PlannedNetwork &planned = plan.networks[n];
    const ContractionTree &tree = planned.plan.tree;
    TreeInGraph own(graph.networks[n], tree);
    auto isThere = [&](NodeId node, size_t before) {
      NodeOrigin origin = planned.origins[node];
      if (tree.isLeaf(node))
        return origin == NodeOrigin{n, node};
      const PlannedNetwork &other = plan.networks[origin.network];
      size_t step = origin.node - other.plan.tree.numLeaves();
      return other.isComputed[step] &&
             (origin.network < n || (origin.network == n && step < before));
    };
    for (size_t step = 0; step < tree.numSteps(); ++step) {
      if (!planned.isComputed[step])
        continue;
      EXPECT_TRUE(isThere(tree.step(step).lhs, step));
      EXPECT_TRUE(isThere(tree.step(step).rhs, step));
      if (planned.plan.sliced.empty())
        ops += own.opsOf(tree.resultOf(step));
    }
    EXPECT_TRUE(isThere(tree.root(), tree.numSteps()));
    if (!planned.plan.sliced.empty())
      ops += planned.plan.cost.ops;
  }
  EXPECT_EQ(plan.cost.ops, ops);
}

/// Bytes that are live at the worst moment, recounted step by step.
double recountPeak(const NetworkGraph &graph, const GraphPlan &plan) {
  // All computed steps in their order, and after which of them each result is read last.
  std::vector<std::pair<uint32_t, size_t>> order;
  std::map<std::pair<uint32_t, NodeId>, size_t> lastRead;
  auto read = [&](uint32_t n, NodeId node, size_t time) {
    NodeOrigin origin = plan.networks[n].origins[node];
    size_t &last = lastRead[{origin.network, origin.node}];
    last = std::max(last, time);
  };
  for (uint32_t n = 0; n < plan.networks.size(); ++n) {
    const PlannedNetwork &planned = plan.networks[n];
    const ContractionTree &tree = planned.plan.tree;
    for (size_t step = 0; step < tree.numSteps(); ++step)
      if (planned.isComputed[step]) {
        read(n, tree.step(step).lhs, order.size());
        read(n, tree.step(step).rhs, order.size());
        order.emplace_back(n, step);
      }
    if (!order.empty())
      read(n, tree.root(), order.size() - 1);
  }
  double peak = 0;
  for (size_t time = 0; time < order.size(); ++time) {
    double live = 0;
    for (size_t made = 0; made <= time; ++made) {
      auto [n, step] = order[made];
      const ContractionTree &tree = plan.networks[n].plan.tree;
      NodeId node = tree.resultOf(step);
      if (node == tree.root() || lastRead[{n, node}] < time)
        continue;
      const Network &network = graph.networks[n].network;
      live += productOf(network, TreeInGraph(graph.networks[n], tree).kept[node]) *
              static_cast<double>(network.elementBytes());
    }
    // Leaves that are summed first.
    auto [n, step] = order[time];
    const ContractionTree &tree = plan.networks[n].plan.tree;
    const Network &network = graph.networks[n].network;
    for (NodeId leaf : {tree.step(step).lhs, tree.step(step).rhs}) {
      if (!tree.isLeaf(leaf))
        continue;
      IndexSet kept = keptIndices(network, {leaf});
      IndexSet all(network.tensor(leaf).begin(), network.tensor(leaf).end());
      if (kept != all)
        live += productOf(network, kept) * static_cast<double>(network.elementBytes());
    }
    peak = std::max(peak, live);
  }
  return peak;
}

} // namespace

TEST(GraphPlan, SharedNodesHaveEqualValues) {
  size_t shared = 0;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    NetworkGraph graph = makeRandomGraph(seed, 4, 4, seed % 2);
    GraphPlan plan = shareTrees(graph, randomTrees(graph, seed));
    checkPlan(graph, plan);
    for (uint32_t n = 0; n < plan.networks.size(); ++n) {
      const PlannedNetwork &planned = plan.networks[n];
      TreeInGraph own(graph.networks[n], planned.plan.tree);
      for (NodeId node = 0; node < planned.plan.tree.numNodes(); ++node) {
        NodeOrigin origin = planned.origins[node];
        if (origin == NodeOrigin{n, node})
          continue;
        ++shared;
        const PlannedNetwork &other = plan.networks[origin.network];
        TreeInGraph theirs(graph.networks[origin.network], other.plan.tree);
        auto slots = planned.slots[node], otherSlots = other.slots[origin.node];
        ASSERT_EQ(slots.size(), otherSlots.size());
        // All elements.
        std::map<IndexId, int64_t> at, otherAt;
        std::function<void(size_t)> compare = [&](size_t depth) {
          if (depth == slots.size()) {
            EXPECT_EQ(evaluateNode(own, node, at), evaluateNode(theirs, origin.node, otherAt))
                << "seed " << seed;
            return;
          }
          int64_t extent = graph.networks[n].network.extent(slots[depth]);
          ASSERT_EQ(extent, graph.networks[origin.network].network.extent(otherSlots[depth]));
          for (int64_t i = 0; i < extent; ++i) {
            at[slots[depth]] = otherAt[otherSlots[depth]] = i;
            compare(depth + 1);
          }
        };
        compare(0);
      }
    }
  }
  EXPECT_GT(shared, 50u);
}

TEST(GraphPlan, CostIsThatOfDistinctSteps) {
  size_t saved = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    NetworkGraph graph = makeRandomGraph(seed, 4, 5, false);
    std::vector<ContractionTree> trees = randomTrees(graph, seed % 3);
    double recount = recountShared(graph, trees), separate = 0;
    for (size_t n = 0; n < trees.size(); ++n)
      separate += recountOps(graph.networks[n].network, trees[n]);
    GraphPlan plan = shareTrees(graph, trees);
    EXPECT_EQ(plan.cost.ops, recount) << "seed " << seed;
    EXPECT_EQ(plan.cost.unsharedOps, separate);
    EXPECT_NEAR(plan.cost.log2UnsharedOps, std::log2(separate), 1e-9);
    EXPECT_EQ(plan.cost.steps + plan.cost.sharedSteps, 16u);
    saved += recount < separate;
  }
  EXPECT_GT(saved, 10u);
}

// With a value several times in a network, products that are equal by symmetry may be missed.
TEST(GraphPlan, RepeatedValuesAreSharedWithinANetwork) {
  size_t saved = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    NetworkGraph graph = makeRandomGraph(seed, 3, 5, true);
    std::vector<ContractionTree> trees = randomTrees(graph, seed % 3);
    double recount = recountShared(graph, trees), separate = 0;
    for (size_t n = 0; n < trees.size(); ++n)
      separate += recountOps(graph.networks[n].network, trees[n]);
    GraphPlan plan = shareTrees(graph, trees);
    EXPECT_GE(plan.cost.ops, recount) << "seed " << seed;
    EXPECT_LE(plan.cost.ops, separate) << "seed " << seed;
    saved += plan.cost.ops < separate;
  }
  EXPECT_GT(saved, 10u);
}

TEST(GraphPlan, APowerTakesAsManyProductsAsSquaring) {
  // A^8 of one matrix: (A A), its square, and the square of that.
  Network chain = makeChain(std::vector<int64_t>(9, 3));
  NetworkGraph graph{{makePart(chain, std::vector<ValueId>(8, 7))}};
  ContractionTree tree(8, {{0, 1}, {2, 3}, {4, 5}, {6, 7}, {8, 9}, {10, 11}, {12, 13}});
  GraphPlan plan = shareTrees(graph, std::vector<ContractionTree>{tree});
  EXPECT_EQ(plan.cost.ops, 3 * 27);
  EXPECT_EQ(plan.cost.sharedSteps, 4u);
  checkPlan(graph, plan);
}

TEST(GraphPlan, KindsAreNotShared) {
  Network chain = makeChain({2, 3, 4, 5});
  NetworkGraph graph{{makePart(chain, {0, 1, 2}), makePart(chain, {0, 1, 2})}};
  std::vector<ContractionTree> trees(2, ContractionTree(3, {{0, 1}, {3, 2}}));
  EXPECT_EQ(shareTrees(graph, trees).cost.ops, 24 + 40);
  // Another rounding of the result: only what is below it is shared.
  graph.networks[1].resultKind = 1;
  EXPECT_EQ(shareTrees(graph, trees).cost.ops, 24 + 40 + 40);
  graph.networks[1].kind = 1;
  EXPECT_EQ(shareTrees(graph, trees).cost.ops, 2 * (24 + 40));
}

TEST(GraphPlan, NeverDearerThanTheBestTreesByThemselves) {
  size_t saved = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    NetworkGraph graph = makeRandomGraph(seed, 3, 5, seed % 2);
    double separate = 0;
    for (const GraphNetwork &part : graph.networks)
      separate += bruteForceBest(
          part.network, [](double ops, double) { return ops; },
          [](double a, double b) { return a + b; });
    GraphPlan plan = planOf(graph);
    checkPlan(graph, plan);
    EXPECT_LE(plan.cost.ops, separate) << "seed " << seed;
    EXPECT_GE(plan.cost.ops, recountShared(graph, treesOf(plan)));
    saved += plan.cost.ops < separate;
  }
  EXPECT_GT(saved, 20u);
}

/// Of the multiply-adds that are computed, those that are expected to have two factors that are not
/// zero, from the shares of each network's tree by itself.
static double expectedOpsOf(const NetworkGraph &graph, const GraphPlan &plan) {
  double sum = 0;
  for (size_t n = 0; n < plan.networks.size(); ++n) {
    const Network &network = graph.networks[n].network;
    const ContractionTree &tree = plan.networks[n].plan.tree;
    NodeIndices indices(network, tree);
    std::vector<double> extents = network.log2Extents();
    std::vector<double> shares = log2Shares(network, tree, indices, extents);
    for (size_t step = 0; step < tree.numSteps(); ++step)
      if (plan.networks[n].isComputed[step])
        sum += std::exp2(stepSizes(tree, indices, step, extents).ops + shares[tree.step(step).lhs] +
                         shares[tree.step(step).rhs]);
  }
  return sum;
}

TEST(GraphPlan, SparseTensorsAreSharedByExpectedCosts) {
  size_t saved = 0, sharing = 0, denser = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    NetworkGraph graph = makeRandomGraph(seed, 3, 5, seed % 2), dense = graph;
    double separate = 0;
    for (GraphNetwork &part : graph.networks) {
      for (NodeId tensor = 0; tensor < part.network.numTensors(); ++tensor)
        if (part.values[tensor] % 3 != 2)
          part.network.setDensity(tensor, part.values[tensor] % 3 == 0 ? 0.02 : 0.3);
      separate += planNetwork(part.network, {}, StrategyRegistry())->cost.expectedOps;
    }
    GraphPlan plan = planOf(graph);
    checkPlan(graph, plan);
    constexpr double rounding = 1 + 1e-9;
    EXPECT_LE(expectedOpsOf(graph, plan), separate * rounding) << "seed " << seed;
    saved += expectedOpsOf(graph, plan) < separate / rounding;
    sharing += plan.cost.sharedSteps > 0;
    // Trees that are best for dense tensors would be dearer.
    GraphPlan asDense = planOf(dense);
    denser += expectedOpsOf(graph, asDense) > expectedOpsOf(graph, plan) * rounding;
  }
  EXPECT_GT(saved, 10u);
  EXPECT_GT(sharing, 10u);
  EXPECT_GT(denser, 10u);
}

// One operand with a density must not keep its function's other networks from sharing.
TEST(GraphPlan, EnvironmentsOfANetworkWithASparseTensor) {
  Network lattice = makeLattice(5, 5);
  NetworkGraph graph = makeEnvironments(lattice);
  constexpr ValueId sparse = 12;
  for (GraphNetwork &part : graph.networks)
    for (NodeId tensor = 0; tensor < part.network.numTensors(); ++tensor)
      if (part.values[tensor] == sparse)
        part.network.setDensity(tensor, 0.1);
  lattice.setDensity(sparse, 0.1);
  double one = planNetwork(lattice, {}, StrategyRegistry())->cost.expectedOps;
  GraphPlan plan = planOf(graph);
  checkPlan(graph, plan);
  EXPECT_LE(expectedOpsOf(graph, plan), 4 * one) << expectedOpsOf(graph, plan) / one;
}

TEST(GraphPlan, AllEnvironmentsTakeThreeContractions) {
  Network ring = makeNetwork({}, {}, {});
  for (IndexId i = 0; i < 12; ++i)
    ring.addIndex(2 + i % 3);
  for (IndexId i = 0; i < 12; ++i)
    ring.addTensor({i, (i + 1) % 12});
  std::vector<std::pair<const char *, Network>> networks;
  networks.emplace_back("ring", std::move(ring));
  networks.emplace_back("ladder", makeLattice(2, 12));
  networks.emplace_back("lattice", makeLattice(5, 6));
  networks.emplace_back("random", makeRandomRegularNetwork(3, 30));
  for (const auto &[name, network] : networks) {
    NetworkGraph graph = makeEnvironments(network);
    double one = opsAlone(network);
    GraphPlan plan = planOf(graph);
    checkPlan(graph, plan);
    EXPECT_LE(plan.cost.ops, 3.2 * one) << name << " " << plan.cost.ops / one;
    EXPECT_GT(plan.cost.log2UnsharedOps, std::log2(0.2 * network.numTensors() * one)) << name;
    // The value itself is in the environments: one more step.
    std::vector<ValueId> values(network.numTensors());
    std::iota(values.begin(), values.end(), ValueId{0});
    graph.networks.push_back(makePart(network, values));
    EXPECT_LE(planOf(graph).cost.ops, 3.2 * one) << name;
  }
}

// jk,kl->jl and ij,jk,kl->il, where k has no position: what is over it costs nothing.
TEST(GraphPlan, AnExtentOfZeroLeavesNothingToDo) {
  NetworkGraph graph;
  graph.networks = {
      makePart(makeNetwork({{0, 1}, {1, 2}}, {0, 2}, {3, 0, 5}), {1, 2}),
      makePart(makeNetwork({{0, 1}, {1, 2}, {2, 3}}, {0, 3}, {2, 3, 0, 5}), {0, 1, 2})};
  ContractionTree right(2, {{0, 1}});
  GraphCost fromRight =
      shareTrees(graph, std::vector{right, ContractionTree(3, {{1, 2}, {0, 3}})}).cost;
  EXPECT_EQ(fromRight.ops, 30);
  EXPECT_DOUBLE_EQ(fromRight.log2Ops, std::log2(30.0));
  GraphCost fromLeft =
      shareTrees(graph, std::vector{right, ContractionTree(3, {{0, 1}, {3, 2}})}).cost;
  EXPECT_EQ(fromLeft.ops, 0);
  EXPECT_EQ(fromLeft.log2Ops, log2Zero);
}

// The environments of an open chain are what backpropagation computes: forward and backward
// products, and one product of both for each matrix.
TEST(GraphPlan, GradientsOfAChain) {
  Network chain = makeNetwork({{0}, {0, 1}, {1, 2}, {2, 3}, {3, 4}, {4}}, {}, {3, 4, 5, 6, 7});
  GraphPlan plan = planOf(makeEnvironments(chain));
  // Vectors from the left: 12 + 20 + 30 + 42; from the right the same; outer products 12, 20,
  // 30, 42.
  EXPECT_EQ(plan.cost.ops, 3 * (12 + 20 + 30 + 42));
}

// In every network another order of the operands, and other numbers of indices.
TEST(GraphPlan, ItDoesNotMatterHowNetworksAreWritten) {
  Network lattice = makeLattice(5, 5);
  double one = opsAlone(lattice);
  EXPECT_LE(planOf(reordered(renumbered(makeEnvironments(lattice), 1), 2)).cost.ops, 3.2 * one);
  NetworkGraph batch = makeBatch(lattice, {0, 1, 5});
  EXPECT_LE(planOf(reordered(renumbered(batch, 3), 4)).cost.ops, 1.1 * planOf(batch).cost.ops);
}

TEST(GraphPlan, ABatchCostsLittleMoreThanOne) {
  Network lattice = makeLattice(6, 6);
  double one = opsAlone(lattice);
  // Corners and their neighbours: what differs can come last.
  NetworkGraph graph = makeBatch(lattice, {0, 1, 6});
  GraphPlan plan = planOf(graph);
  checkPlan(graph, plan);
  EXPECT_LE(plan.cost.ops, 1.5 * one) << plan.cost.ops / one;
  EXPECT_NEAR(plan.cost.log2UnsharedOps, std::log2(8 * one), 0.7);
}

TEST(GraphPlan, DoesNotDependOnThreadsNorChangeBetweenRuns) {
  NetworkGraph graph = makeEnvironments(makeLattice(4, 4));
  for (const GraphNetwork &part : makeBatch(makeLattice(3, 4), {0, 5}).networks)
    graph.networks.push_back(part);
  GraphPlan first = planOf(graph);
  PlanOptions options;
  options.budget.threads = 3;
  GraphPlan second = planOf(graph, options);
  EXPECT_EQ(treesOf(first), treesOf(second));
}

namespace {
/// Counts searches.
class CountingStrategy final : public Strategy {
public:
  explicit CountingStrategy(int &searches) : searches(searches) {}
  std::string_view name() const override { return "counting"; }
  std::string_view summary() const override { return "greedy, counted"; }
  Result<SlicedTree> search(const Request &request) const override {
    ++searches;
    StrategyRegistry registry;
    return (*registry.find("greedy"))->search(request);
  }

private:
  int &searches;
};
} // namespace

TEST(GraphPlan, EqualNetworksAreSearchedOnce) {
  int searches = 0;
  StrategyRegistry registry;
  registry.add(std::make_unique<CountingStrategy>(searches));
  PlanOptions options;
  options.strategy = "counting";
  // No network has a value of another, but for one.
  NetworkGraph graph;
  for (uint32_t n = 0; n < 20; ++n) {
    std::vector<ValueId> values(12);
    std::iota(values.begin(), values.end(), ValueId{12 * n});
    if (n == 1)
      values[0] = 0;
    graph.networks.push_back(makePart(makeLattice(3, 4), values));
  }
  ASSERT_TRUE(planGraph(graph, options, registry).ok());
  EXPECT_EQ(searches, 1);
  // A batch: once as it is, and twice with the copies that values need.
  searches = 0;
  ASSERT_TRUE(planGraph(makeBatch(makeLattice(3, 4), {0, 1, 4}), options, registry).ok());
  EXPECT_LE(searches, 3);
  // Where all must be sliced: three times as above, and once for the slices.
  searches = 0;
  NetworkGraph batch = renumbered(makeBatch(makeLattice(3, 4), {0, 1, 4}), 3);
  options.slicing.peakBytes = 700;
  Result<GraphPlan> sliced = planGraph(batch, options, registry);
  ASSERT_TRUE(sliced.ok()) << sliced.error();
  EXPECT_LE(searches, 5);
  for (uint32_t n = 0; n < batch.networks.size(); ++n) {
    const Plan &plan = sliced->networks[n].plan;
    EXPECT_FALSE(plan.sliced.empty());
    EXPECT_EQ(evaluateTree(batch.networks[n].network, plan.tree, plan.sliced).ops, plan.cost.ops);
    EXPECT_LE(evaluateTree(batch.networks[n].network, plan.tree, plan.sliced).peakBytes, 700);
  }
  options.slicing = SliceOptions();
  // Environments: the merged network, and one of them to compare with.
  searches = 0;
  ASSERT_TRUE(planGraph(makeEnvironments(makeLattice(3, 4)), options, registry).ok());
  EXPECT_LE(searches, 2);
}

TEST(GraphPlan, PeakIsThatOfTheSchedule) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    NetworkGraph graph = makeRandomGraph(seed, 4, 5, seed % 2);
    GraphPlan plan = shareTrees(graph, randomTrees(graph, seed % 3));
    EXPECT_EQ(plan.cost.peakBytes, recountPeak(graph, plan)) << "seed " << seed;
  }
  NetworkGraph graph = makeEnvironments(makeLattice(3, 4));
  GraphPlan plan = planOf(graph);
  EXPECT_EQ(plan.cost.peakBytes, recountPeak(graph, plan));
}

TEST(GraphPlan, KeepsBoundsOnMemory) {
  NetworkGraph graph = makeEnvironments(makeLattice(4, 5));
  GraphPlan free = planOf(graph);
  double alone = 0;
  for (const PlannedNetwork &planned : free.networks)
    alone = std::max(alone, planned.plan.cost.peakBytes);
  double before = 0;
  bool wasSliced = false;
  for (double bound : {free.cost.peakBytes, 0.5 * (free.cost.peakBytes + alone), alone, 0.5 * alone,
                       0.2 * alone}) {
    PlanOptions options;
    options.slicing.peakBytes = bound;
    GraphPlan plan = planOf(graph, options);
    checkPlan(graph, plan);
    EXPECT_LE(plan.cost.peakBytes, bound);
    EXPECT_GE(plan.cost.ops, before);
    // As long as no network must be sliced, something is shared.
    if (bound >= alone)
      EXPECT_GT(plan.cost.sharedSteps, 0u);
    wasSliced |= plan.cost.slices > 1;
    before = 0.9 * plan.cost.ops;
  }
  EXPECT_TRUE(wasSliced);
}

TEST(GraphPlan, ABoundBelowThePeakCostsLittle) {
  // Share of what sharing keeps beyond the networks by themselves, and how much dearer it may get.
  const std::pair<double, double> limits[] = {{0.98, 1.05}, {0.9, 1.1}, {0.5, 2}, {0.25, 2.5}};
  for (const NetworkGraph &graph :
       {makeEnvironments(makeLattice(4, 5)), makeEnvironments(makeLattice(6, 6)),
        makeBatch(makeLattice(6, 6), {0, 15, 35})}) {
    GraphPlan free = planOf(graph);
    double alone = 0;
    for (const PlannedNetwork &planned : free.networks)
      alone = std::max(alone, planned.plan.cost.peakBytes);
    ASSERT_GT(free.cost.peakBytes, 1.2 * alone);
    for (auto [share, dearer] : limits) {
      PlanOptions options;
      options.slicing.peakBytes = alone + share * (free.cost.peakBytes - alone);
      GraphPlan plan = planOf(graph, options);
      checkPlan(graph, plan);
      EXPECT_EQ(plan.cost.peakBytes, recountPeak(graph, plan));
      EXPECT_LE(plan.cost.peakBytes, *options.slicing.peakBytes);
      EXPECT_LE(plan.cost.ops, dearer * free.cost.ops) << share;
      EXPECT_LT(plan.cost.ops, plan.cost.unsharedOps) << share;
    }
  }
}

TEST(GraphPlan, WhatIsKeptHasABoundOfItsOwn) {
  NetworkGraph graph = makeEnvironments(makeLattice(4, 5));
  double free = planOf(graph).cost.peakBytes;
  // More than all intermediates take, and none of that bound's business.
  for (GraphNetwork &part : graph.networks) {
    part.memory.extraBytes = [](const StepSizes &) { return 1e9; };
    part.memory.threads = 4;
  }
  for (double bound : {0.8 * free, 0.6 * free, 1.0}) {
    PlanOptions options;
    options.keptBytes = bound;
    GraphPlan plan = planOf(graph, options);
    checkPlan(graph, plan);
    double alone = 0;
    for (uint32_t n = 0; n < graph.networks.size(); ++n)
      alone = std::max(
          alone, evaluateTree(graph.networks[n].network, plan.networks[n].plan.tree).peakBytes);
    EXPECT_LE(recountPeak(graph, plan), std::max(bound, alone));
    EXPECT_GT(recountPeak(graph, shareTrees(graph, treesOf(plan))), std::max(bound, alone));
    EXPECT_EQ(plan.cost.slices, 1);
    EXPECT_GT(plan.cost.peakBytes, 1e9);
    // The bound on all bytes comes on top.
    options.slicing.peakBytes = plan.cost.peakBytes;
    GraphPlan both = planOf(graph, options);
    EXPECT_LE(both.cost.peakBytes, *options.slicing.peakBytes);
    EXPECT_LE(recountPeak(graph, both), std::max(bound, alone));
  }
}

TEST(GraphPlan, ErrorsNameTheNetwork) {
  NetworkGraph graph = makeEnvironments(makeLattice(3, 3));
  graph.networks[4].values.pop_back();
  Result<GraphPlan> wrong = planGraph(graph, PlanOptions(), StrategyRegistry());
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error(), "the network has 8 tensors, but values are given for 7");
  EXPECT_EQ(wrong.fullError().network, 4u);

  graph = makeEnvironments(makeLattice(3, 3));
  for (GraphNetwork &part : graph.networks)
    part.isLimited = false;
  graph.networks[2].isLimited = true;
  PlanOptions options;
  options.slicing.peakBytes = 1;
  Result<GraphPlan> tight = planGraph(graph, options, StrategyRegistry());
  ASSERT_FALSE(tight.ok());
  EXPECT_EQ(tight.fullError().network, 2u);
  EXPECT_GT(tight.fullError().smallestPeak, 1);

  // Of several that break the bound, the one that needs most: what it names is a bound for all.
  for (ValueId first : {0u, 20u}) {
    graph = NetworkGraph();
    graph.networks = {makePart(makeChain({2, 3, 4, 5}), {0, 1, 2}),
                      makePart(makeChain({2, 3, 4, 5, 6, 7}), {first, 11, 12, 13, 14}),
                      makePart(makeChain({3, 4, 5, 6}), {first + 1, 15, 16})};
    options = PlanOptions();
    options.slicing.peakBytes = 1;
    tight = planGraph(graph, options, StrategyRegistry());
    ASSERT_FALSE(tight.ok());
    EXPECT_EQ(tight.fullError().network, 1u);
    options.slicing.peakBytes = tight.fullError().smallestPeak;
    EXPECT_TRUE(planGraph(graph, options, StrategyRegistry()).ok());
  }

  options = PlanOptions();
  options.costModel = "beauty";
  EXPECT_FALSE(planGraph(graph, options, StrategyRegistry()).ok());
  EXPECT_FALSE(planGraph(NetworkGraph(), PlanOptions(), StrategyRegistry()).ok());
}

TEST(GraphPlan, ANetworkMayStartFromATreeAndItsSlices) {
  // Of two networks that are equal but for their tensors, one has a start.
  Network network = makeRandomRegularNetwork(4, 80);
  StrategyRegistry registry;
  PlanOptions options;
  Result<Plan> unsliced = planNetwork(network, options, registry);
  ASSERT_TRUE(unsliced.ok());
  for (bool isSliced : {false, true}) {
    if (isSliced)
      options.slicing.largest = unsliced->cost.largest / 64;
    Result<Plan> good = planNetwork(network, options, registry);
    ASSERT_TRUE(good.ok()) << good.error();
    NetworkGraph graph;
    for (ValueId first : {0u, 1000u}) {
      GraphNetwork part{network, {}};
      for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor)
        part.values.push_back(first + tensor);
      graph.networks.push_back(std::move(part));
    }
    graph.networks[1].initial = good->tree;
    graph.networks[1].initialSliced = good->sliced;
    PlanOptions quick = options;
    quick.strategy = "greedy";
    Result<GraphPlan> plan = planGraph(graph, quick, registry);
    ASSERT_TRUE(plan.ok()) << plan.error();
    EXPECT_LE(plan->networks[1].plan.cost.log2Ops, good->cost.log2Ops);
    // The other one is planned as if it were alone.
    Result<Plan> greedy = planNetwork(network, quick, registry);
    ASSERT_TRUE(greedy.ok());
    EXPECT_EQ(plan->networks[0].plan.cost.log2Ops, greedy->cost.log2Ops);
    EXPECT_LT(plan->networks[1].plan.cost.log2Ops, greedy->cost.log2Ops);
  }
}

/// Networks that share a tensor are searched together: starts count there, too.
TEST(GraphPlan, NetworksThatShareTensorsStartFromTrees) {
  NarrowPath given;
  StrategyRegistry registry;
  PlanOptions options;
  options.strategy = "known";
  NetworkGraph graph;
  graph.networks.push_back({given.network, {0, 1, 2, 3, 4}});
  graph.networks.push_back({given.network, {5, 6, 7, 8, 4}});
  for (bool isLimited : {false, true}) {
    SCOPED_TRACE(isLimited);
    // Without a limit the wide tree is the better one, with it the other.
    const ContractionTree &start = isLimited ? given.narrow : given.wide;
    registry.add(std::make_unique<KnownTree>(isLimited ? given.wide : given.narrow));
    if (isLimited)
      options.slicing.largest = given.largest;
    options.budget.deadline = std::chrono::steady_clock::now();
    for (GraphNetwork &part : graph.networks)
      part.initial = start;
    Result<GraphPlan> plan = planGraph(graph, options, registry);
    ASSERT_TRUE(plan.ok()) << plan.error();
    for (const PlannedNetwork &planned : plan->networks)
      EXPECT_LE(planned.plan.cost.ops, evaluateTree(given.network, start).ops);
  }
  // Where most is shared, not every network is searched by itself.
  options.slicing.largest.reset();
  registry.add(std::make_unique<KnownTree>(given.narrow));
  graph.networks.clear();
  for (int copy = 0; copy < 4; ++copy) {
    graph.networks.push_back({given.network, {0, 1, 2, 3, 4}});
    graph.networks.back().initial = given.wide;
  }
  Result<GraphPlan> plan = planGraph(graph, options, registry);
  ASSERT_TRUE(plan.ok()) << plan.error();
  EXPECT_LE(plan->cost.ops, evaluateTree(given.network, given.wide).ops);
  graph.networks[1].initial = ContractionTree(2, {{0, 1}});
  EXPECT_EQ(planGraph(graph, options, registry).error(),
            "the path is over 2 tensors, the network has 5");
}

TEST(GraphPlan, AGivenTreeStaysAndIsShared) {
  NetworkGraph graph = makeBatch(makeChain({2, 3, 4, 5, 6}), {3});
  // The worst order: from the right.
  ContractionTree tree(4, {{2, 3}, {1, 4}, {0, 5}});
  graph.networks[0].given = Plan{tree, {}, evaluateTree(graph.networks[0].network, tree)};
  GraphPlan plan = planOf(graph);
  EXPECT_EQ(plan.networks[0].plan.tree, tree);
  checkPlan(graph, plan);
}
