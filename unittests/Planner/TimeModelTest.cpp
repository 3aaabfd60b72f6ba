//===- TimeModelTest.cpp - Contractions by the clock ----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/TimeModel.h"

#include "TestNetworks.h"
#include "TimeTables.h"
#include "tenon/Planner/Density.h"
#include "tenon/Planner/MeasuredTimes.h"
#include "tenon/Planner/Plan.h"
#include "tenon/Planner/PlanCache.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <set>
#include <thread>

using namespace tenon::planner;
using namespace tenon::planner::test;

namespace {

/// What adding logarithms from a table loses.
constexpr double kRounding = 0.01;

TimeModel makeModel(const TimeTable &table, unsigned threads = 1, double sharedFromOps = 1e300) {
  Result<TimeModel> model = TimeModel::make(table, {"f32", 4, threads, sharedFromOps});
  EXPECT_TRUE(model.ok()) << model.error();
  return *model;
}

/// Sizes of `batch` products of m x k and k x n elements.
StepSizes sizesOf(double batch, double m, double n, double k) {
  return {std::log2(batch * m * k), std::log2(batch * k * n), std::log2(batch * m * n),
          std::log2(batch * m * n * k)};
}

double seconds(const TimeModel &model, const StepSizes &sizes) {
  return std::exp2(model.step(sizes));
}

void expectNear(double found, double expected) {
  EXPECT_NEAR(found / expected, 1, kRounding) << found << " and " << expected;
}

} // namespace

TEST(TimeModel, AStepTakesACallAndItsMultiplyAddsAtTheRateOfItsShape) {
  TimeTable table = makeTimeTable();
  TimeModel model = makeModel(table);
  for (const TimeTable::Rate &rate : table.types[0].rates) {
    double ops = rate.batch * rate.m * rate.n * rate.k;
    double expected = 1e-6 + ops / rate.cut;
    expectNear(seconds(model, sizesOf(rate.batch, rate.m, rate.n, rate.k)), expected);
    // The operands are exchanged by the kernel, whichever comes first.
    expectNear(seconds(model, sizesOf(rate.batch, rate.n, rate.m, rate.k)), expected);
  }
  TimeModel shipped = *TimeModel::make(TimeTable::shipped(), {"f64", 8, 2, 1 << 10});
  for (double n : {3, 5, 21, 700}) {
    StepSizes sizes = sizesOf(1, 7, n, 9), exchanged = sizes;
    std::swap(exchanged.lhs, exchanged.rhs);
    EXPECT_EQ(shipped.step(sizes), shipped.step(exchanged));
  }
}

TEST(TimeModel, RatesAreInterpolatedBetweenLogarithms) {
  TimeModel model = makeModel(makeTimeTable());
  // The rate of the table is 1e6 sqrt(b) m n k everywhere inside of the grid.
  for (double m : {1., 2., 3., 7., 31., 64.})
    for (double n : {1., 5., 33.})
      for (double k : {1., 3., 11.})
        for (double batch : {1., 3., 8.})
          expectNear(seconds(model, sizesOf(batch, m, n, k)), 1e-6 + 1e-6 * std::sqrt(batch));
}

TEST(TimeModel, LargeExtentsAreCutIntoFewDimensions) {
  TimeTable table = makeTimeTable();
  StepSizes sizes = sizesOf(1, 64, 64, 1600);
  // A quarter of the time of cut dimensions: 2 in log2, of which an extent of 2^4 loses a fourth.
  for (auto [log2Extent, share] : {std::pair(1., 0.), std::pair(2., 1.), std::pair(4., 1.5)}) {
    TimeModel model = *TimeModel::make(table, {"f32", 4, 1, 1e300, log2Extent});
    expectNear(seconds(model, sizes), 1e-6 + 1e-4 * std::exp2(-share));
  }
  EXPECT_EQ(TimeModel::typicalLog2Extent(makeNetwork({{0, 1, 2}}, {}, {2, 1, 8})), 2);
  EXPECT_EQ(TimeModel::typicalLog2Extent(makeNetwork({{0}}, {}, {1})), 1);
}

