//===- LayoutsTest.cpp - Orders of the dimensions of intermediates ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/KernelModel/Layouts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

using namespace tenon::cpu;

namespace {
using Indices = std::vector<int32_t>;

const Processor wide{512, 32, true, 32 << 10, 1 << 20, 16 << 20};

/// A problem written as operands over global indices.
class Builder {
public:
  explicit Builder(std::vector<int64_t> extents) : extents(std::move(extents)) {
    problem.processor = wide;
  }

  int32_t tensor(Indices indices, bool isFixed) {
    LayoutTensor &tensor = problem.tensors.emplace_back();
    for (int32_t index : indices)
      tensor.extents.push_back(extents[index]);
    tensor.isFixed = isFixed;
    lists.push_back(std::move(indices));
    return static_cast<int32_t>(lists.size()) - 1;
  }
  int32_t contract(std::vector<int32_t> operands, Indices result, bool isFixed = false) {
    LayoutStep step;
    for (int32_t operand : operands)
      step.operands.push_back({operand, lists[operand]});
    int32_t made = tensor(result, isFixed);
    step.result = {made, lists[made]};
    problem.steps.push_back(std::move(step));
    return made;
  }
  Indices ordered(const LayoutChoice &choice, int32_t tensor) const {
    Indices result;
    for (int32_t dim : choice.orders[tensor])
      result.push_back(lists[tensor][dim]);
    return result;
  }

  LayoutProblem problem;
  std::vector<Indices> lists;
  std::vector<int64_t> extents;
};

bool isPermutation(std::vector<int32_t> order) {
  std::sort(order.begin(), order.end());
  for (size_t i = 0; i < order.size(); ++i)
    if (order[i] != static_cast<int32_t>(i))
      return false;
  return true;
}

/// A random tree over tensors of rank 1 to 5, with batch indices and sums of single operands.
Builder makeRandomTree(std::mt19937 &random, int numLeaves) {
  auto below = [&](int64_t bound) {
    return static_cast<int64_t>(random() % static_cast<uint64_t>(bound));
  };
  std::vector<int64_t> extents;
  for (int i = 0; i < 3 * numLeaves; ++i)
    extents.push_back(1 + below(9));
  Builder builder(extents);
  std::vector<int32_t> open;
  for (int leaf = 0; leaf < numLeaves; ++leaf) {
    Indices indices;
    for (int64_t i = 1 + below(5); i > 0; --i)
      if (auto index = static_cast<int32_t>(below(3 * numLeaves));
          !std::count(indices.begin(), indices.end(), index))
        indices.push_back(index);
    open.push_back(builder.tensor(indices, true));
  }
  while (open.size() > 1) {
    std::shuffle(open.begin(), open.end(), random);
    int32_t a = open.back(), b = open[open.size() - 2];
    open.resize(open.size() - 2);
    Indices result;
    for (int32_t operand : {a, b})
      for (int32_t index : builder.lists[operand]) {
        bool isElsewhere = std::any_of(open.begin(), open.end(), [&](int32_t other) {
          return std::count(builder.lists[other].begin(), builder.lists[other].end(), index) > 0;
        });
        if ((isElsewhere || below(5) == 0) && !std::count(result.begin(), result.end(), index))
          result.push_back(index);
      }
    open.push_back(builder.contract({a, b}, result, open.empty()));
  }
  return builder;
}
} // namespace

TEST(Layouts, FixedTensorsKeepTheirOrderAndOthersArePermuted) {
  std::mt19937 random(1);
  for (int round = 0; round < 100; ++round) {
    Builder builder = makeRandomTree(random, 2 + round % 9);
    LayoutChoice choice = chooseLayouts(builder.problem);
    ASSERT_EQ(choice.orders.size(), builder.problem.tensors.size());
    for (size_t tensor = 0; tensor < choice.orders.size(); ++tensor) {
      EXPECT_EQ(choice.orders[tensor].size(), builder.problem.tensors[tensor].extents.size());
      EXPECT_TRUE(isPermutation(choice.orders[tensor]));
      if (builder.problem.tensors[tensor].isFixed)
        EXPECT_TRUE(std::is_sorted(choice.orders[tensor].begin(), choice.orders[tensor].end()));
    }
    EXPECT_LE(choice.cost, choice.costAsWritten);
  }
}

/// Cost of a problem whose orders are written as `orders`.
static double costOf(LayoutProblem problem, const std::vector<std::vector<int32_t>> &orders) {
  auto permute = [&](LayoutOperand &operand) {
    Indices indices;
    for (int32_t dim : orders[operand.tensor])
      indices.push_back(operand.indices[dim]);
    operand.indices = indices;
  };
  for (LayoutStep &step : problem.steps) {
    for (LayoutOperand &operand : step.operands)
      permute(operand);
    permute(step.result);
  }
  for (size_t tensor = 0; tensor < orders.size(); ++tensor) {
    std::vector<int64_t> extents;
    for (int32_t dim : orders[tensor])
      extents.push_back(problem.tensors[tensor].extents[dim]);
    problem.tensors[tensor].extents = extents;
  }
  return chooseLayouts(problem, {.rounds = 0}).costAsWritten;
}

