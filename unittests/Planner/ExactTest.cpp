//===- ExactTest.cpp - Exact search against every tree --------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/Exact.h"
#include "TestNetworks.h"
#include "tenon/Planner/Cost.h"
#include "tenon/Planner/Strategy.h"
#include "tenon/Planner/TimeModel.h"

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

/// A problem with bonds, hyperedges, open and batch indices, some of them shared by all leaves.
static ExactProblem makeProblem(uint64_t seed, size_t numLeaves, size_t numIndices,
                                uint32_t largestExtent) {
  Random random(seed);
  ExactProblem problem;
  problem.leaves.resize(numLeaves);
  for (uint32_t index = 0; index < numIndices; ++index) {
    problem.weights.push_back(std::log2(2.0 + random.below(largestExtent - 1)));
    problem.open.push_back(random.below(6) == 0);
    size_t holders = 2;
    if (random.below(4) == 0)
      holders = random.below(8) == 0 ? numLeaves : 3;
    for (; holders-- > 0;) {
      std::vector<uint32_t> &leaf = problem.leaves[random.below(static_cast<uint32_t>(numLeaves))];
      if (leaf.empty() || leaf.back() != index)
        leaf.push_back(index);
    }
  }
  return problem;
}

static bool isConnected(const ExactProblem &problem) {
  return solveConnected(problem, FlopsModel(), 20).has_value();
}

/// The sparse engine finds the dense one's optimum where its cap is `slack` bits above it, and
/// nothing where it is `below` bits under it. Returns the optimum.
static double expectSparseAgrees(const ExactProblem &problem, const CostModel &model,
                                 double costHint, double slack, double below) {
  ExactTree dense = solveDense(problem, model, costHint);
  ExactMeter meter;
  std::optional<ExactTree> sparse = solveSparse(problem, model, dense.score.cost + slack, meter);
  if (!sparse) {
    ADD_FAILURE() << "nothing found";
    return dense.score.cost;
  }
  EXPECT_NEAR(sparse->score.cost, dense.score.cost, 1e-9);
  EXPECT_FALSE(ContractionTree::check(static_cast<NodeId>(problem.leaves.size()), sparse->steps));
  EXPECT_GT(meter.pairs(), 0u);
  EXPECT_FALSE(solveSparse(problem, model, dense.score.cost - below, meter));
  return dense.score.cost;
}

TEST(Exact, SparseEngineAgreesWithDense) {
  FlopsModel flops;
  SizeModel size;
  WriteModel write;
  ComboModel combo(5);
  // Two threads share larger steps: not monotone in any way.
  TimeModel time = *TimeModel::make(TimeTable::shipped(), {"f64", 8, 2, 1 << 10});
  unsigned numConnected = 0, numOuter = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    size_t n = 4 + seed % 9;
    ExactProblem problem = makeProblem(seed, n, n + seed / 9 % n, seed % 2 ? 9 : 2);
    if (!isConnected(problem))
      continue;
    ++numConnected;
    double connected = solveConnected(problem, flops, 20)->score.cost;
    for (const CostModel *model :
         std::initializer_list<const CostModel *>{&flops, &size, &write, &combo, &time}) {
      SCOPED_TRACE(std::string(model->name()) + " seed " + std::to_string(seed));
      double best = expectSparseAgrees(problem, *model, 20, double(seed % 3), 1e-3);
      numOuter += model == &flops && best < connected - 1e-9;
    }
  }
  EXPECT_GT(numConnected, 150u);
  EXPECT_GT(numOuter, 20u) << "outer products never helped: the test shows too little";
}

/// What a network is to the engines: leaves with each index once, without those that are summed
/// beforehand.
static ExactProblem problemOf(const Network &network) {
  ExactProblem problem;
  problem.weights = network.log2Extents();
  for (IndexId index = 0; index < network.numIndices(); ++index)
    problem.open.push_back(std::ranges::count(network.output(), index) > 0);
  for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor) {
    IndexSet kept = keptIndices(network, {tensor});
    problem.leaves.emplace_back(kept.begin(), kept.end());
  }
  return problem;
}