TEST(TimeModel, BeyondTheGridTheNearestRateHolds) {
  TimeModel model = makeModel(makeTimeTable());
  expectNear(seconds(model, sizesOf(1, 64, 6400, 16)), 1e-6 + 1e-6 * 100);
  expectNear(seconds(model, sizesOf(80, 64, 64, 1600)), 1e-6 + 1e-6 * 1000 * std::sqrt(8.0));
}

TEST(TimeModel, MemoryLimitsByTheBytesOfOperandsAndResult) {
  TimeTable table = makeTimeTable();
  // 2^10 bytes and less, and 2^20 and more; in between, of 2^15 bytes, the geometric means.
  table.bandwidths = {{1 << 10, 4e6, 1e6}, {1 << 20, 1e6, 1e4}};
  TimeModel model = makeModel(table);
  // 64 x 64 elements of the result, twice 64 of the operands.
  double read = 4 * 128, written = 4 * 4096, at = (std::log2(read + written) - 10) / 10;
  double expected = 1e-6 + read / (4e6 * std::pow(0.25, at)) + written / (1e6 * std::pow(0.01, at));
  expectNear(seconds(model, sizesOf(1, 64, 64, 1)), expected);
  // 2^12 elements of each operand of a dot product: reading alone.
  expectNear(seconds(model, sizesOf(1, 1, 1, 1 << 12)),
             1e-6 + std::max(8 * 4096 / (4e6 * std::pow(0.25, 0.5)), 4096 / 16e6));
}

TEST(TimeModel, SidesThatTilesDoNotDivideCostMore) {
  TimeTable table = makeTimeTable();
  table.types[0].rows = 4;
  table.types[0].columns = 16;
  TimeModel model = makeModel(table);
  auto excess = [&](double m, double n, double k) {
    return (seconds(model, sizesOf(1, m, n, k)) - 1e-6) / 1e-6;
  };
  expectNear(excess(16, 48, 8), 1);
  // Each side is padded as rows and as columns are.
  EXPECT_NEAR(excess(16, 33, 8), 48. / 33 * 36 / 33, 0.03);
  EXPECT_NEAR(excess(17, 33, 8), 32. / 17 * 20 / 17 * 48 / 33 * 36 / 33, 0.06);
  // Sides within one tile have their own rates, and thin products have no tiles.
  EXPECT_NEAR(excess(3, 64, 8), 1, 0.03);
  EXPECT_NEAR(excess(2, 33, 8), 1, 0.03);
  EXPECT_NEAR(excess(17, 33, 2), 1, 0.03);
}

TEST(TimeModel, ThreadsShareLargeContractions) {
  TimeTable table = makeTimeTable();
  TimeModel one = makeModel(table), four = makeModel(table, 4, 4096);
  StepSizes small = sizesOf(1, 64, 4, 8), large = sizesOf(1, 64, 4, 1600);
  expectNear(seconds(four, small), seconds(one, small));
  expectNear(seconds(one, large), 1e-6 + 1e-4);
  // The table's speedup of 3, and what waking takes.
  expectNear(seconds(four, large), 1e-6 + 5e-6 + 1e-4 / 3);
  // No row for 2: as one thread each; beyond 4, as each of the four.
  expectNear(seconds(makeModel(table, 2, 4096), large), 1e-6 + 1e-4 / 2);
  expectNear(seconds(makeModel(table, 8, 4096), large), 1e-6 + 5e-6 + 1e-4 / 6);
}

TEST(TimeModel, TypesHaveRatesOfTheirOwn) {
  TimeTable table = makeTimeTable();
  TimeTable::Type complex = table.types[0];
  complex.name = "c64";
  for (TimeTable::Rate &rate : complex.rates)
    rate.cut /= 4;
  table.types.push_back(complex);
  StepSizes sizes = sizesOf(1, 64, 64, 1600);
  expectNear(seconds(*TimeModel::make(table, {"f32", 4}), sizes), 1e-6 + 1e-4);
  expectNear(seconds(*TimeModel::make(table, {"c64", 8}), sizes), 1e-6 + 4e-4);
  EXPECT_NE(TimeModel::make(table, {"f32", 4})->fingerprint(),
            TimeModel::make(table, {"c64", 8})->fingerprint());
  EXPECT_EQ(TimeModel::make(table, {"i16", 4})->fingerprint(),
            TimeModel::make(table, {"f32", 4})->fingerprint());
  EXPECT_FALSE(TimeModel::make(table, {"c128", 16}).ok());
}

