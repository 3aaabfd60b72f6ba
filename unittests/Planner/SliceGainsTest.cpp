//===- SliceGainsTest.cpp -------------------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "SliceGains.h"
#include "TestNetworks.h"
#include "tenon/Planner/Greedy.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace tenon::planner;
using namespace tenon::planner::test;

namespace {

MemoryModel packingModel() {
  MemoryModel memory;
  memory.extraBytes = [](const StepSizes &sizes) {
    return std::exp2(sizes.ops / 3) + 7 * std::exp2(sizes.lhs / 2);
  };
  return memory;
}

/// A tree with some indices sliced, and what to compare the gains with: the same tree, one index
/// sliced as well.
class SliceGainsTest : public testing::TestWithParam<uint64_t> {
protected:
  SliceGainsTest() {
    Random random(GetParam());
    for (unsigned i = GetParam() % 4; i > 0; --i)
      if (IndexId index = random.below(network.numIndices()); !state.isSliced(index))
        state.slice(index);
    gains.countOps();
  }

  /// Calls `check(index)` for every index that is not sliced.
  template <typename Check> void forEachUnsliced(Check &&check) {
    for (IndexId index = 0; index < network.numIndices(); ++index)
      if (!state.isSliced(index))
        check(index);
  }
  /// What `measure()` loses when `index` is sliced.
  template <typename Measure> double lossOf(IndexId index, Measure &&measure) {
    double before = measure();
    state.slice(index);
    double after = measure();
    state.unslice(index);
    return before - after;
  }

  Network network = GetParam() % 2 ? makeRandomNetwork(GetParam(), 14, 24) : makeLattice(4, 5);
  ContractionTree tree = GreedySearch(network, network.log2Extents()).run(FlopsModel(), {}).tree;
  NodeIndices indices{network, tree};
  MemoryModel memory = packingModel();
  SliceState state{network, tree, memory};
  SliceGains gains{network, tree, indices, memory, state};
};

double above(double value, double bound) {
  return value > bound ? std::log2(value) - std::log2(bound) : 0;
}

} // namespace

TEST_P(SliceGainsTest, AddedOperationsAreThoseOfAllSlices) {
  forEachUnsliced([&](IndexId index) {
    double added = -lossOf(index, [&] { return state.log2OpsWithoutHoisting(); });
    EXPECT_NEAR(gains.addedOps(index), added, 1e-6) << "index " << index;
  });
}

TEST_P(SliceGainsTest, OfResultsThatAreTooLarge) {
  constexpr double largest = 10;
  gains.addForLargest(largest);
  forEachUnsliced([&](IndexId index) {
    double loss = lossOf(index, [&] {
      double sum = 0;
      for (size_t step = 0; step < tree.numSteps(); ++step)
        sum += above(state.elements(tree.resultOf(step)), largest);
      return sum;
    });
    EXPECT_NEAR(gains.gain(index), loss, 1e-9) << "index " << index;
  });
}

TEST_P(SliceGainsTest, OfStepsThatNeedTooMuch) {
  constexpr double bound = 200;
  gains.addForBytes(bound, {}, 0);
  unsigned gaining = 0;
  forEachUnsliced([&](IndexId index) {
    double loss = lossOf(index, [&] {
      double sum = 0;
      for (size_t step = 0; step < tree.numSteps(); ++step)
        sum += above(state.footprint(step), bound);
      return sum;
    });
    EXPECT_NEAR(gains.gain(index), loss, 1e-9) << "index " << index;
    gaining += gains.gain(index) > 0;
  });
  EXPECT_EQ(gains.gaining().size(), gaining);
  gains.clear();
  EXPECT_TRUE(gains.gaining().empty());
}

TEST_P(SliceGainsTest, OfThePeak) {
  std::vector<NodeId> live = state.liveAtLeastPeak();
  double peak = state.leastPeak(), bound = std::max(peak / 5, 1.0);
  auto bytes = [&] {
    double sum = 0;
    for (NodeId node : live)
      sum += state.stored(node) + state.summedBytes(node);
    return sum;
  };
  double others = peak - bytes();
  std::vector<double> before(network.numIndices(), 0);
  gains.addForBytes(peak, live, peak);
  EXPECT_TRUE(gains.gaining().empty()) << "the peak keeps the bound";
  gains.addForBytes(bound, {}, 0);
  forEachUnsliced([&](IndexId index) { before[index] = gains.gain(index); });
  gains.clear();
  gains.addForBytes(bound, live, peak);
  forEachUnsliced([&](IndexId index) {
    double loss = lossOf(index, [&] { return above(others + bytes(), bound); });
    EXPECT_NEAR(gains.gain(index) - before[index], loss, 1e-9) << "index " << index;
  });
}

INSTANTIATE_TEST_SUITE_P(Seeds, SliceGainsTest, testing::Range<uint64_t>(0, 24));
