//===- SlicingTest.cpp - Slicing to a bound -------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/Slicing.h"
#include "TestNetworks.h"
#include "tenon/Planner/Greedy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>

using namespace tenon::planner;
using namespace tenon::planner::test;

namespace {

ContractionTree greedyTree(const Network &network) {
  return GreedySearch(network, network.log2Extents()).run(FlopsModel(), {}).tree;
}

/// Operations and peak of a sliced tree, recounted from the definitions of MemoryModel by
/// walking the steps in order.
struct Recount {
  double ops = 0;
  double peak = 0;
};

Recount recount(const Network &network, const SlicedTree &plan, const MemoryModel &memory) {
  IndexSet sliced(plan.sliced.begin(), plan.sliced.end());
  auto below = leavesBelow(plan.tree);
  auto kept = [&](NodeId node) { return keptIndices(network, below[node]); };
  auto hoisted = [&](NodeId node) {
    for (NodeId tensor : below[node])
      for (IndexId index : network.tensor(tensor))
        if (sliced.count(index))
          return false;
    return true;
  };
  double elementBytes = static_cast<double>(network.elementBytes());
  auto bytes = [&](NodeId node) { return elementBytes * productOf(network, kept(node), sliced); };
  auto stored = [&](NodeId node) {
    return plan.tree.isLeaf(node) || node == plan.tree.root() ? 0 : bytes(node);
  };
  auto isSummed = [&](NodeId leaf) {
    IndexSet all(network.tensor(leaf).begin(), network.tensor(leaf).end());
    return all != kept(leaf);
  };
  double slices = productOf(network, sliced);
  double sets = std::min<double>(memory.threads, slices);
  Recount result;
  double live = 0, accumulators = 0;
  if (sets > 1)
    accumulators = sets * elementBytes * productOf(network, kept(plan.tree.root()));
  for (bool hoistedPhase : {true, false}) {
    double factor = hoistedPhase ? 1 : sets;
    for (size_t s = 0; s < plan.tree.numSteps(); ++s) {
      NodeId node = plan.tree.resultOf(s);
      if (hoisted(node) != hoistedPhase)
        continue;
      const Step &step = plan.tree.step(s);
      result.ops += (hoistedPhase ? 1 : slices) *
                    productOf(network, unionOf(kept(step.lhs), kept(step.rhs)), sliced);
      live += factor * stored(node);
      double temporary = 0;
      for (NodeId operand : {step.lhs, step.rhs})
        if (plan.tree.isLeaf(operand) && isSummed(operand))
          temporary += bytes(operand);
      result.peak =
          std::max(result.peak, live + factor * temporary + (hoistedPhase ? 0 : accumulators));
      for (NodeId operand : {step.lhs, step.rhs})
        if (hoistedPhase || !hoisted(operand))
          live -= factor * stored(operand);
    }
  }
  return result;
}

} // namespace

TEST(Slicing, KeepsTheBoundAndCountsHonestly) {
  unsigned slicedOften = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Network network = makeRandomNetwork(seed, 12, 20);
    ContractionTree tree = greedyTree(network);
    MemoryModel memory;
    memory.threads = 1 + seed % 3;
    SliceOptions options;
    options.seed = seed;
    options.peakBytes = evaluateTree(network, tree, {}, memory).peakBytes / 10;
    Result<SlicedTree> plan = sliceTree(network, tree, memory, options);
    if (!plan.ok())
      continue;
    slicedOften += !plan->sliced.empty();
    TreeCost cost = evaluateTree(network, plan->tree, plan->sliced, memory);
    EXPECT_LE(cost.peakBytes, *options.peakBytes);
    Recount expected = recount(network, *plan, memory);
    EXPECT_DOUBLE_EQ(cost.ops, expected.ops) << "seed " << seed;
    EXPECT_DOUBLE_EQ(cost.peakBytes, expected.peak) << "seed " << seed;
  }
  EXPECT_GT(slicedOften, 20u);
}

TEST(Slicing, NothingToDoSlicesNothing) {
  Network network = makeLattice(4, 4);
  SliceOptions options;
  options.peakBytes = 1e9;
  Result<SlicedTree> plan = sliceTree(network, greedyTree(network), {}, options);
  ASSERT_TRUE(plan.ok());
  EXPECT_TRUE(plan->sliced.empty());
}