TEST(TimeModel, NoSizesAtLeastAsLargeArePricedBelowTheBound) {
  TimeModel shipped = *TimeModel::make(TimeTable::shipped(), {"f64", 8, 2, 1 << 18});
  Random random(3);
  for (int i = 0; i < 20'000; ++i) {
    auto extent = [&] { return std::floor(random.logUniform(1, 4096)); };
    StepSizes sizes = sizesOf(extent(), extent(), extent(), extent()), least = sizes;
    for (double *size : {&least.lhs, &least.rhs, &least.result, &least.ops})
      *size *= random.unit();
    EXPECT_LE(shipped.atLeast(least), shipped.step(sizes));
    EXPECT_LE(shipped.atLeast({0, 0, sizes.result, sizes.result}), shipped.step(sizes));
  }
}

TEST(TimeModel, PredictsTheSumOfAllStepsAndSlices) {
  TimeTable table = makeTimeTable();
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Network network = makeRandomNetwork(seed, 8, 10);
    PlanOptions options;
    options.slicing.minSlices = seed % 2 ? 4 : 1;
    Result<Plan> plan = planNetwork(network, options, StrategyRegistry());
    if (!plan)
      continue;
    TimeModel model = makeModel(table);
    // Steps below a sliced index run as often as there are slices.
    std::vector<bool> varies;
    for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor) {
      bool has = false;
      for (IndexId index : network.tensor(tensor))
        has |= std::count(plan->sliced.begin(), plan->sliced.end(), index) > 0;
      varies.push_back(has);
    }
    std::vector<double> extents = network.log2Extents();
    for (IndexId index : plan->sliced)
      extents[index] = 0;
    NodeIndices indices(network, plan->tree);
    double expected = plan->sliced.empty() ? 0 : plan->cost.slices * table.slice;
    // Inputs that lose an index by themselves take a call each.
    for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor)
      expected += network.tensor(tensor).size() != indices[tensor].size() ? table.call : 0;
    for (size_t step = 0; step < plan->tree.numSteps(); ++step) {
      Step operands = plan->tree.step(step);
      varies.push_back(varies[operands.lhs] || varies[operands.rhs]);
      expected += (varies.back() ? plan->cost.slices : 1) *
                  seconds(model, stepSizes(plan->tree, indices, step, extents));
    }
    expectNear(model.predict(network, plan->tree, plan->sliced, 0), expected);
    // A workspace that is kept from call to call costs nothing; a larger one is cleared.
    expectNear(model.predict(network, plan->tree, plan->sliced, 1 << 20), expected);
    expectNear(model.predict(network, plan->tree, plan->sliced, 1e9), expected + 0.1);
  }
}

TEST(TimeModel, PredictsWhatIsComputedHere) {
  // The second bandwidth is that of inputs, which do not fit into a cache together.
  TimeTable table = makeTimeTable();
  table.bandwidths = {{1 << 6, 1e15, 1e15}, {1 << 7, 4e6, 1e15}};
  TimeModel model = makeModel(table);
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Network network = makeRandomNetwork(seed, 8, 10);
    Result<Plan> plan = planNetwork(network, PlanOptions(), StrategyRegistry());
    ASSERT_TRUE(plan.ok());
    auto predict = [&](const std::vector<bool> &isComputed) {
      return model.predict(network, plan->tree, {}, 1e9, isComputed);
    };
    size_t steps = plan->tree.numSteps();
    double workspace = 0.1, all = workspace;
    for (size_t step = 0; step < steps; ++step) {
      std::vector<bool> one(steps, false);
      one[step] = true;
      EXPECT_GT(predict(one), workspace);
      all += predict(one) - workspace;
    }
    EXPECT_NEAR(predict({}), all, 1e-9);
    EXPECT_EQ(predict(std::vector<bool>(steps, true)), predict({}));
    EXPECT_EQ(predict(std::vector<bool>(steps, false)), 0);
  }
}

