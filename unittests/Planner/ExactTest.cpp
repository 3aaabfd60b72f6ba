//===- ExactTest.cpp - Exact search against every tree --------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/Exact.h"
#include "TestNetworks.h"
#include "tenon/Planner/Cost.h"
#include "tenon/Planner/Strategy.h"

#include <gtest/gtest.h>

using namespace tenon::planner;
using namespace tenon::planner::test;

namespace {

Result<SlicedTree> optimal(const Network &network, const CostModel &model, Budget budget = {}) {
  StrategyRegistry registry;
  return (*registry.find("optimal"))->search({network, model, budget});
}

double add(double a, double b) { return a + b; }
double larger(double a, double b) { return std::max(a, b); }

} // namespace

TEST(Exact, FlopsMatchBruteForce) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Network network = makeRandomNetwork(seed, 2 + seed % 5, 4 + seed % 7);
    Result<SlicedTree> found = optimal(network, FlopsModel());
    ASSERT_TRUE(found.ok()) << found.error();
    double best = bruteForceBest(
        network, [](double ops, double) { return ops; }, add);
    EXPECT_EQ(evaluateTree(network, found->tree).ops, best) << "seed " << seed;
    EXPECT_EQ(recountOps(network, found->tree), best) << "seed " << seed;
  }
}

TEST(Exact, SizeMatchesBruteForce) {
  for (uint64_t seed = 100; seed < 140; ++seed) {
    Network network = makeRandomNetwork(seed, 2 + seed % 5, 9);
    Result<SlicedTree> found = optimal(network, SizeModel());
    ASSERT_TRUE(found.ok()) << found.error();
    EXPECT_EQ(evaluateTree(network, found->tree).largest,
              bruteForceBest(
                  network, [](double, double result) { return result; }, larger))
        << "seed " << seed;
  }
}

TEST(Exact, ComboMatchesBruteForce) {
  for (uint64_t seed = 200; seed < 220; ++seed) {
    Network network = makeRandomNetwork(seed, 6, 9);
    ComboModel model(5);
    Result<SlicedTree> found = optimal(network, model);
    ASSERT_TRUE(found.ok()) << found.error();
    double best = bruteForceBest(
        network, [](double ops, double result) { return ops + 5 * result; }, add);
    double cost = scoreTree(network, found->tree, model, network.log2Extents()).cost;
    EXPECT_NEAR(cost, std::log2(best), 1e-9) << "seed " << seed;
  }
}

TEST(Exact, OuterProductsAreConsidered) {
  // Two vectors and a matrix between large extents: joining the vectors first is cheaper here.
  Network network = makeNetwork({{0}, {1}, {0, 1, 2}}, {2}, {2, 3, 1000});
  Result<SlicedTree> found = optimal(network, FlopsModel());
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(evaluateTree(network, found->tree).ops, 6 + 6000);
  EXPECT_EQ(found->tree.step(0), (Step{0, 1}));
}

TEST(Exact, SparseEngineAgreesWithDense) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Network network = makeLattice(2, 3 + seed % 3);
    // The same lattice with other extents for each seed.
    Random random(seed);
    std::vector<std::vector<uint32_t>> leaves;
    for (NodeId t = 0; t < network.numTensors(); ++t)
      leaves.emplace_back(network.tensor(t).begin(), network.tensor(t).end());
    ExactProblem problem{leaves, {}, std::vector<bool>(network.numIndices(), false)};
    for (IndexId index = 0; index < network.numIndices(); ++index)
      problem.weights.push_back(std::log2(2.0 + random.below(7)));
    problem.open[0] = true;
    ExactTree dense = solveDense(problem, FlopsModel(), 12);
    uint64_t pairs = 0;
    Result<ExactTree> sparse =
        solveSparse(problem, FlopsModel(), dense.score.cost + 3, 1'000'000, pairs);
    ASSERT_TRUE(sparse.ok()) << sparse.error();
    // Connected trees only: never better, and on these lattices outer products do not help.
    EXPECT_NEAR(sparse->score.cost, dense.score.cost, 1e-9) << "seed " << seed;
    EXPECT_GT(pairs, 0u);
  }
}

