//===- CostTest.cpp - Costs against numbers counted by hand ---------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/Cost.h"
#include "TestNetworks.h"
#include "tenon/Planner/Greedy.h"

#include <gtest/gtest.h>

using namespace tenon::planner;
using namespace tenon::planner::test;

// A(2,3) B(3,5) C(5,7) D(7,11), 8 bytes an element.
static const Network chain = makeChain({2, 3, 5, 7, 11});
// ((A B) C) D: results 2x5, 2x7, 2x11; (A B)(C D): results 2x5, 5x11, 2x11.
static const ContractionTree leftToRight(4, {{0, 1}, {4, 2}, {5, 3}});
static const ContractionTree balanced(4, {{0, 1}, {2, 3}, {4, 5}});

TEST(Cost, CountsAChain) {
  TreeCost cost = evaluateTree(chain, leftToRight);
  EXPECT_EQ(cost.ops, 2 * 3 * 5 + 2 * 5 * 7 + 2 * 7 * 11);
  EXPECT_DOUBLE_EQ(cost.log2Ops, std::log2(254));
  EXPECT_EQ(cost.largest, 22);
  EXPECT_EQ(cost.writes, 10 + 14 + 22);
  // 10 elements, then 10 and 14 at once, then 14; the output is the caller's.
  EXPECT_EQ(cost.peakBytes, 8 * (10 + 14));

  cost = evaluateTree(chain, balanced);
  EXPECT_EQ(cost.ops, 2 * 3 * 5 + 5 * 7 * 11 + 2 * 5 * 11);
  EXPECT_EQ(cost.largest, 55);
  EXPECT_EQ(cost.peakBytes, 8 * (10 + 55));
  EXPECT_EQ(cost.slices, 1);
  EXPECT_EQ(cost.hoistedOps, 0);
}

TEST(Cost, HyperedgesDiagonalsAndLoneIndices) {
  // a: hyperedge of 0, 1, 2. b: twice in tensor 0. c: only in tensor 1. d: output.
  enum : IndexId { a, b, c, d };
  Network network = makeNetwork({{a, b, b}, {a, c, d}, {a, b}}, {d}, {2, 3, 5, 7}, 4);
  ContractionTree tree(3, {{0, 1}, {3, 2}});
  TreeCost cost = evaluateTree(network, tree);
  // Step 0: {a, b} with {a, d}; a stays for tensor 2. Step 1: {a, b, d} with {a, b}.
  EXPECT_EQ(cost.ops, 2 * 3 * 7 + 2 * 3 * 7);
  EXPECT_EQ(cost.largest, 42);
  // Step 0 needs tensor 1 summed over c, 14 elements, beside its result of 42.
  EXPECT_EQ(cost.peakBytes, 4 * (42 + 14));
}

TEST(Cost, AlignmentAndExtraBytes) {
  MemoryModel memory;
  memory.alignment = 64;
  EXPECT_EQ(evaluateTree(chain, leftToRight, {}, memory).peakBytes, 128 + 128);
  memory.alignment = 1;
  memory.extraBytes = [](const StepSizes &sizes) { return 1000 + std::exp2(sizes.ops); };
  // Step 1: 80 + 112 + 1000 + 70; step 2: 112 + 1000 + 154.
  EXPECT_NEAR(evaluateTree(chain, leftToRight, {}, memory).peakBytes, 1266, 1e-6);
}

TEST(Cost, SlicesMultiplyAndHoistedStepsDoNot) {
  // Slice the index between C and D, of extent 7: A B does not depend on it.
  std::vector<IndexId> sliced = {3};
  TreeCost cost = evaluateTree(chain, leftToRight, sliced);
  EXPECT_EQ(cost.slices, 7);
  EXPECT_EQ(cost.hoistedOps, 30);
  EXPECT_EQ(cost.ops, 30 + 7 * (2 * 5 * 1) + 7 * (2 * 1 * 11));
  EXPECT_DOUBLE_EQ(cost.log2Ops, std::log2(cost.ops));
  EXPECT_EQ(cost.writes, 10 + 7 * 2 + 7 * 22);
  // A B (10) is kept through all slices; a slice holds its own 2.
  EXPECT_EQ(cost.peakBytes, 8 * (10 + 2));
}