TEST(Slicing, PicksTheIndexThatCostsNothing) {
  // Index 0 is in every tensor: slicing it repeats no work. 1 to 4 are bonds of the ring.
  Network network = makeNetwork({{0, 1, 2}, {0, 2, 3}, {0, 3, 4}, {0, 4, 1}}, {}, {6, 9, 8, 7, 5});
  ContractionTree tree(4, {{0, 1}, {4, 2}, {5, 3}});
  TreeCost before = evaluateTree(network, tree);
  SliceOptions options;
  options.peakBytes = before.peakBytes / 6;
  Result<SlicedTree> plan = sliceTree(network, tree, {}, options);
  ASSERT_TRUE(plan.ok()) << plan.error();
  EXPECT_EQ(plan->sliced, std::vector<IndexId>{0});
  EXPECT_EQ(evaluateTree(network, plan->tree, plan->sliced).ops, before.ops);
}

TEST(Slicing, OpenIndicesMayBeSliced) {
  // (A B) C with results 50 x 4 and the output 50 x 3: only index 0, which is open, makes the
  // intermediate small enough.
  Network network = makeChain({50, 2, 4, 3});
  SliceOptions options;
  options.peakBytes = 8 * 4;
  Result<SlicedTree> plan = sliceTree(network, ContractionTree(3, {{0, 1}, {3, 2}}), {}, options);
  ASSERT_TRUE(plan.ok()) << plan.error();
  EXPECT_EQ(plan->sliced, std::vector<IndexId>{0});
}

TEST(Slicing, LeavesIndicesThatOneTensorSumsAlone) {
  // Indices 0 and 3 are summed before any step: a slice of them is no slice of the tree.
  Network network = makeNetwork({{0, 1}, {1, 2}, {2, 3}}, {}, {9, 2, 3, 8});
  ContractionTree tree(3, {{0, 1}, {3, 2}});
  SliceOptions options;
  options.minSlices = 6;
  Result<SlicedTree> plan = sliceTree(network, tree, {}, options);
  ASSERT_TRUE(plan.ok()) << plan.error();
  EXPECT_EQ(plan->sliced, (std::vector<IndexId>{1, 2}));
  options.minSlices = 7;
  EXPECT_FALSE(sliceTree(network, tree, {}, options).ok());
}

TEST(Slicing, NamesTheSmallestBoundAndThatOneWorks) {
  Network network = makeLattice(4, 5);
  ContractionTree tree = greedyTree(network);
  SliceOptions options;
  options.peakBytes = 3;
  std::string message = sliceTree(network, tree, {}, options).error();
  std::string prefix = "the memory bound of 3 bytes cannot be kept: the smallest peak that "
                       "slicing reaches is ";
  ASSERT_EQ(message.substr(0, prefix.size()), prefix);
  double smallest = std::strtod(message.c_str() + prefix.size(), nullptr);
  EXPECT_EQ(message.substr(message.find(" bytes;")), " bytes; raise the bound to at least that");
  EXPECT_GT(smallest, 3);
  options.peakBytes = smallest;
  Result<SlicedTree> plan = sliceTree(network, tree, {}, options);
  ASSERT_TRUE(plan.ok()) << plan.error();
  EXPECT_LE(evaluateTree(network, plan->tree, plan->sliced).peakBytes, smallest);
}

TEST(Slicing, TwoBoundsThatAreBrokenAreBothNamed) {
  // With four slices at most a result of 60 x 60 x 60 keeps neither bound.
  Network network = makeNetwork({{0, 1, 2}, {0, 1, 3}, {2, 3, 4}, {4}}, {}, {3, 2, 60, 50, 40});
  ContractionTree tree(4, {{0, 1}, {4, 2}, {5, 3}});
  SliceOptions options;
  options.peakBytes = 100;
  options.largest = 10;
  options.maxSlices = 4;
  Result<SlicedTree> plan = sliceTree(network, tree, {}, options);
  ASSERT_FALSE(plan.ok());
  std::string message = plan.error();
  EXPECT_EQ(message.find("the bound of 10 elements on the largest intermediate cannot be kept"), 0u)
      << message;
  EXPECT_NE(message.find("with a peak of "), std::string::npos) << message;
  EXPECT_NE(message.find("the memory bound of 100 bytes forbids as well; raise both"),
            std::string::npos)
      << message;
  // What is named can be kept, both at once.
  auto numberAfter = [&](std::string_view words) {
    return std::strtod(message.c_str() + message.find(words) + words.size(), nullptr);
  };
  options.largest = numberAfter("slicing reaches is ");
  options.peakBytes = numberAfter("with a peak of ");
  EXPECT_TRUE(sliceTree(network, tree, {}, options).ok());
  // One that is kept is not named.
  options.largest = 10;
  options.peakBytes = 1e9;
  EXPECT_EQ(sliceTree(network, tree, {}, options).error().find("memory"), std::string::npos);
}