TEST(TimeModel, TensorsThatAreZeroTakeACall) {
  TimeModel model = makeModel(makeTimeTable(), 4, 1);
  expectNear(seconds(model, {log2Zero, 5, log2Zero, log2Zero}), 1e-6);
  expectNear(seconds(model, {log2Zero, log2Zero, log2Zero, log2Zero}), 1e-6);
  Network network = makeRandomNetwork(3, 12, 16);
  for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor)
    network.setDensity(tensor, tensor % 3 == 0 ? 0 : 0.1);
  PlanOptions options;
  options.costModel = "time";
  options.time = model;
  Result<Plan> plan = planNetwork(network, options, StrategyRegistry());
  ASSERT_TRUE(plan.ok()) << plan.error();
  EXPECT_TRUE(std::isfinite(scoreExpected(network, plan->tree, model, network.log2Extents()).cost));
}

TEST(TimeModel, InputsThatNoCacheHoldsAreReadFromMemory) {
  TimeTable table = makeTimeTable();
  // Up to 2^12 bytes in no time, from 2^13 on at 4 MB/s.
  table.bandwidths = {{1 << 12, 1e15, 1e15}, {1 << 13, 4e6, 1e15}};
  TimeModel model = makeModel(table);
  // Vectors of 8 elements in a row with matrices of 8 x 8, and of those a hundred.
  auto seconds = [&](IndexId matrices) {
    std::vector<std::vector<IndexId>> tensors = {{0}};
    std::vector<int64_t> extents = {8};
    std::vector<Step> steps;
    for (IndexId i = 0; i < matrices; ++i) {
      tensors.push_back({i, i + 1});
      extents.push_back(8);
      steps.push_back({i == 0 ? 0 : matrices + i, i + 1});
    }
    Network network = makeNetwork(tensors, {matrices}, extents, 4);
    return model.predict(network, ContractionTree(matrices + 1, steps), {}, 0) / matrices;
  };
  double one = seconds(1);
  expectNear(seconds(10), one);
  expectNear(seconds(100), one + 4 * 64 / 4e6 + 4 * 8 / 4e6 / 100);
}

TEST(TimeModel, SlicesAreSharedInRounds) {
  TimeTable table = makeTimeTable();
  // Two operands; of the summed index, of extent 9, every slice is a product of 4 x 4.
  Network network = makeNetwork({{0, 1}, {1, 2}}, {0, 2}, {4, 9, 4});
  ContractionTree tree(2, {{0, 1}});
  std::vector<IndexId> sliced = {1};
  double slice = 2e-6 + 2e-6;
  expectNear(makeModel(table).predict(network, tree, sliced, 0), 9 * slice);
  // Three rounds of four, at a speedup of 3.5.
  expectNear(makeModel(table, 4, 1e300).predict(network, tree, sliced, 0), 12 * slice / 3.5);
}

TEST(TimeModel, PredictsWhatHasNoStep) {
  TimeModel model = makeModel(makeTimeTable());
  ContractionTree none(1, {});
  EXPECT_GE(model.predict(makeNetwork({{0, 1}}, {0}, {4, 16}), none, {}, 0), 1e-6);
  EXPECT_EQ(model.predict(makeNetwork({{0, 1}}, {0}, {4, 0}), none, {}, 0), 0);
}