TEST(Cost, EveryThreadHasItsOwnBuffers) {
  std::vector<IndexId> sliced = {3};
  MemoryModel memory;
  memory.threads = 3;
  // The kept 10; three times 2; three accumulators of the 2 x 11 output.
  EXPECT_EQ(evaluateTree(chain, leftToRight, sliced, memory).peakBytes, 8 * (10 + 3 * 2 + 3 * 22));
  // No more sets than slices.
  memory.threads = 100;
  EXPECT_EQ(evaluateTree(chain, leftToRight, sliced, memory).peakBytes, 8 * (10 + 7 * 2 + 7 * 22));
  // Slices of an open index: an accumulator is the whole output all the same.
  sliced = {0};
  memory.threads = 2;
  EXPECT_EQ(evaluateTree(chain, leftToRight, sliced, memory).peakBytes, 8 * 2 * (5 + 7 + 22));
  // In one piece, in units of the alignment.
  memory.alignment = 64;
  EXPECT_EQ(evaluateTree(chain, leftToRight, sliced, memory).peakBytes, 2 * (64 + 64) + 384);
}

/// The bytes of moments, which must be those of `steps`.
static std::vector<double> bytesOf(const std::vector<LiveMoment> &moments,
                                   const std::vector<size_t> &steps) {
  std::vector<double> bytes;
  std::vector<size_t> order;
  for (const LiveMoment &moment : moments) {
    order.push_back(moment.step);
    bytes.push_back(moment.bytes);
  }
  EXPECT_EQ(order, steps);
  return bytes;
}

TEST(Cost, MemoryOverTime) {
  // 10; 10 and 14; 14: the output is the caller's.
  EXPECT_EQ(bytesOf(memoryOverTime(chain, leftToRight), {0, 1, 2}),
            (std::vector<double>{8 * 10, 8 * (10 + 14), 8 * 14}));
  // A B is made first and kept; one slice on each of 3 threads, and 3 accumulators.
  MemoryModel memory;
  memory.threads = 3;
  std::vector<IndexId> sliced = {3};
  EXPECT_EQ(bytesOf(memoryOverTime(chain, leftToRight, sliced, memory), {0, 1, 2}),
            (std::vector<double>{8 * 10, 8 * (10 + 3 * 2 + 3 * 22), 8 * (10 + 3 * 2 + 3 * 22)}));
  // Hoisted steps come first, wherever the tree has them: D is sliced, A B is not.
  ContractionTree last(4, {{2, 3}, {0, 1}, {5, 4}});
  sliced = {4};
  EXPECT_EQ(bytesOf(memoryOverTime(chain, last, sliced), {1, 0, 2}),
            (std::vector<double>{8 * 10, 8 * (10 + 5), 8 * (10 + 5)}));
}

TEST(Cost, TheLargestMomentIsThePeak) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Network network = makeRandomNetwork(seed, 11, 16);
    ContractionTree tree = GreedySearch(network, network.log2Extents()).run(FlopsModel(), {}).tree;
    std::vector<IndexId> sliced = {static_cast<IndexId>(seed % 16)};
    MemoryModel memory;
    memory.threads = 1 + seed % 3;
    memory.alignment = 64;
    double peak = 0;
    for (const LiveMoment &moment : memoryOverTime(network, tree, sliced, memory))
      peak = std::max(peak, moment.bytes);
    EXPECT_EQ(peak, evaluateTree(network, tree, sliced, memory).peakBytes);
  }
}