TEST(Slicing, WithoutTimeTheBoundIsKeptAllTheSame) {
  std::atomic<bool> stop = true;
  Budget expired;
  expired.cancel = &stop;
  MemoryModel memory;
  int sliced = 0;
  double quickOps = 0, bestOps = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Network network = seed < 10 ? makeLattice(4 + seed % 3, 5) : makeRandomNetwork(seed, 9, 14);
    ContractionTree tree = greedyTree(network);
    double whole = evaluateTree(network, tree, {}, memory).peakBytes;
    for (double part : {2, 6}) {
      SliceOptions options;
      options.peakBytes = whole / part;
      SliceReach reach, unused;
      std::optional<SlicedTree> quick =
          sliceFixedTree(network, tree, memory, options, expired, reach);
      std::optional<SlicedTree> best =
          sliceFixedTree(network, tree, memory, options, Budget(), unused);
      if (!quick) {
        EXPECT_GT(reach.smallestPeak, *options.peakBytes);
        continue;
      }
      ++sliced;
      Recount counted = recount(network, *quick, memory);
      EXPECT_LE(counted.peak, *options.peakBytes);
      ASSERT_TRUE(best);
      quickOps += std::log2(counted.ops);
      bestOps += std::log2(recount(network, *best, memory).ops);
    }
  }
  EXPECT_GT(sliced, 25);
  EXPECT_LT(bestOps, quickOps) << "time is of use";
}

TEST(Slicing, WithoutTimeTheChoicesAreThoseOfThePlainRun) {
  // A choice takes so little time that none is spared. What is not needed is not put back, though.
  std::atomic<bool> stop = true;
  Budget expired;
  expired.cancel = &stop;
  unsigned slicedOften = 0;
  for (uint64_t seed = 0; seed < 12; ++seed) {
    Network network = seed % 2 ? makeRandomRegularNetwork(seed, 120) : makeLattice(9, 8);
    ContractionTree tree = greedyTree(network);
    MemoryModel memory;
    memory.threads = 1 + seed % 3;
    SliceOptions options;
    options.variations = 1;
    options.peakBytes = evaluateTree(network, tree, {}, memory).peakBytes / 5000;
    SliceReach reach;
    std::optional<SlicedTree> plain =
        sliceFixedTree(network, tree, memory, options, Budget(), reach);
    std::optional<SlicedTree> quick =
        sliceFixedTree(network, tree, memory, options, expired, reach);
    ASSERT_EQ(quick.has_value(), plain.has_value()) << "seed " << seed;
    if (!plain)
      continue;
    slicedOften += plain->sliced.size() > 5;
    EXPECT_LE(evaluateTree(network, quick->tree, quick->sliced, memory).peakBytes,
              *options.peakBytes);
    EXPECT_TRUE(std::includes(quick->sliced.begin(), quick->sliced.end(), plain->sliced.begin(),
                              plain->sliced.end()))
        << "seed " << seed;
  }
  EXPECT_GT(slicedOften, 4u);
}

TEST(Slicing, MinimumNumberOfSlices) {
  Network network = makeLattice(4, 4);
  ContractionTree tree = greedyTree(network);
  SliceOptions options;
  options.minSlices = 10;
  Result<SlicedTree> plan = sliceTree(network, tree, {}, options);
  ASSERT_TRUE(plan.ok()) << plan.error();
  EXPECT_GE(evaluateTree(network, plan->tree, plan->sliced).slices, 10);
  // Each slice is needed: without any one of them there are fewer than 10.
  for (IndexId index : plan->sliced)
    EXPECT_LT(evaluateTree(network, plan->tree, plan->sliced).slices / network.extent(index), 10);

  options.minSlices = 1000;
  EXPECT_EQ(sliceTree(makeChain({2, 3, 5}), ContractionTree(2, {{0, 1}}), {}, options).error(),
            "found no slicing into at least 1000 slices that keeps the other limits: the most "
            "that was reached is 30; ask for fewer slices");
}

TEST(Slicing, ReconfiguringIsNeverWorse) {
  Network network = makeLattice(7, 7);
  ContractionTree tree = greedyTree(network);
  SliceOptions options;
  options.peakBytes = evaluateTree(network, tree).peakBytes / 100;
  Result<SlicedTree> plain = sliceTree(network, tree, {}, options);
  SliceReach reach;
  std::optional<SlicedTree> reshaped =
      sliceAndReconfigure(network, tree, {}, options, FlopsModel(), Budget(), reach);
  ASSERT_TRUE(plain.ok() && reshaped);
  EXPECT_LE(evaluateTree(network, reshaped->tree, reshaped->sliced).log2Ops,
            evaluateTree(network, plain->tree, plain->sliced).log2Ops);
  EXPECT_LE(evaluateTree(network, reshaped->tree, reshaped->sliced).peakBytes, *options.peakBytes);
}