TEST(TimeModel, SingleOperandsHaveRatesOfTheirOwn) {
  TimeTable table = makeTimeTable();
  table.types[0].sums = {{4, 1e6, 2e6, 3e6}, {64, 4e6, 8e6, 12e6}};
  table.types[0].permutations = {{1 << 12, 4e6, 5e6}, {1 << 14, 16e6, 20e6}};
  TimeModel model = makeModel(table);
  auto seconds = [&](std::vector<IndexId> operand, std::vector<IndexId> result,
                     std::vector<int64_t> extents) {
    return model.predict(makeNetwork({operand}, result, extents), ContractionTree(1, {}), {}, 0) -
           1e-6;
  };
  expectNear(seconds({0, 1}, {0}, {64, 64}), 4096 / 4e6);
  expectNear(seconds({0, 1}, {1}, {64, 64}), 4096 / 8e6);
  expectNear(seconds({0, 1, 2}, {2, 1}, {4, 16, 64}), 4096 / 12e6);
  expectNear(seconds({0, 1}, {0}, {2048, 2}), 4096 / 1e6);
  // Between the extents of the table, and several dimensions that are summed in a row.
  expectNear(seconds({0, 1}, {0}, {256, 16}), 4096 / 2e6);
  expectNear(seconds({0, 1, 2}, {0}, {256, 4, 4}), 4096 / 2e6);
  expectNear(seconds({0, 1, 2}, {1, 2}, {256, 4, 4}), 4096 / 2e6);
  // 2^14 bytes; the mean of log2 of two extents is 6, so one part in 6 is cut.
  expectNear(seconds({0, 1}, {1, 0}, {64, 64}),
             4096 / std::pow(16e6, 5. / 6) / std::pow(20e6, 1. / 6));
  expectNear(seconds({0, 1, 2}, {2, 1, 0}, {2, 2, 2}), 8 / 5e6);
  // Whole rows change places, or nothing does: only memory limits.
  EXPECT_NEAR(seconds({0, 1, 2}, {1, 0, 2}, {8, 8, 64}), 0, 1e-8);
  EXPECT_NEAR(seconds({0, 1}, {0, 1}, {64, 64}), 0, 1e-8);
  // A trace reads 64 elements, each from a line of its own.
  expectNear(seconds({0, 0}, {}, {64}), 64 / 4e6);
  expectNear(seconds({0, 0}, {0}, {64}), 64 / 4e6);
  // Rows beside a diagonal are added and copied as others are.
  expectNear(seconds({0, 0, 1}, {1}, {16, 64}), 1024 / 8e6);
  EXPECT_NEAR(seconds({0, 0, 1}, {0, 1}, {16, 64}), 0, 1e-8);
  table.bandwidths = {{1024, 1e6, 1e15}};
  model = makeModel(table);
  expectNear(seconds({0, 0}, {}, {64}), 64 * 64 / 1e6);
  // Of rows of two elements whole lines, and now and then a second one; a short step is no more.
  expectNear(seconds({0, 0, 1}, {1}, {16, 2}), 16 * (8 + 60) / 1e6);
  expectNear(seconds({0, 0, 1}, {1}, {3, 4}), 3 * 64 / 1e6);
  // Where the diagonal's own index is the innermost, the other one has the shorter step: 8 bytes.
  expectNear(seconds({0, 1, 0}, {0, 1}, {2, 64}), 2 * 64 * 8 / 1e6);
  expectNear(seconds({0, 1}, {0, 1}, {64, 64}), 4 * 4096 / 1e6);
}

TEST(TimeModel, SumsOfSingleInputsComeBeforeTheSteps) {
  TimeTable table = makeTimeTable();
  table.types[0].sums = {{1, 1e6, 1e6, 1e6}};
  TimeModel model = makeModel(table);
  ContractionTree tree(2, {{0, 1}});
  // The first one is summed over index 3, of extent 5.
  double expected = 1e-6 + 5 * 8 * 4 / 1e6 + seconds(model, sizesOf(1, 8, 16, 4));
  expectNear(model.predict(makeNetwork({{0, 3, 1}, {1, 2}}, {0, 2}, {8, 4, 16, 5}), tree, {}, 0),
             expected);
  // Slices read what was summed before them.
  std::vector<IndexId> sliced = {2};
  double slice = table.slice + seconds(model, sizesOf(1, 8, 1, 4));
  expectNear(
      model.predict(makeNetwork({{0, 3, 1}, {1, 2}}, {0, 2}, {8, 4, 16, 5}), tree, sliced, 0),
      1e-6 + 5 * 8 * 4 / 1e6 + 16 * slice);
}