TEST(Cost, StepsOutsideSlicesAreSharedByThreads) {
  MemoryModel memory;
  memory.threads = 3;
  memory.extraBytes = [](const StepSizes &sizes) {
    return 1000 * std::round(std::exp2(sizes.ops));
  };
  memory.sharedFromOps = 70;
  // A B takes 30 operations, (A B) C 70 and the last step 154.
  EXPECT_EQ(evaluateTree(chain, leftToRight, {}, memory).peakBytes, 8 * 14 + 3 * 154'000);
  // In slices of 3, (A B) C has 10 and the last 22 operations: only A B is outside.
  std::vector<IndexId> sliced = {3};
  EXPECT_EQ(evaluateTree(chain, leftToRight, sliced, memory).peakBytes,
            8 * (10 + 3 * 2 + 3 * 22) + 3 * 22'000);
  memory.sharedFromOps = 30;
  EXPECT_EQ(evaluateTree(chain, leftToRight, sliced, memory).peakBytes, 8 * 10 + 3 * 30'000);
}

TEST(Cost, ModelsAddUpSteps) {
  std::vector<double> extents = chain.log2Extents();
  auto score = [&](std::string_view name, double alpha) {
    Result<std::unique_ptr<CostModel>> model = makeCostModel(name, {.alpha = alpha});
    EXPECT_TRUE(model.ok());
    return std::exp2(scoreTree(chain, balanced, **model, extents).cost);
  };
  EXPECT_NEAR(score("flops", 1), 30 + 385 + 110, 1e-9);
  EXPECT_NEAR(score("size", 1), 55, 1e-9);
  EXPECT_NEAR(score("write", 1), 10 + 55 + 22, 1e-9);
  EXPECT_NEAR(score("combo", 3), 525 + 3 * 87, 1e-9);
  EXPECT_EQ(makeCostModel("speed").error(),
            "unknown cost model 'speed'; expected flops, size, write, combo or time");
  EXPECT_EQ(makeCostModel("time").error(),
            "the cost model 'time' needs a table of times, and none was given");
  EXPECT_EQ(makeCostModel("combo", {.alpha = -2}).error(),
            "the alpha of cost model 'combo' must be positive and finite, found -2.000000");
}

TEST(Cost, OrderForMemoryVisitsTheDeeperSideFirst) {
  // Two pairs whose product is joined: run the one with the larger peak above its result first.
  // Small side: X = T0 T1 (result 9). Large side: Y = (T2 T3)(100) then T4 (result 4).
  enum : IndexId { a, b, c, d, e };
  Network network = makeNetwork({{a, b}, {b, c}, {c, d}, {d, e}, {e, a}}, {}, {3, 2, 3, 5, 20}, 1);
  ContractionTree tree(5, {{0, 1}, {2, 3}, {6, 4}, {5, 7}});
  // In this order: 9 lives through T2 T3 = c x e = 60 and its product with T4, c x a = 9.
  EXPECT_EQ(evaluateTree(network, tree).peakBytes, 9 + 60 + 9);
  ContractionTree ordered = orderForMemory(network, tree);
  EXPECT_EQ(evaluateTree(network, ordered).peakBytes, 60 + 9);
  EXPECT_EQ(evaluateTree(network, ordered).ops, evaluateTree(network, tree).ops);
}

TEST(Cost, OrderForMemoryNeverRaisesThePeak) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Network network = makeRandomNetwork(seed, 11, 16);
    ContractionTree tree = GreedySearch(network, network.log2Extents()).run(FlopsModel(), {}).tree;
    std::vector<IndexId> sliced = {static_cast<IndexId>(seed % 16),
                                   static_cast<IndexId>(seed % 16 ^ 1)};
    MemoryModel memory;
    memory.threads = 1 + seed % 3;
    ContractionTree ordered = orderForMemory(network, tree, sliced, memory);
    EXPECT_LE(evaluateTree(network, ordered, sliced, memory).peakBytes,
              evaluateTree(network, tree, sliced, memory).peakBytes);
    EXPECT_EQ(evaluateTree(network, ordered, sliced, memory).ops,
              evaluateTree(network, tree, sliced, memory).ops);
  }
}

TEST(Cost, NothingOverflows) {
  // 300 indices of extent 2^40 between two tensors: 2^12000 multiply-adds.
  std::vector<IndexId> all;
  for (IndexId i = 0; i < 300; ++i)
    all.push_back(i);
  Network network = makeNetwork({all, all, {0}}, {}, std::vector<int64_t>(300, int64_t{1} << 40));
  TreeCost cost = evaluateTree(network, ContractionTree(3, {{0, 1}, {3, 2}}));
  EXPECT_NEAR(cost.log2Ops, 12000, 1e-6);
  EXPECT_EQ(cost.ops, std::numeric_limits<double>::max());
  EXPECT_TRUE(std::isfinite(cost.peakBytes));
}

TEST(Cost, EmptyExtentsCostNothing) {
  Network network = makeNetwork({{0, 1}, {1, 2}}, {0, 2}, {3, 0, 5});
  TreeCost cost = evaluateTree(network, ContractionTree(2, {{0, 1}}));
  EXPECT_EQ(cost.ops, 0);
  EXPECT_EQ(cost.log2Ops, log2Zero);
  EXPECT_EQ(cost.largest, 15);
  EXPECT_DOUBLE_EQ(cost.log2Largest, std::log2(15));
  EXPECT_DOUBLE_EQ(cost.log2Writes, std::log2(15));
}

/// Figures and their logarithms are of the same plan, whatever is empty or sliced.
TEST(Cost, LogarithmsAreThoseOfTheFigures) {
  int empty = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Network random = makeRandomNetwork(seed, 5, 9);
    Network network(random.elementBytes());
    Random draw(seed);
    for (IndexId index = 0; index < random.numIndices(); ++index)
      network.addIndex(draw.below(6) == 0 ? 0 : random.extent(index));
    for (NodeId tensor = 0; tensor < random.numTensors(); ++tensor)
      network.addTensor(random.tensor(tensor));
    network.setOutput(std::vector<IndexId>(random.output().begin(), random.output().end()));
    ContractionTree tree(5, {{0, 1}, {2, 3}, {5, 6}, {7, 4}});
    for (std::vector<IndexId> sliced : {std::vector<IndexId>{}, {0}, {1, 4}}) {
      TreeCost cost = evaluateTree(network, tree, sliced);
      auto expectLogarithm = [&](double log2, double figure) {
        if (figure == 0)
          EXPECT_EQ(log2, log2Zero) << seed;
        else
          EXPECT_NEAR(log2, std::log2(figure), 1e-9) << seed;
      };
      expectLogarithm(cost.log2Ops, cost.ops);
      expectLogarithm(cost.log2Largest, cost.largest);
      expectLogarithm(cost.log2Writes, cost.writes);
      empty += cost.ops == 0;
    }
    EXPECT_EQ(evaluateTree(network, tree).ops, recountOps(network, tree));
  }
  EXPECT_GT(empty, 10);
}

