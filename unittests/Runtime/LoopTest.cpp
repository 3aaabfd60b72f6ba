//===- LoopTest.cpp -----------------------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "TestKernels.h"

#include <gtest/gtest.h>
#include <thread>

using namespace tenon::runtime;

// out[t] = sum_s in[s, t], the outer loop over t parallel, the inner one over s sequential; a
// different order of the strides, and a step between the two loops.
static std::vector<char> columnSums(int64_t rows, int64_t columns, bool parallel) {
  ScheduleBuilder builder;
  builder.addInput(TENON_F32, std::vector<int64_t>{rows, columns});
  builder.addOutput(TENON_F32, std::vector<int64_t>{columns});
  int32_t kernel = builder.addKernel();
  int32_t outer = parallel ? builder.beginParallelLoop(columns) : builder.beginLoop(columns);
  ViewSpec sum;
  sum.base = Base::Output;
  sum.terms = {{1, outer, 0}};
  int32_t sumView = builder.addView(sum);
  float zero = 0;
  builder.fill(sumView, &zero);
  int32_t inner = builder.beginLoop(rows);
  ViewSpec element;
  element.base = Base::Input;
  element.terms = {{1, inner, 0}, {1, outer, 1}};
  builder.callViews(kernel, std::vector<int32_t>{builder.addView(element), sumView});
  builder.endLoop();
  builder.endLoop(/*countsSlice=*/true);
  return builder.finish();
}

static void checkColumnSums(TestNetwork &network, Floats &in, tenon_context *context) {
  int64_t rows = in.extents[0], columns = in.extents[1];
  Floats out({columns}, {-3});
  ASSERT_EQ(network.run(context, {in.tensor()}, {out.tensor()}), TENON_OK)
      << tenon_context_error(context);
  for (int64_t t = 0; t < columns; ++t) {
    float sum = 0;
    for (int64_t s = 0; s < rows; ++s)
      sum += in.at({s, t});
    EXPECT_EQ(out.at({t}), sum);
  }
}

TEST(LoopTest, nestedLoopsMoveTheViews) {
  for (bool parallel : {false, true})
    for (int32_t threads : {1, 2, 5}) {
      ContextPtr context = makeContext(threads);
      for (int64_t columns : {1, 3, 50}) {
        TestNetwork network(columnSums(4, columns, parallel), {accumulateScalarF32});
        ASSERT_NE(network.network, nullptr) << network.message;
        Floats in({4, columns}, {columns * 2, -2});
        in.fill(-5);
        checkColumnSums(network, in, context.get());
        checkColumnSums(network, in, context.get());
      }
    }
}

// Steps in loops count their runs, loops count nothing, and records of several runs add up.
TEST(LoopTest, profileCountsTheRunsOfSteps) {
  for (bool parallel : {false, true}) {
    TestNetwork network(columnSums(5, 7, parallel), {accumulateScalarF32});
    ASSERT_NE(network.network, nullptr) << network.message;
    Floats in = Floats({5, 7}).fill(3), out({7});
    ContextPtr context = makeContext(parallel ? 3 : 1);
    // Begin, fill, begin, call, end, end.
    std::vector<tenon_rt_step_time> times(6);
    tenon_tensor input = in.tensor(), output = out.tensor();
    for (int repetition = 0; repetition < 2; ++repetition)
      ASSERT_EQ(tenon_rt_network_profile(network.network, context.get(), &input, 1, &output, 1,
                                         nullptr, 0, times.data()),
                TENON_OK)
          << tenon_context_error(context.get());
    const int64_t runs[6] = {0, 14, 0, 70, 0, 0};
    for (size_t step = 0; step < times.size(); ++step) {
      EXPECT_EQ(times[step].runs, runs[step]) << step;
      EXPECT_EQ(times[step].nanoseconds > 0, runs[step] > 0) << step;
    }
    for (int64_t t = 0; t < 7; ++t) {
      float sum = 0;
      for (int64_t s = 0; s < 5; ++s)
        sum += in.at({s, t});
      EXPECT_EQ(out.at({t}), sum);
    }
  }
}

TEST(LoopTest, loopsWithoutIterations) {
  ContextPtr context = makeContext(2);
  for (bool parallel : {false, true}) {
    TestNetwork network(columnSums(0, 3, parallel), {accumulateScalarF32});
    ASSERT_NE(network.network, nullptr) << network.message;
    Floats in({0, 3});
    checkColumnSums(network, in, context.get());
    TestNetwork empty(columnSums(4, 0, parallel), {accumulateScalarF32});
    ASSERT_NE(empty.network, nullptr) << empty.message;
    Floats noColumns({4, 0});
    checkColumnSums(empty, noColumns, context.get());
  }
}