TEST(Exact, SparseEngineMatchesBruteForce) {
  // Hyperedges, batch, repeated and lone indices, numbers, parts, and extents of 1.
  FlopsModel flops;
  SizeModel size;
  WriteModel write;
  ComboModel combo(5);
  for (uint64_t seed = 0; seed < 120; ++seed) {
    unsigned numTensors = seed % 60 == 59 ? 7 : 2 + seed % 5;
    Network drawn = makeRandomNetwork(500 + seed, numTensors, 3 + seed % 9);
    Network network(8);
    for (IndexId index = 0; index < drawn.numIndices(); ++index)
      network.addIndex(drawn.extent(index) - (seed % 3 == 0));
    for (NodeId tensor = 0; tensor < drawn.numTensors(); ++tensor)
      network.addTensor(drawn.tensor(tensor));
    if (seed % 2)
      network.setOutput({drawn.output().begin(), drawn.output().end()});
    ExactProblem problem = problemOf(network);
    auto expectBest = [&](const CostModel &model, auto &&stepCost, auto &&join) {
      double best = std::log2(bruteForceBest(network, stepCost, join));
      ExactMeter meter;
      std::optional<ExactTree> found = solveSparse(problem, model, best + double(seed % 4), meter);
      ASSERT_TRUE(found) << model.name() << " seed " << seed;
      EXPECT_NEAR(found->score.cost, best, 1e-9) << model.name() << " seed " << seed;
      ASSERT_FALSE(ContractionTree::check(numTensors, found->steps));
      ContractionTree tree(numTensors, found->steps);
      EXPECT_NEAR(found->score.ops, std::log2(recountOps(network, tree)), 1e-9) << "seed " << seed;
    };
    expectBest(
        flops, [](double ops, double) { return ops; }, add);
    expectBest(
        size, [](double, double result) { return result; }, larger);
    expectBest(
        write, [](double, double result) { return result; }, add);
    expectBest(
        combo, [](double ops, double result) { return ops + 5 * result; }, add);
  }
}

/// Bonds between any two tensors, cuts narrower than any tensor, vectors and trees among them.
/// `numOpen` of the bonds have one end.
static ExactProblem makeGraph(uint64_t seed, size_t numLeaves, size_t numBonds, size_t numOpen) {
  Random random(seed);
  ExactProblem problem;
  problem.leaves.resize(numLeaves);
  for (size_t bond = 0; bond < numLeaves - 1 + numBonds + numOpen; ++bond) {
    auto index = static_cast<uint32_t>(bond);
    problem.weights.push_back(std::log2(2.0 + random.below(3)));
    problem.open.push_back(bond >= numLeaves - 1 + numBonds);
    // A tree first, so that all is connected.
    size_t a = bond + 1 < numLeaves ? bond + 1 : random.below(static_cast<uint32_t>(numLeaves));
    auto b = random.below(static_cast<uint32_t>(bond + 1 < numLeaves ? a : numLeaves));
    problem.leaves[a].push_back(index);
    if (!problem.open[index] && b != a)
      problem.leaves[b].push_back(index);
  }
  return problem;
}