TEST(TimeModel, OrdersOfInputsAndOutputCost) {
  TimeTable table = makeTimeTable();
  table.types[0].runs = {{1, 8e-6, 4e-6}, {16, 0, 0}};
  table.types[0].turns = {1e-6, 2e-6, 3e-6, 0};
  // Extents of 2^4 are typical: what shorter runs cost is beyond the rates.
  TimeModel model = *TimeModel::make(table, {"f32", 4, 1, 1e300, 4});
  // m = 64, k = 64, n = 64, of which some are cut in two.
  auto extra = [&](std::vector<IndexId> lhs, std::vector<IndexId> rhs, std::vector<IndexId> output,
                   std::vector<int64_t> extents) {
    double predicted = model.predict(makeNetwork({lhs, rhs}, output, extents),
                                     ContractionTree(2, {{0, 1}}), {}, 0);
    return predicted - seconds(model, sizesOf(1, 64, 64, 64));
  };
  // Summed dimensions outermost, and the result along the second operand: as measured.
  EXPECT_NEAR(extra({1, 0}, {1, 2}, {0, 2}, {64, 64, 64}), 0, 1e-9);
  // The first one's summed dimension is innermost.
  expectNear(extra({0, 1}, {1, 2}, {0, 2}, {64, 64, 64}), 4096 * 1e-6);
  expectNear(extra({0, 1}, {2, 1}, {0, 2}, {64, 64, 64}), 2 * 4096 * 1e-6);
  // The result goes along another dimension of the second operand than that operand.
  expectNear(extra({1, 0}, {1, 2, 3}, {0, 3, 2}, {64, 64, 16, 4}), 4096 * 2e-6);
  // Runs of two elements, and of two in the result as well: three quarters of the way from 16 to 1.
  expectNear(extra({1, 0}, {2, 1, 3}, {0, 2, 3}, {64, 64, 32, 2}), 4096 * 6e-6);
  expectNear(extra({1, 0}, {1, 2, 3}, {2, 0, 3}, {64, 64, 32, 2}), 4096 * 3e-6);
  // A vector along what both operands have innermost, or the result and its operand; or neither.
  auto product = [&](std::vector<IndexId> lhs, std::vector<IndexId> rhs) {
    return model.predict(makeNetwork({lhs, rhs}, {0}, {64, 4, 16}), ContractionTree(2, {{0, 1}}),
                         {}, 0) -
           seconds(model, sizesOf(1, 1, 64, 64));
  };
  EXPECT_NEAR(product({0, 1, 2}, {1, 2}), 0, 1e-9);
  EXPECT_NEAR(product({1, 2, 0}, {2, 1}), 0, 1e-9);
  expectNear(product({0, 1, 2}, {2, 1}), 4096 * 3e-6);
  // Where rates are those of cut dimensions, short runs are in them.
  model = *TimeModel::make(table, {"f32", 4, 1, 1e300, 1});
  EXPECT_NEAR(extra({1, 0}, {2, 1, 3}, {0, 2, 3}, {64, 64, 32, 2}), 0, 1e-9);
}

TEST(TimeModel, SlicesReadPartsOfLinesAndAddToTheOutput) {
  TimeTable table = makeTimeTable();
  // 64 x 64 by 64 x 64 with 64 slices; memory at 1 MB/s both ways, whatever the bytes.
  table.bandwidths = {{1024, 1e6, 2e6}};
  TimeModel model = makeModel(table);
  ContractionTree tree(2, {{0, 1}});
  std::vector<IndexId> sliced = {1};
  auto predict = [&](std::vector<IndexId> lhs, std::vector<IndexId> rhs,
                     std::vector<IndexId> output) {
    return model.predict(makeNetwork({lhs, rhs}, output, {64, 64, 64}), tree, sliced, 0);
  };
  // Of each operand a row; the output is cleared, and read by each slice.
  double output = 4 * 4096, step = seconds(model, sizesOf(1, 64, 64, 1));
  double rows = output / 2e6 + 64 * (table.slice + step + output / 1e6);
  expectNear(predict({1, 0}, {1, 2}, {0, 2}), rows);
  // Of the first operand a column: 64 lines in place of 4.
  double lines = 64 * (64 * 64 - 4 * 64) / 1e6;
  expectNear(predict({0, 1}, {1, 2}, {0, 2}), rows + lines);
  // A column of the output, in a line each.
  double columns = 64 * (output / 2e6 + table.slice + step);
  expectNear(
      model.predict(makeNetwork({{1, 0, 3}, {3, 2}}, {0, 2, 1}, {64, 64, 64, 1}), tree, sliced, 0),
      columns + 64 * (64 * 4096 / 1e6 + (64 - 4) * 4096 / 2e6));
  // Lines that are read for one element take time by themselves.
  TimeTable apart = table;
  apart.types[0].turns.apart = 1e-3;
  expectNear(makeModel(apart).predict(makeNetwork({{0, 1}, {1, 2}}, {0, 2}, {64, 64, 64}), tree,
                                      sliced, 0),
             rows + lines + 64 * 64 * 1e-3);
  // With four threads, each clears one, and all are added up.
  TimeModel four = makeModel(table, 4, 1e300);
  double shared =
      four.predict(makeNetwork({{1, 0}, {1, 2}}, {0, 2}, {64, 64, 64}), tree, sliced, 0);
  expectNear(shared, 4 * output / 2e6 / 2 + output / 2e6 + 4 * output / 1e6 +
                         64 * (table.slice + step + output / 1e6) / 3.5);
}

