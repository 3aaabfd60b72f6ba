//===- SliceStateTest.cpp - Sizes that follow slices, recounted -----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "SliceState.h"
#include "TestNetworks.h"

#include <gtest/gtest.h>

using namespace tenon::planner;
using namespace tenon::planner::test;

namespace {

/// Any tree, outer products included.
ContractionTree makeRandomTree(Random &random, NodeId numLeaves) {
  std::vector<NodeId> left(numLeaves);
  for (NodeId leaf = 0; leaf < numLeaves; ++leaf)
    left[leaf] = leaf;
  std::vector<Step> steps;
  auto take = [&] {
    std::swap(left[random.below(static_cast<uint32_t>(left.size()))], left.back());
    NodeId node = left.back();
    left.pop_back();
    return node;
  };
  while (left.size() > 1) {
    NodeId lhs = take(), rhs = take();
    steps.push_back({lhs, rhs});
    left.push_back(numLeaves + static_cast<NodeId>(steps.size()) - 1);
  }
  return {numLeaves, std::move(steps)};
}

void expectRecounted(const Network &network, const ContractionTree &tree, const SliceState &state,
                     const IndexSet &sliced) {
  std::vector<std::set<NodeId>> below = leavesBelow(tree);
  for (NodeId node = 0; node < tree.numNodes(); ++node)
    ASSERT_EQ(state.elements(node), productOf(network, keptIndices(network, below[node]), sliced))
        << "node " << node;
  auto log2Of = [](double size) { return size > 0 ? std::log2(size) : 0; };
  for (size_t step = 0; step < tree.numSteps(); ++step) {
    auto [lhs, rhs] = tree.step(step);
    IndexSet both = unionOf(keptIndices(network, below[lhs]), keptIndices(network, below[rhs]));
    double ops = productOf(network, both, sliced);
    ASSERT_EQ(state.ops(step), ops) << "step " << step;
    if (ops > 0) {
      StepSizes sizes = state.sizes(step);
      EXPECT_NEAR(sizes.ops, log2Of(ops), 1e-9);
      EXPECT_NEAR(sizes.lhs, log2Of(state.elements(lhs)), 1e-9);
      EXPECT_NEAR(sizes.rhs, log2Of(state.elements(rhs)), 1e-9);
      EXPECT_NEAR(sizes.result, log2Of(state.elements(tree.resultOf(step))), 1e-9);
    }
  }
}

} // namespace

TEST(SliceState, SizesEqualARecountWhateverIsSliced) {
  for (uint64_t seed = 0; seed < 150; ++seed) {
    Random random(seed);
    NodeId numTensors = 1 + random.below(12);
    Network made = makeRandomNetwork(seed, numTensors, 2 + random.below(16));
    // Extents of 0 and 1 as well.
    std::vector<std::vector<IndexId>> tensors;
    for (NodeId tensor = 0; tensor < numTensors; ++tensor)
      tensors.emplace_back(made.tensor(tensor).begin(), made.tensor(tensor).end());
    std::vector<int64_t> extents;
    for (IndexId index = 0; index < made.numIndices(); ++index)
      extents.push_back(seed % 3 == 0 ? random.below(7) : made.extent(index));
    Network network =
        makeNetwork(std::move(tensors), {made.output().begin(), made.output().end()}, extents);
    ContractionTree tree = makeRandomTree(random, numTensors);
    MemoryModel memory;
    SliceState state(network, tree, memory);
    IndexSet sliced;
    expectRecounted(network, tree, state, sliced);
    for (unsigned change = 0; change < 8; ++change) {
      IndexId index = random.below(network.numIndices());
      if (sliced.erase(index) > 0) {
        state.unslice(index);
      } else {
        state.slice(index);
        sliced.insert(index);
      }
      expectRecounted(network, tree, state, sliced);
    }
  }
}

TEST(SliceState, SizesComeBackExactlyFromBeyondTheRangeOfNumbers) {
  // The outer product of the first two tensors has 3^1000 7 elements, the result 7 and 5.
  std::vector<std::vector<IndexId>> tensors(3);
  std::vector<int64_t> extents = {7, 5};
  tensors[0].push_back(0);
  tensors[2].push_back(1);
  for (IndexId index = 2; index < 1002; ++index) {
    tensors[index % 2].push_back(index);
    tensors[2].push_back(index);
    extents.push_back(3);
  }
  Network network = makeNetwork(tensors, {0, 1}, extents);
  ContractionTree tree(3, {{0, 1}, {3, 2}});
  MemoryModel memory;
  SliceState state(network, tree, memory);
  EXPECT_EQ(state.elements(3), std::numeric_limits<double>::max());
  EXPECT_NEAR(state.sizes(0).ops, std::log2(7) + 1000 * std::log2(3), 1e-6);
  EXPECT_EQ(state.elements(4), 35);
  for (IndexId index = 2; index < 1000; ++index)
    state.slice(index);
  EXPECT_EQ(state.elements(3), 7 * 9);
  EXPECT_EQ(state.ops(1), 35 * 9);
  for (IndexId index = 2; index < 1000; ++index)
    state.unslice(index);
  EXPECT_EQ(state.elements(3), std::numeric_limits<double>::max());
}

TEST(SliceState, TimeDoesNotFollowTheRanks) {
  // The first half joins all odd tensors, which share nothing: ranks grow to the number of tensors.
  auto secondsOf = [](IndexId numTensors) {
    std::vector<std::vector<IndexId>> tensors(numTensors);
    for (IndexId tensor = 0; tensor < numTensors; ++tensor) {
      tensors[tensor].push_back(tensor);
      tensors[(tensor + 1) % numTensors].push_back(tensor);
    }
    Network network = makeNetwork(std::move(tensors), {}, std::vector<int64_t>(numTensors, 2));
    std::vector<Step> steps;
    NodeId last = 1;
    for (NodeId tensor = 3; tensor < numTensors; tensor += 2) {
      steps.push_back({last, tensor});
      last = numTensors + static_cast<NodeId>(steps.size()) - 1;
    }
    for (NodeId tensor = 0; tensor < numTensors; tensor += 2) {
      steps.push_back({last, tensor});
      last = numTensors + static_cast<NodeId>(steps.size()) - 1;
    }
    ContractionTree tree(numTensors, std::move(steps));
    double best = std::numeric_limits<double>::infinity();
    for (unsigned run = 0; run < 3; ++run) {
      std::clock_t start = std::clock();
      EXPECT_EQ(evaluateTree(network, tree).log2Largest, 2 * (numTensors / 2));
      best = std::min(best, double(std::clock() - start) / CLOCKS_PER_SEC);
    }
    return best;
  };
  // Eight times the tensors: 64 times the time if every node's indices were listed.
  EXPECT_LT(secondsOf(32'000), 24 * secondsOf(4'000) + 0.02);
}