TEST(Exact, SparseEngineAgreesWithDenseOnGraphs) {
  FlopsModel flops;
  SizeModel size;
  WriteModel write;
  ComboModel combo;
  unsigned numOuter = 0, numRootsInside = 0;
  for (uint64_t seed = 0; seed < 240; ++seed) {
    size_t n = 4 + seed % 10;
    ExactProblem problem = makeGraph(seed, n, seed / 10 % 6 * n / 5, seed % 3 ? 0 : seed % 4);
    for (const CostModel *model :
         std::initializer_list<const CostModel *>{&flops, &size, &write, &combo}) {
      SCOPED_TRACE(std::string(model->name()) + " seed " + std::to_string(seed));
      expectSparseAgrees(problem, *model, 15, double(seed % 2) / 2, 1e-6);
    }
    ExactMeter meter;
    ExactTree best = *solveSparse(problem, flops, 60, meter);
    numOuter += solveConnected(problem, flops, 15)->score.cost > best.score.cost + 1e-9;
    numRootsInside += best.steps.back().lhs >= n && best.steps.back().rhs >= n;
  }
  EXPECT_GT(numOuter, 20u);
  EXPECT_GT(numRootsInside, 20u) << "roots between two results: the test shows too little";
}

/// Three indices a leaf, each of three leaves or fewer; extents 2 to 4, `numOpen` indices open.
static ExactProblem makeHypergraph(uint64_t seed, size_t numLeaves, size_t numOpen) {
  Random random(seed);
  ExactProblem problem;
  problem.leaves.resize(numLeaves);
  std::vector<size_t> places;
  for (size_t place = 0; place < 3 * numLeaves; ++place)
    places.push_back(place / 3);
  for (size_t place = places.size() - 1; place > 0; --place)
    std::swap(places[place], places[random.below(static_cast<uint32_t>(place + 1))]);
  for (size_t place = 0; place < places.size(); ++place) {
    auto index = static_cast<uint32_t>(place / 3);
    std::vector<uint32_t> &leaf = problem.leaves[places[place]];
    if (leaf.empty() || leaf.back() != index)
      leaf.push_back(index);
  }
  for (size_t index = 0; index < numLeaves; ++index) {
    problem.weights.push_back(std::log2(2.0 + random.below(3)));
    problem.open.push_back(index < numOpen);
  }
  return problem;
}

TEST(Exact, SparseEngineAgreesWithDenseOnHypergraphs) {
  // Sets that are better joined with one leaf or two first, in all places of a tree.
  FlopsModel flops;
  SizeModel size;
  WriteModel write;
  ComboModel combo, light(1.0 / 4);
  for (uint64_t seed = 0; seed < 240; ++seed) {
    size_t n = 5 + seed % 9;
    ExactProblem problem = makeHypergraph(seed, n, seed % 3 ? 0 : seed % 4);
    for (const CostModel *model :
         std::initializer_list<const CostModel *>{&flops, &size, &write, &combo, &light}) {
      SCOPED_TRACE(std::string(model->name()) + " seed " + std::to_string(seed));
      expectSparseAgrees(problem, *model, 15, double(seed % 3), 1e-6);
    }
  }
}

TEST(Exact, TreesThatCostTheSameButForRoundingAreFound) {
  // All extents equal: whatever is left out for being dearer has to be dearer. And extents whose
  // costs lie so far apart that a sum does not show the small ones.
  FlopsModel flops;
  ComboModel combo(5);
  for (uint64_t seed = 0; seed < 160; ++seed) {
    size_t n = 5 + seed % 8;
    ExactProblem problem = makeHypergraph(7000 + seed, n, 0);
    Random random(seed);
    for (double &weight : problem.weights)
      weight = seed % 2 ? 1 + 29 * random.below(2) : 1.5849625007211562;
    for (const CostModel *model : std::initializer_list<const CostModel *>{&flops, &combo}) {
      double known = solveDense(problem, *model, 40).score.cost;
      ExactMeter meter;
      std::optional<ExactTree> sparse = solveSparse(problem, *model, known, meter);
      ASSERT_TRUE(sparse) << model->name() << " seed " << seed;
      EXPECT_NEAR(sparse->score.cost, known, 1e-9) << model->name() << " seed " << seed;
    }
  }
}