TEST(Layouts, CostIsThatOfTheProblemWrittenInTheChosenOrders) {
  std::mt19937 random(2);
  for (int round = 0; round < 60; ++round) {
    Builder builder = makeRandomTree(random, 2 + round % 9);
    LayoutChoice choice = chooseLayouts(builder.problem);
    EXPECT_NEAR(costOf(builder.problem, choice.orders), choice.cost, 1e-9 * choice.cost + 1e-9);
  }
}

/// Where one tensor is free, all orders can be tried.
TEST(Layouts, OneTensorGetsTheBestOfAllOrders) {
  std::mt19937 random(3);
  int improved = 0;
  for (int round = 0; round < 60; ++round) {
    std::vector<int64_t> extents;
    for (int i = 0; i < 6; ++i)
      extents.push_back(2 + static_cast<int64_t>(random() % 30));
    Builder builder(extents);
    // A[0, 1, 2] B[2, 3] -> T, T C[.., 4] -> fixed; the fixed ones are written in random orders.
    auto shuffled = [&](Indices indices) {
      std::shuffle(indices.begin(), indices.end(), random);
      return indices;
    };
    int32_t a = builder.tensor(shuffled({0, 1, 2}), true),
            b = builder.tensor(shuffled({2, 3}), true);
    int32_t c = builder.tensor(shuffled({1, 4}), true);
    int32_t t = builder.contract({a, b}, shuffled({0, 1, 3}));
    builder.contract({t, c}, shuffled({0, 3, 4}), true);
    LayoutChoice choice = chooseLayouts(builder.problem, {.rounds = 3, .candidates = 100});
    std::vector<std::vector<int32_t>> orders = choice.orders;
    std::iota(orders[t].begin(), orders[t].end(), 0);
    double best = costOf(builder.problem, orders);
    while (std::next_permutation(orders[t].begin(), orders[t].end()))
      best = std::min(best, costOf(builder.problem, orders));
    EXPECT_NEAR(choice.cost, best, 1e-9 * best + 1e-9);
    improved += choice.cost < choice.costAsWritten;
  }
  EXPECT_GT(improved, 20);
}

TEST(Layouts, BlocksOfBothNeighboursLieTogether) {
  // Dimensions of extent 2, as in circuits: T is written with those of A and B in turns.
  Builder builder(std::vector<int64_t>(20, 2));
  int32_t a = builder.tensor({0, 1, 2, 3, 4, 5, 16, 17}, true),
          b = builder.tensor({16, 17, 6, 7, 8, 9, 10, 11}, true);
  int32_t c = builder.tensor({0, 1, 2, 18, 19}, true);
  int32_t t = builder.contract({a, b}, {0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11});
  builder.contract({t, c}, {18, 19, 3, 4, 5, 6, 7, 8, 9, 10, 11}, true);
  LayoutChoice choice = chooseLayouts(builder.problem);
  EXPECT_EQ(builder.ordered(choice, t), (Indices{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
}

TEST(Layouts, EqualProblemsGetEqualOrders) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed), again(seed);
    Builder first = makeRandomTree(random, 12), second = makeRandomTree(again, 12);
    EXPECT_EQ(chooseLayouts(first.problem).orders, chooseLayouts(second.problem).orders);
  }
}

TEST(Layouts, SharedTensorsHaveOneOrder) {
  // T is read twice, once as both operands of a step.
  Builder builder({7, 8, 9, 5});
  int32_t a = builder.tensor({0, 1}, true), b = builder.tensor({1, 2}, true);
  int32_t t = builder.contract({a, b}, {2, 0});
  int32_t u = builder.contract({t, t}, {0, 2});
  builder.contract({u, t}, {0}, true);
  LayoutChoice choice = chooseLayouts(builder.problem);
  EXPECT_TRUE(isPermutation(choice.orders[t]));
  EXPECT_NEAR(costOf(builder.problem, choice.orders), choice.cost, 1e-9 * choice.cost + 1e-9);
}

TEST(Layouts, NothingToChoose) {
  LayoutChoice none = chooseLayouts({});
  EXPECT_TRUE(none.orders.empty());
  EXPECT_EQ(none.cost, 0);
  Builder scalars({3, 1});
  int32_t a = scalars.tensor({}, true), b = scalars.tensor({0, 1}, true);
  int32_t t = scalars.contract({b}, {});
  scalars.contract({a, t}, {}, true);
  EXPECT_EQ(chooseLayouts(scalars.problem).orders[t], Indices{});
}