TEST(TimeModel, MoreSlicesOfOneTreeTakeNoLessArithmeticAndMoreSeconds) {
  TimeModel model = *TimeModel::make(TimeTable::shipped(), {"f32", 4, 1, 1e300, 6});
  ContractionTree tree(2, {{0, 1}});
  // The same product in ever more slices of the summed index.
  double last = 0;
  for (int64_t slices : {1, 4, 16, 64, 256}) {
    Network network = makeNetwork({{3, 0, 1}, {3, 1, 2}}, {0, 2}, {256, 256 / slices, 256, slices});
    std::vector<IndexId> sliced = {3};
    double seconds = model.predict(network, tree, slices == 1 ? std::vector<IndexId>() : sliced, 0);
    EXPECT_GT(seconds, last) << slices;
    last = seconds;
  }
  // The same slices of ever larger operands.
  last = 0;
  for (int64_t side : {4, 16, 64, 256, 1024}) {
    std::vector<IndexId> sliced = {3};
    double seconds = model.predict(
        makeNetwork({{0, 1, 3}, {3, 1, 2}}, {0, 2}, {side, side, side, 8}), tree, sliced, 0);
    EXPECT_GT(seconds, last) << side;
    last = seconds;
  }
}

TEST(TimeModel, AnIndexThatNoTensorHasTakesNoTime) {
  TimeModel model = makeModel(makeTimeTable());
  Network network = makeNetwork({{0, 1}, {1, 2}}, {0, 2}, {4, 16, 8});
  ContractionTree tree(2, {{0, 1}});
  double seconds = model.predict(network, tree, {}, 0),
         typical = TimeModel::typicalLog2Extent(network);
  EXPECT_GT(seconds, 0);
  for (int64_t extent : {0, 1, 1 << 20}) {
    Network more = makeNetwork({{0, 1}, {1, 2}}, {0, 2}, {4, 16, 8, extent});
    EXPECT_EQ(model.predict(more, tree, {}, 0), seconds);
    EXPECT_EQ(TimeModel::typicalLog2Extent(more), typical);
  }
}

TEST(TimeModel, PlansByTimeTakeNoLongerThanPlansByOperations) {
  TimeModel model = *TimeModel::make(TimeTable::shipped(), {"f64", 8, 1, 1e300});
  int faster = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Network network = makeRandomNetwork(seed, 9, 14);
    auto predicted = [&](std::string_view costModel, unsigned threads) {
      PlanOptions options;
      options.strategy = "optimal";
      options.costModel = costModel;
      options.time = model;
      options.budget.threads = threads;
      Result<Plan> plan = planNetwork(network, options, StrategyRegistry());
      EXPECT_TRUE(plan.ok()) << plan.error();
      return model.predict(network, plan->tree, {}, 0);
    };
    double byTime = predicted("time", 1), byFlops = predicted("flops", 1);
    EXPECT_LE(byTime, byFlops * (1 + 1e-6)) << seed;
    EXPECT_EQ(byTime, predicted("time", 2)) << seed;
    faster += byTime < 0.99 * byFlops;
  }
  EXPECT_GT(faster, 0);
}