TEST(Exact, SparseEngineAgreesWithDenseOnParts) {
  // Parts, numbers, indices of one element, hyperedges and indices that all have.
  FlopsModel flops;
  WriteModel write;
  unsigned numApart = 0;
  for (uint64_t seed = 0; seed < 150; ++seed) {
    size_t n = 5 + seed % 8;
    ExactProblem problem = makeProblem(3000 + seed, n, 2 + seed % n, seed % 4 + 2);
    for (size_t index = 0; index < problem.weights.size(); ++index)
      if (seed % 3 == 0 && index % 3 == 0)
        problem.weights[index] = 0;
    numApart += !isConnected(problem);
    for (const CostModel *model : std::initializer_list<const CostModel *>{&flops, &write}) {
      ExactTree dense = solveDense(problem, *model, 10);
      ExactMeter meter;
      std::optional<ExactTree> sparse = solveSparse(problem, *model, dense.score.cost, meter);
      ASSERT_TRUE(sparse) << model->name() << " seed " << seed;
      EXPECT_NEAR(sparse->score.cost, dense.score.cost, 1e-9) << model->name() << " seed " << seed;
    }
  }
  EXPECT_GT(numApart, 40u);
}

TEST(Exact, ProductsWithNumbersAreKeptWhateverIsRounded) {
  // Sums of legs and sizes that are equal but for rounding, of products with what shares nothing.
  struct Bond {
    double extent;
    std::vector<size_t> leaves;
  };
  auto problemOfBonds = [](size_t n, const std::vector<Bond> &bonds) {
    ExactProblem problem;
    problem.leaves.resize(n);
    for (const Bond &bond : bonds) {
      for (size_t leaf : bond.leaves)
        problem.leaves[leaf].push_back(static_cast<uint32_t>(problem.weights.size()));
      problem.weights.push_back(std::log2(bond.extent));
      problem.open.push_back(bond.leaves.size() == 1);
    }
    return problem;
  };
  ExactProblem closed = problemOfBonds(7, {{4096, {0, 1}},
                                           {6, {0, 2}},
                                           {1, {1, 3}},
                                           {8, {0, 4}},
                                           {4, {1, 5}},
                                           {1, {0, 6}},
                                           {5, {3, 6}}});
  ExactProblem ring = problemOfBonds(7, {{4, {0, 1}},
                                         {2, {1, 2}},
                                         {3, {2, 3}},
                                         {1, {3, 4}},
                                         {2, {4, 5}},
                                         {1, {5, 6}},
                                         {2, {0, 6}},
                                         {5, {0, 3}},
                                         {5, {4}},
                                         {1, {5}}});
  WriteModel write;
  ComboModel combo(5);
  for (auto [problem, model] :
       {std::pair<const ExactProblem *, const CostModel *>{&closed, &write}, {&ring, &combo}})
    for (double above : {0.0, 0.01, 0.1, 0.5, 3.0}) {
      ExactTree dense = solveDense(*problem, *model, 10);
      ExactMeter meter;
      std::optional<ExactTree> sparse =
          solveSparse(*problem, *model, dense.score.cost + above, meter);
      ASSERT_TRUE(sparse) << model->name() << ' ' << above;
      EXPECT_NEAR(sparse->score.cost, dense.score.cost, 1e-9) << model->name() << ' ' << above;
    }
}

TEST(Exact, ThreadsChangeNothing) {
  FlopsModel flops;
  ComboModel combo;
  TimeModel time = *TimeModel::make(TimeTable::shipped(), {"f64", 8, 2, 1 << 10});
  for (uint64_t seed = 0; seed < 4; ++seed)
    for (const CostModel *model : std::initializer_list<const CostModel *>{&flops, &combo, &time}) {
      size_t n = model == &time ? 12 : 14;
      ExactProblem problem =
          seed % 2 ? makeHypergraph(seed, n, 0)
                   : problemOf(makeRandomRegularNetwork(seed, static_cast<unsigned>(n)));
      double known = solveDense(problem, *model, 10).score.cost;
      ExactMeter meter;
      ExactTree expected = *solveSparse(problem, *model, known + 0.5, meter);
      for (unsigned threads : {2u, 5u}) {
        ExactMeter own;
        std::optional<ExactTree> found = solveSparse(problem, *model, known + 0.5, own, threads);
        ASSERT_TRUE(found);
        EXPECT_EQ(found->steps, expected.steps);
        EXPECT_EQ(own.pairs(), meter.pairs());
        // The last pair decides, whoever looks at it.
        Budget budget;
        ExactMeter enough(budget, meter.pairs()), short1(budget, meter.pairs() - 1);
        EXPECT_TRUE(solveSparse(problem, *model, known + 0.5, enough, threads));
        EXPECT_FALSE(solveSparse(problem, *model, known + 0.5, short1, threads));
      }
    }
}