/// Writes and operations of a sliced tree by the definition; the largest result in one slice.
TEST(Cost, ScoresOfSlicedTrees) {
  std::vector<IndexId> sliced = {3};
  Score write = scoreSliced(chain, leftToRight, sliced, WriteModel());
  EXPECT_DOUBLE_EQ(write.cost, std::log2(10 + 7 * 2 + 7 * 22));
  EXPECT_DOUBLE_EQ(write.ops, std::log2(30 + 7 * (2 * 5 * 1) + 7 * (2 * 1 * 11)));
  EXPECT_DOUBLE_EQ(scoreSliced(chain, leftToRight, sliced, FlopsModel()).cost, write.ops);
  EXPECT_DOUBLE_EQ(scoreSliced(chain, leftToRight, sliced, SizeModel()).cost, std::log2(22));
  EXPECT_DOUBLE_EQ(scoreSliced(chain, leftToRight, sliced, ComboModel(4)).cost,
                   std::log2(30 + 4 * 10 + 7 * (10 + 4 * 2) + 7 * (22 + 4 * 22)));
  Score whole = scoreTree(chain, leftToRight, WriteModel(), chain.log2Extents());
  EXPECT_DOUBLE_EQ(scoreSliced(chain, leftToRight, {}, WriteModel()).cost, whole.cost);
}

TEST(Cost, OneTensorIsNoStep) {
  Network network = makeNetwork({{0, 1, 0}}, {1}, {3, 4});
  TreeCost cost = evaluateTree(network, ContractionTree(1, {}));
  EXPECT_EQ(cost.ops, 0);
  EXPECT_EQ(cost.peakBytes, 0);
}