TEST(TimeModel, EveryStrategyTakesIt) {
  TimeModel model = *TimeModel::make(TimeTable::shipped(), {"c64", 8, 2, 1 << 18});
  Network network = makeRandomNetwork(11, 30, 40);
  StrategyRegistry registry;
  for (const Strategy *strategy : registry.all()) {
    if (strategy->name() == "optimal")
      continue;
    PlanOptions options;
    options.strategy = strategy->name();
    options.costModel = "time";
    options.time = model;
    options.budget.restarts = 8;
    Result<Plan> plan = planNetwork(network, options, registry);
    ASSERT_TRUE(plan.ok()) << strategy->name() << ": " << plan.error();
    EXPECT_EQ(plan->tree.numSteps(), network.numTensors() - 1);
    EXPECT_GT(model.predict(network, plan->tree, {}, 0), 0);
  }
}

TEST(TimeModel, ACachedPlanIsForItsTable) {
  std::string directory = testing::TempDir() + "time-model-cache";
  std::filesystem::remove_all(directory);
  PlanCache cache(directory);
  Network network = makeRandomNetwork(5, 12, 16);
  TimeTable table = makeTimeTable();
  auto wasKnown = [&](std::string_view costModel) {
    PlanOptions options;
    options.costModel = costModel;
    options.time = makeModel(table);
    Result<CachedPlan> plan = planNetworkCached(network, options, StrategyRegistry(), cache);
    EXPECT_TRUE(plan.ok());
    return plan->wasKnown;
  };
  EXPECT_FALSE(wasKnown("time"));
  EXPECT_TRUE(wasKnown("time"));
  EXPECT_FALSE(wasKnown("flops"));
  table.types[0].rates[0].cut *= 2;
  EXPECT_FALSE(wasKnown("time"));
  EXPECT_TRUE(wasKnown("flops"));
  std::filesystem::remove_all(directory);
}

TEST(MeasuredTimes, ModelsOfOneTableDifferByTheirSettingsAlone) {
  std::vector<TimeModel> shared, alone;
  {
    // What models share is theirs when nobody else has it any more.
    MeasuredTimes times(TimeTable::shipped());
    for (const char *type : {"f32", "c64", "i16", "f32"})
      for (unsigned threads : {1u, 2u, 5u})
        for (double log2Extent : {1., 2.5, 6.}) {
          TimeModel::Setting setting{type, 4, threads, 1 << 12, log2Extent};
          Result<TimeModel> model = times.model(setting);
          ASSERT_TRUE(model.ok()) << model.error();
          shared.push_back(*model);
          alone.push_back(*TimeModel::make(TimeTable::shipped(), setting));
        }
  }
  std::set<uint64_t> fingerprints;
  for (size_t i = 0; i < shared.size(); ++i) {
    fingerprints.insert(shared[i].fingerprint());
    EXPECT_EQ(shared[i].fingerprint(), alone[i].fingerprint());
    for (double m : {1, 3, 40})
      for (double n : {2, 7, 700})
        for (double k : {1, 9, 5000}) {
          StepSizes sizes = sizesOf(3, m, n, k);
          EXPECT_EQ(shared[i].step(sizes), alone[i].step(sizes));
          EXPECT_EQ(shared[i].atLeast(sizes), alone[i].atLeast(sizes));
        }
  }
  // f32 stands in for i16, and comes twice.
  EXPECT_EQ(fingerprints.size(), 2u * 9);
}

TEST(MeasuredTimes, RefusesTypesAsTheTableDoes) {
  Result<TimeModel> model = MeasuredTimes(makeTimeTable()).model({"c128", 16});
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error(), makeTimeTable().typeFor("c128").error());
  EXPECT_FALSE(MeasuredTimes::load("/nowhere/x.times").ok());
}

TEST(MeasuredTimes, ThreadsAskAtTheSameTime) {
  for (int round = 0; round < 20; ++round) {
    MeasuredTimes times(makeTimeTable());
    std::vector<uint64_t> found(4);
    std::vector<std::thread> threads;
    for (uint64_t &fingerprint : found)
      threads.emplace_back([times, &fingerprint] {
        fingerprint = times.model({"f32", 4})->fingerprint();
      });
    for (std::thread &thread : threads)
      thread.join();
    for (uint64_t fingerprint : found)
      EXPECT_EQ(fingerprint, TimeModel::make(makeTimeTable(), {"f32", 4})->fingerprint());
  }
}