TEST(Exact, SeparableModelsAre) {
  Random random(7);
  SizeModel size;
  FlopsModel flops;
  WriteModel write;
  ComboModel combo(7);
  for (const CostModel *model :
       std::initializer_list<const CostModel *>{&size, &flops, &write, &combo}) {
    ASSERT_TRUE(model->isSeparable());
    for (unsigned trial = 0; trial < 20; ++trial) {
      StepSizes sizes{20 * random.unit(), 20 * random.unit(), 20 * random.unit(),
                      40 * random.unit()};
      double vertex = model->step({0, 0, log2Zero, sizes.ops});
      double edge = model->step({0, 0, sizes.result, log2Zero});
      EXPECT_NEAR(model->step(sizes),
                  model->accumulation() == Accumulation::Sum ? log2Add(vertex, edge)
                                                             : std::max(vertex, edge),
                  1e-12)
          << model->name();
      // Twice as many multiply-adds cost twice as much, or nothing.
      if (model->accumulation() == Accumulation::Sum) {
        double once = model->step({0, 0, log2Zero, 0});
        EXPECT_TRUE(vertex == once || std::abs(vertex - once - sizes.ops) < 1e-12) << model->name();
      }
    }
  }
  EXPECT_FALSE(TimeModel::make(TimeTable::shipped(), {"f64", 8, 2, 1 << 10})->isSeparable());
}

TEST(Exact, OuterProductsOfSparseNetworks) {
  // Vectors and small matrices around large tensors, where outer products pay.
  unsigned numOuter = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    size_t n = 8 + seed % 6;
    ExactProblem problem;
    problem.leaves.resize(n);
    auto addBond = [&](size_t a, size_t b, double extent) {
      auto index = static_cast<uint32_t>(problem.weights.size());
      problem.leaves[a].push_back(index);
      problem.leaves[b].push_back(index);
      problem.weights.push_back(std::log2(extent));
      problem.open.push_back(false);
    };
    addBond(0, 1, 1000);
    for (size_t leaf = 2; leaf < n; ++leaf) {
      addBond(leaf, leaf % 2, 2 + random.below(3));
      if (random.below(3) == 0)
        addBond(leaf, 2 + random.below(static_cast<uint32_t>(n - 2)), 2);
    }
    for (std::vector<uint32_t> &leaf : problem.leaves)
      leaf.erase(std::unique(leaf.begin(), leaf.end()), leaf.end());
    ExactTree dense = solveDense(problem, FlopsModel(), 20);
    ExactMeter meter;
    std::optional<ExactTree> sparse =
        solveSparse(problem, FlopsModel(), dense.score.cost + 1, meter);
    ASSERT_TRUE(sparse);
    EXPECT_NEAR(sparse->score.cost, dense.score.cost, 1e-9) << "seed " << seed;
    numOuter += solveConnected(problem, FlopsModel(), 20)->score.cost > dense.score.cost + 1e-9;
  }
  EXPECT_GT(numOuter, 30u);
}