TEST(Exact, ConnectedEngineAgreesWithSparse) {
  unsigned numConnected = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    size_t n = 2 + random.below(8), numIndices = n + random.below(n);
    ExactProblem problem;
    problem.leaves.resize(n);
    for (uint32_t index = 0; index < numIndices; ++index) {
      problem.weights.push_back(std::log2(2.0 + random.below(9)));
      problem.open.push_back(random.below(6) == 0);
      // Every fourth index is a hyperedge.
      for (size_t holders = index % 4 ? 2 : 3; holders-- > 0;) {
        std::vector<uint32_t> &leaf = problem.leaves[random.below(n)];
        if (leaf.empty() || leaf.back() != index)
          leaf.push_back(index);
      }
    }
    std::optional<ExactTree> connected = solveConnected(problem, FlopsModel(), 20);
    uint64_t pairs = 0;
    Result<ExactTree> sparse = solveSparse(problem, FlopsModel(), 64, 10'000'000, pairs);
    ASSERT_EQ(connected.has_value(), sparse.ok()) << "seed " << seed;
    if (!connected)
      continue;
    ++numConnected;
    EXPECT_NEAR(connected->score.cost, sparse->score.cost, 1e-9) << "seed " << seed;
    ASSERT_EQ(connected->steps.size(), n - 1);
    EXPECT_FALSE(ContractionTree::check(static_cast<NodeId>(n), connected->steps));
    EXPECT_GE(connected->score.cost, solveDense(problem, FlopsModel(), 20).score.cost - 1e-9);
  }
  EXPECT_GT(numConnected, 40u);
}

TEST(Exact, MatrixChainMatchesTheTextbook) {
  std::vector<int64_t> p = {30, 35, 15, 5, 10, 20, 25, 7, 19, 3, 41, 8, 13, 29, 17, 6, 22, 11};
  size_t n = p.size() - 1;
  std::vector<std::vector<double>> best(n, std::vector<double>(n, 0));
  for (size_t length = 2; length <= n; ++length)
    for (size_t i = 0; i + length <= n; ++i) {
      size_t j = i + length - 1;
      best[i][j] = std::numeric_limits<double>::infinity();
      for (size_t k = i; k < j; ++k)
        best[i][j] = std::min(best[i][j], best[i][k] + best[k + 1][j] +
                                              static_cast<double>(p[i] * p[k + 1] * p[j + 1]));
    }
  Network network = makeChain(p);
  Result<SlicedTree> found = optimal(network, FlopsModel());
  ASSERT_TRUE(found.ok()) << found.error();
  EXPECT_EQ(evaluateTree(network, found->tree).ops, best[0][n - 1]);
}

TEST(Exact, TwentyTensorsOfALattice) {
  Network network = makeLattice(4, 5);
  Result<SlicedTree> found = optimal(network, FlopsModel());
  ASSERT_TRUE(found.ok()) << found.error();
  StrategyRegistry registry;
  Budget budget;
  budget.restarts = 50;
  Result<SlicedTree> greedy =
      (*registry.find("random-greedy"))->search({network, FlopsModel(), budget});
  ASSERT_TRUE(greedy.ok());
  EXPECT_LE(evaluateTree(network, found->tree).ops, evaluateTree(network, greedy->tree).ops);
}

TEST(Exact, PartsAreJoinedByOuterProducts) {
  // Two separate lattices of 8 tensors: more than the dense engine takes at once.
  Network network(8);
  for (unsigned part = 0; part < 2; ++part) {
    Network lattice = makeLattice(2, 4);
    IndexId offset = network.numIndices();
    for (IndexId index = 0; index < lattice.numIndices(); ++index)
      network.addIndex(lattice.extent(index) + part);
    for (NodeId t = 0; t < lattice.numTensors(); ++t) {
      std::vector<IndexId> indices;
      for (IndexId index : lattice.tensor(t))
        indices.push_back(index + offset);
      network.addTensor(indices);
    }
  }
  Result<SlicedTree> found = optimal(network, FlopsModel());
  ASSERT_TRUE(found.ok()) << found.error();
  auto below = leavesBelow(found->tree);
  auto [lhs, rhs] = found->tree.makerOf(found->tree.root());
  EXPECT_EQ(below[lhs].size(), 8u);
  EXPECT_EQ(*below[lhs].rbegin() < 8, *below[rhs].begin() >= 8);
}

TEST(Exact, RefusesWithAReason) {
  Budget budget;
  budget.exactPairs = 1000;
  EXPECT_EQ(optimal(makeLattice(5, 6), FlopsModel(), budget).error(),
            "the exact search passed its limit of 1000 pairs of subsets on a connected part of 30 "
            "tensors; use strategy 'auto' or 'random-greedy', or raise the limit");
  EXPECT_EQ(optimal(makeChain(std::vector<int64_t>(80, 2)), FlopsModel()).error(),
            "strategy 'optimal' takes connected parts of up to 64 tensors, found one of 79; use "
            "strategy 'auto' or 'random-greedy'");
}