// Three lanes, each with a part of the arena of its own and its share of the slices; the partial
// sums are added in a fixed order afterwards. A parallel loop inside a lane stays on its thread.
TEST(LoopTest, lanesOfSlices) {
  constexpr int64_t lanes = 3, slicesPerLane = 4, width = 5;
  ScheduleBuilder builder;
  builder.addInput(TENON_F32, std::vector<int64_t>{lanes * slicesPerLane, width});
  builder.addOutput(TENON_F32, std::vector<int64_t>{width});
  builder.setWorkspaceBytes(lanes * 64);
  int32_t add = builder.addKernel();
  float zero = 0;
  int32_t lane = builder.beginParallelLoop(lanes);
  ViewSpec partial = ScheduleBuilder::arenaView(TENON_F32, std::vector<int64_t>{width}, 0);
  partial.terms = {{16, lane, -1}};
  builder.fill(builder.addView(partial), &zero);
  int32_t slice = builder.beginLoop(slicesPerLane);
  int32_t column = builder.beginParallelLoop(width);
  ViewSpec element;
  element.base = Base::Input;
  element.terms = {{slicesPerLane, lane, 0}, {1, slice, 0}, {1, column, 1}};
  ViewSpec target;
  target.terms = {{16, lane, -1}, {1, column, -1}};
  builder.callViews(add, std::vector<int32_t>{builder.addView(element), builder.addView(target)});
  builder.endLoop();
  builder.endLoop(/*countsSlice=*/true);
  builder.endLoop();
  builder.fill(builder.addView(builder.outputView(0)), &zero);
  int32_t reduced = builder.beginLoop(lanes);
  int32_t position = builder.beginLoop(width);
  ViewSpec from, to;
  from.terms = {{16, reduced, -1}, {1, position, -1}};
  to.base = Base::Output;
  to.terms = {{1, position, 0}};
  builder.callViews(add, std::vector<int32_t>{builder.addView(from), builder.addView(to)});
  builder.endLoop();
  builder.endLoop();
  TestNetwork network(builder.finish(), {accumulateScalarF32});
  ASSERT_NE(network.network, nullptr) << network.message;

  Floats in({lanes * slicesPerLane, width}), out({width});
  // Values whose sum depends on the order.
  int number = 0;
  in.forEach([&](float &value) {
    ++number;
    value = 1.0f / float(3 + number * number % 97);
  });
  std::vector<float> first;
  for (int32_t threads : {1, 2, 3, 4})
    for (int round = 0; round < 5; ++round) {
      ContextPtr context = makeContext(threads);
      std::vector<std::pair<int64_t, int64_t>> progress;
      tenon_context_set_progress(
          context.get(),
          [](void *data, int64_t done, int64_t total) {
            static_cast<decltype(progress) *>(data)->push_back({done, total});
          },
          &progress);
      ASSERT_EQ(network.run(context.get(), {in.tensor()}, {out.tensor()}), TENON_OK);
      if (first.empty())
        first = out.values();
      EXPECT_EQ(out.values(), first) << threads << " threads";
      ASSERT_EQ(progress.size(), 12u);
      for (int64_t i = 0; i < 12; ++i)
        EXPECT_EQ(progress[static_cast<size_t>(i)], (std::pair<int64_t, int64_t>(i + 1, 12)));
    }
  for (int64_t w = 0; w < width; ++w) {
    float sum = 0;
    for (int64_t l = 0; l < lanes; ++l) {
      float partialSum = 0;
      for (int64_t s = 0; s < slicesPerLane; ++s)
        partialSum += in.at({l * slicesPerLane + s, w});
      sum += partialSum;
    }
    EXPECT_EQ(first[static_cast<size_t>(w)], sum);
  }
}

// Several host threads share one network, each with a context and strides of its own.
TEST(LoopTest, concurrentRunsOfOneNetwork) {
  TestNetwork network(columnSums(4, 7, true), {accumulateScalarF32});
  ASSERT_NE(network.network, nullptr) << network.message;
  std::vector<std::thread> hosts;
  for (int host = 0; host < 4; ++host)
    hosts.emplace_back([&network, host] {
      ContextPtr context = makeContext(1 + host % 3);
      Floats in({4, 7}, {7 + host, 1});
      in.fill(host * 11);
      for (int round = 0; round < 50; ++round)
        checkColumnSums(network, in, context.get());
    });
  for (std::thread &host : hosts)
    host.join();
}