TEST(Exact, OperandsThatCountAreNotOverlooked) {
  /// Reads cost as much as operations: outer products pay under other conditions.
  class ReadModel final : public CostModel {
  public:
    std::string_view name() const override { return "read"; }
    Accumulation accumulation() const override { return Accumulation::Sum; }
    double step(const StepSizes &sizes) const override {
      return log2Add(sizes.ops, 3 + log2Add(sizes.lhs, sizes.rhs));
    }
  };
  for (uint64_t seed = 0; seed < 60; ++seed) {
    size_t n = 4 + seed % 7;
    ExactProblem problem = makeProblem(1000 + seed, n, n + 4, 4);
    if (!isConnected(problem))
      continue;
    ExactTree dense = solveDense(problem, ReadModel(), 20);
    ExactMeter meter;
    std::optional<ExactTree> sparse = solveSparse(problem, ReadModel(), dense.score.cost, meter);
    ASSERT_TRUE(sparse) << "seed " << seed;
    EXPECT_NEAR(sparse->score.cost, dense.score.cost, 1e-9) << "seed " << seed;
  }
}

TEST(Exact, ConnectedEngineIsNoBetterThanDense) {
  unsigned numConnected = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    size_t n = 2 + seed % 8;
    ExactProblem problem = makeProblem(seed, n, n + seed / 8 % n, 9);
    std::optional<ExactTree> connected = solveConnected(problem, FlopsModel(), 20);
    if (!connected)
      continue;
    ++numConnected;
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

TEST(Exact, ThePollsOfTheBudgetEndIt) {
  // Some seconds of work each: dense search over 16 tensors, and a sparse one past any limit.
  Network regular = makeLattice(6, 8);
  std::vector<std::vector<IndexId>> tensors(16);
  std::vector<int64_t> extents;
  for (unsigned a = 0; a < 16; ++a)
    for (unsigned b = 0; b < a; ++b) {
      tensors[a].push_back(static_cast<IndexId>(extents.size()));
      tensors[b].push_back(static_cast<IndexId>(extents.size()));
      extents.push_back(2 + (a + b) % 3);
    }
  Network dense = makeNetwork(tensors, {}, extents);
  for (const Network *network : {&dense, &regular}) {
    Budget budget;
    budget.exactPairs = std::numeric_limits<uint64_t>::max();
    using Clock = std::chrono::steady_clock;
    Clock::time_point begin = Clock::now();
    budget.deadline = begin + std::chrono::milliseconds(40);
    Result<SlicedTree> found = optimal(*network, ComboModel(), budget);
    EXPECT_LT(std::chrono::duration<double>(Clock::now() - begin).count(), 5);
    ASSERT_FALSE(found.ok());
    EXPECT_NE(found.error().find("was out of time"), std::string::npos) << found.error();
  }
}

TEST(Exact, FifteenTensorsThatAllMeet) {
  // A shared batch index, an index between any two, and a bridge to open ones: every set of tensors
  // is connected.
  std::vector<std::vector<IndexId>> tensors(15);
  std::vector<int64_t> extents = {3};
  for (unsigned a = 0; a < 15; ++a) {
    tensors[a].push_back(0);
    for (unsigned b = 0; b < a; ++b) {
      tensors[a].push_back(static_cast<IndexId>(extents.size()));
      tensors[b].push_back(static_cast<IndexId>(extents.size()));
      extents.push_back(2 + (a * b) % 4);
    }
  }
  Network network = makeNetwork(tensors, {0, 5}, extents);
  std::vector<double> log2Extents = network.log2Extents();
  StrategyRegistry registry;
  for (std::string_view name : {"flops", "size", "write", "combo"}) {
    std::unique_ptr<CostModel> model = std::move(*makeCostModel(name));
    Result<SlicedTree> found = optimal(network, *model);
    ASSERT_TRUE(found.ok()) << found.error();
    Result<SlicedTree> greedy =
        (*registry.find("random-greedy"))->search({network, *model, Budget()});
    EXPECT_LE(scoreTree(network, found->tree, *model, log2Extents).cost,
              scoreTree(network, greedy->tree, *model, log2Extents).cost + 1e-9)
        << name;
  }
}

TEST(Exact, WritesMatchBruteForceAlsoBetweenParts) {
  for (uint64_t seed = 300; seed < 330; ++seed) {
    Network network = makeRandomNetwork(seed, 6, 6);
    Result<SlicedTree> found = optimal(network, WriteModel());
    ASSERT_TRUE(found.ok()) << found.error();
    double best = bruteForceBest(
        network, [](double, double result) { return result; }, add);
    double cost = scoreTree(network, found->tree, WriteModel(), network.log2Extents()).cost;
    EXPECT_NEAR(cost, std::log2(best), 1e-9) << "seed " << seed;
  }
}

/// The tree that `auto` finds by default; fails if it is not proven to be best.
static void expectProven(const Network &network) {
  StrategyRegistry registry;
  Budget budget;
  bool isProven = false;
  budget.progress = [&](const Progress &state) { isProven |= state.strategy == "optimal"; };
  Result<SlicedTree> found = (*registry.find("auto"))->search({network, FlopsModel(), budget});
  ASSERT_TRUE(found.ok()) << found.error();
  EXPECT_TRUE(isProven);
  Result<SlicedTree> proven = optimal(network, FlopsModel());
  ASSERT_TRUE(proven.ok()) << proven.error();
  EXPECT_EQ(evaluateTree(network, found->tree).ops, evaluateTree(network, proven->tree).ops);
}

TEST(Exact, AutoProvesSparseNetworksOfThirtyTensors) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    SCOPED_TRACE(seed);
    Network network = makeRandomRegularNetwork(seed, 30);
    if (seed % 2) {
      // Extents of 2 to 8.
      Random random(seed);
      Network wide(8);
      for (IndexId index = 0; index < network.numIndices(); ++index)
        wide.addIndex(2 + random.below(7));
      for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor)
        wide.addTensor(network.tensor(tensor));
      network = std::move(wide);
    }
    expectProven(network);
  }
}

/// Tensors that hang on any earlier one: hubs of many vectors, whose products are cheap.
static Network makeRandomTree(uint64_t seed, uint32_t numTensors) {
  Random random(seed);
  std::vector<std::vector<IndexId>> tensors(numTensors);
  std::vector<int64_t> extents;
  for (uint32_t tensor = 1; tensor < numTensors; ++tensor) {
    tensors[tensor].push_back(tensor - 1);
    tensors[random.below(tensor)].push_back(tensor - 1);
    extents.push_back(2 + random.below(3));
  }
  return makeNetwork(tensors, {}, extents);
}

TEST(Exact, AutoProvesTreesOfThirtyTensors) {
  // Passed the limit while sets could cost as much as a whole tree.
  for (uint64_t seed = 0; seed < 6; ++seed) {
    SCOPED_TRACE(seed);
    expectProven(makeRandomTree(seed, 30));
  }
}

TEST(Exact, SetsThatLackALeafAreLeftOut) {
  // Took two to four times as much work while sets were kept that had better have a leaf more.
  auto expectFoundWithin = [&](uint64_t pairs, const Network &network, const CostModel &model) {
    Budget budget;
    budget.exactPairs = pairs;
    Result<SlicedTree> found = optimal(network, model, budget);
    EXPECT_TRUE(found.ok()) << model.name() << ": " << found.error();
  };
  for (uint64_t seed : {1, 3, 4}) {
    SCOPED_TRACE(seed);
    ExactProblem problem = makeHypergraph(seed, 24, 0);
    std::vector<int64_t> extents;
    for (double weight : problem.weights)
      extents.push_back(std::llround(std::exp2(weight)));
    expectFoundWithin(40'000'000, makeNetwork(problem.leaves, {}, extents), FlopsModel());
  }
  Network tree = makeRandomTree(0, 30);
  expectFoundWithin(150'000'000, tree, WriteModel());
  expectFoundWithin(150'000'000, tree, ComboModel());
}
