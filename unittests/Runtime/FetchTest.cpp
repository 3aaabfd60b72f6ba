//===- FetchTest.cpp - Which arguments are fetched, and when --------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Binding.h"
#include "TestKernels.h"

#include <algorithm>
#include <cstring>
#include <gtest/gtest.h>
#include <utility>

using namespace tenon::runtime;

namespace {
/// A product of an m x k and a k x n input, alone or in a loop of two iterations.
std::vector<char> product(int64_t m, int64_t n, int64_t k, bool inLoop = false) {
  ScheduleBuilder builder;
  builder.addInput(TENON_F32, std::vector<int64_t>{m, k});
  builder.addInput(TENON_F32, std::vector<int64_t>{k, n});
  builder.addOutput(TENON_F32, std::vector<int64_t>{m, n});
  ContractionSpec spec;
  spec.kernel = builder.addKernel();
  spec.a = builder.addView(builder.inputView(0));
  spec.b = builder.addView(builder.inputView(1));
  spec.c = builder.addView(builder.outputView(0));
  spec.workspace = builder.addView(ScheduleBuilder::workspaceView(0, 0));
  spec.loopDims = {{Group::M, 0, -1, 0, m}, {Group::N, -1, 1, 1, n}, {Group::K, 1, 0, -1, k}};
  if (inLoop)
    builder.beginLoop(2);
  builder.callContraction(spec);
  if (inLoop)
    builder.endLoop();
  return builder.finish();
}

/// What is around two steps, or between them.
enum class Between { Nothing, Loop, Copy };

/// An m x k, a k x n and an n x p input, multiplied from the left.
std::vector<char> chain(int64_t m, int64_t k, int64_t n, int64_t p,
                        Between between = Between::Nothing) {
  ScheduleBuilder builder;
  builder.addInput(TENON_F32, std::vector<int64_t>{m, k});
  builder.addInput(TENON_F32, std::vector<int64_t>{k, n});
  builder.addInput(TENON_F32, std::vector<int64_t>{n, p});
  builder.addOutput(TENON_F32, std::vector<int64_t>{m, p});
  const int64_t bytes = (m * n * 4 + 63) / 64 * 64;
  builder.setWorkspaceBytes(2 * bytes);
  auto arena = [&](int64_t byteOffset) {
    std::vector<int64_t> extents = {m, n};
    return builder.addView(ScheduleBuilder::arenaView(TENON_F32, extents, byteOffset));
  };
  ContractionSpec spec;
  spec.kernel = builder.addKernel();
  spec.a = builder.addView(builder.inputView(0));
  spec.b = builder.addView(builder.inputView(1));
  spec.c = arena(0);
  spec.workspace = builder.addView(ScheduleBuilder::workspaceView(0, 0));
  spec.loopDims = {{Group::M, 0, -1, 0, m}, {Group::N, -1, 1, 1, n}, {Group::K, 1, 0, -1, k}};
  if (between == Between::Loop)
    builder.beginLoop(2);
  builder.callContraction(spec);
  spec.a = spec.c;
  if (between == Between::Copy) {
    spec.a = arena(bytes);
    builder.copy(spec.c, spec.a);
  }
  spec.b = builder.addView(builder.inputView(2));
  spec.c = builder.addView(builder.outputView(0));
  spec.loopDims = {{Group::M, 0, -1, 0, m}, {Group::N, -1, 1, 1, p}, {Group::K, 1, 0, -1, n}};
  builder.callContraction(spec);
  if (between == Between::Loop)
    builder.endLoop();
  return builder.finish();
}

/// Products of n x n matrices, numbered in one row: inputs first, then results. The last is the
/// output.
std::vector<char> tree(int64_t n, int32_t inputs,
                       const std::vector<std::pair<int32_t, int32_t>> &steps) {
  ScheduleBuilder builder;
  const std::vector<int64_t> extents = {n, n};
  std::vector<int32_t> views;
  for (int32_t input = 0; input < inputs; ++input) {
    builder.addInput(TENON_F32, extents);
    views.push_back(builder.addView(builder.inputView(input)));
  }
  builder.addOutput(TENON_F32, extents);
  const int64_t bytes = (n * n * 4 + 63) / 64 * 64;
  builder.setWorkspaceBytes(bytes * static_cast<int64_t>(steps.size()));
  ContractionSpec spec;
  spec.kernel = builder.addKernel();
  spec.workspace = builder.addView(ScheduleBuilder::workspaceView(0, 0));
  spec.loopDims = {{Group::M, 0, -1, 0, n}, {Group::N, -1, 1, 1, n}, {Group::K, 1, 0, -1, n}};
  for (size_t step = 0; step < steps.size(); ++step) {
    auto offset = bytes * static_cast<int64_t>(step);
    spec.a = views[static_cast<size_t>(steps[step].first)];
    spec.b = views[static_cast<size_t>(steps[step].second)];
    spec.c = builder.addView(step + 1 == steps.size()
                                 ? builder.outputView(0)
                                 : ScheduleBuilder::arenaView(TENON_F32, extents, offset));
    views.push_back(spec.c);
    builder.callContraction(spec);
  }
  return builder.finish();
}

/// A program bound to strides.
class BoundProgram {
public:
  explicit BoundProgram(const std::vector<char> &bytes) {
    image.resize(bytes.size() / sizeof(Line) + 1);
    std::memcpy(image.data(), bytes.data(), bytes.size());
    void *kernel = reinterpret_cast<void *>(&contractF32);
    ErrorText error;
    EXPECT_EQ(program.prepare(ScheduleImage(image.data()), &kernel, error), TENON_OK);
    EXPECT_TRUE(binding.allocate());
  }

  const Binding::FetchedOperand *bind(uint64_t step, const std::vector<int64_t> &strides) {
    bind(strides);
    return binding.fetchedOperands(step);
  }
  const Binding::FetchedAhead &bindAhead(uint64_t step, const std::vector<int64_t> &strides) {
    bind(strides);
    return binding.fetchedAhead(step);
  }

private:
  void bind(const std::vector<int64_t> &strides) {
    Array<int64_t> list;
    EXPECT_TRUE(list.allocate(strides.size()));
    std::copy(strides.begin(), strides.end(), list.begin());
    binding.bind(list);
  }

  struct alignas(64) Line {
    char bytes[64];
  };
  std::vector<Line> image;
  Program program;
  Binding binding{program};
};
} // namespace

TEST(Fetch, IsOfTheWholeArgumentWhateverItsStrides) {
  BoundProgram program(product(20, 30, 40));
  const Binding::FetchedOperand *operands = program.bind(0, {40, 1, 30, 1, 30, 1});
  EXPECT_EQ(operands[0].bytes, 20u * 40 * 4);
  EXPECT_EQ(operands[1].bytes, 40u * 30 * 4);
  EXPECT_NE(operands[0].word, operands[1].word);
  EXPECT_EQ(operands[0].first, 0u);
  // Transposed; and with the last row first in memory.
  operands = program.bind(0, {1, 20, -30, 1, 30, 1});
  EXPECT_EQ(operands[0].first, 0u);
  EXPECT_EQ(operands[0].bytes, 20u * 40 * 4);
  EXPECT_EQ(static_cast<int64_t>(operands[1].first), -39 * 30 * 4);
  EXPECT_EQ(operands[1].bytes, 40u * 30 * 4);
  // With gaps, nothing is fetched; the earlier strides are forgotten.
  operands = program.bind(0, {41, 1, 60, 2, 30, 1});
  EXPECT_EQ(operands[0].bytes, 0u);
  EXPECT_EQ(operands[1].bytes, 0u);
}

TEST(Fetch, IsLeftOutWhereItDoesNotPay) {
  // Few multiply-adds for an element; and more than the second cache.
  EXPECT_EQ(BoundProgram(product(3, 30, 40)).bind(0, {40, 1, 30, 1, 30, 1})[1].bytes, 0u);
  BoundProgram large(product(20, 3000, 400));
  const Binding::FetchedOperand *operands = large.bind(0, {400, 1, 3000, 1, 3000, 1});
  EXPECT_EQ(operands[0].bytes, 20u * 400 * 4);
  EXPECT_EQ(operands[1].bytes, 0u);
  // In the second iteration it would be there.
  BoundProgram repeated(product(20, 30, 40, /*inLoop=*/true));
  operands = repeated.bind(1, {40, 1, 30, 1, 30, 1});
  EXPECT_EQ(operands[0].bytes, 0u);
  EXPECT_EQ(operands[1].bytes, 0u);
}

TEST(Fetch, IsDoneDuringTheStepBefore) {
  // The argument of the step behind.
  BoundProgram program(chain(20, 40, 30, 50));
  const std::vector<int64_t> strides = {40, 1, 30, 1, 50, 1, 50, 1};
  const Binding::FetchedAhead &ahead = program.bindAhead(0, strides);
  EXPECT_EQ(ahead.operand, Binding::kFetchedPerStep + 1);
  EXPECT_EQ(ahead.lines, 30u * 50 * 4 / 64);
  EXPECT_EQ(program.bind(1, strides)[1].bytes, 30u * 50 * 4);
  EXPECT_EQ(program.bindAhead(1, strides).lines, 0u);
  // One with gaps is not fetched at all; with other strides that is forgotten.
  EXPECT_EQ(program.bindAhead(0, {40, 1, 30, 1, 51, 1, 50, 1}).lines, 0u);
  EXPECT_EQ(program.bindAhead(0, strides).lines, 30u * 50 * 4 / 64);
}

TEST(Fetch, DuringTheStepBeforeLeavesRoomInTheCache) {
  auto linesAhead = [](int64_t m, int64_t k, int64_t n, int64_t p,
                       Between between = Between::Nothing) {
    BoundProgram program(chain(m, k, n, p, between));
    return program.bindAhead(between == Between::Loop ? 1 : 0, {k, 1, n, 1, p, 1, p, 1}).lines;
  };
  // 1 MiB, less 400 x 500, 500 x 30 and 400 x 30 elements.
  EXPECT_EQ(linesAhead(400, 500, 30, 8000), (1048576u - 227000 * 4) / 64);
  EXPECT_EQ(linesAhead(600, 500, 30, 8000), 0u);
  // Not in loops, where it would be there in the second iteration, and not over another step.
  EXPECT_EQ(linesAhead(20, 40, 30, 50, Between::Loop), 0u);
  EXPECT_EQ(linesAhead(20, 40, 30, 50, Between::Copy), 0u);
}

TEST(Fetch, IsDoneInTheOrderOfUse) {
  auto aheadOf = [](BoundProgram &program, int64_t n, size_t inputs, uint64_t step) {
    std::vector<int64_t> strides;
    for (size_t array = 0; array <= inputs; ++array)
      strides.insert(strides.end(), {n, 1});
    return program.bindAhead(step, strides);
  };
  // Steps 1 and 3 read no argument, step 2 reads two: each contraction asks for one.
  const std::vector<std::pair<int32_t, int32_t>> steps = {{0, 1}, {5, 5}, {2, 3}, {6, 7}, {8, 4}};
  BoundProgram program(tree(20, 5, steps));
  const uint64_t operands[] = {4, 5, 9};
  for (uint64_t step = 0; step < 3; ++step) {
    EXPECT_EQ(aheadOf(program, 20, 5, step).operand, operands[step]) << "step " << step;
    EXPECT_EQ(aheadOf(program, 20, 5, step).lines, 20u * 20 * 4 / 64);
  }
  EXPECT_EQ(aheadOf(program, 20, 5, 3).lines, 0u);
  EXPECT_EQ(aheadOf(program, 20, 5, 4).lines, 0u);
  // What waits in the cache takes its place there until it is used.
  BoundProgram large(tree(280, 5, steps));
  EXPECT_EQ(aheadOf(large, 280, 5, 0).lines, (1048576u - 3 * 280 * 280 * 4) / 64);
  EXPECT_EQ(aheadOf(large, 280, 5, 1).lines, 0u);
  EXPECT_EQ(aheadOf(large, 280, 5, 2).lines, (1048576u - 3 * 280 * 280 * 4) / 64);
  // Not more than four steps ahead.
  BoundProgram distant(tree(20, 3, {{0, 1}, {3, 3}, {4, 4}, {5, 5}, {6, 6}, {7, 2}}));
  EXPECT_EQ(aheadOf(distant, 20, 3, 0).lines, 0u);
  EXPECT_EQ(aheadOf(distant, 20, 3, 1).operand, 11u);
  EXPECT_EQ(aheadOf(distant, 20, 3, 1).lines, 25u);
  EXPECT_EQ(aheadOf(distant, 20, 3, 2).lines, 0u);
}

namespace {
/// What contractAndFetch was told to fetch, and how many lines it fetches.
struct Soon {
  uint64_t address, lines;
  bool operator==(const Soon &other) const = default;
};
std::vector<Soon> asked;
constexpr int64_t kFetchedByKernel = 10;

void contractAndFetch(void *const *args) {
  auto *words = static_cast<int64_t *>(static_cast<void **>(args[3])[1]);
  int64_t &address = words[kSoonAddressWord], &lines = words[kSoonLinesWord];
  asked.push_back({static_cast<uint64_t>(address), static_cast<uint64_t>(lines)});
  int64_t taken = std::min(lines, kFetchedByKernel);
  address += taken * 64;
  lines -= taken;
  contractF32(args);
}
} // namespace

TEST(Fetch, IsToldTheStepBeforeInEachRun) {
  TestNetwork network(chain(5, 6, 7, 40), {contractAndFetch});
  ASSERT_NE(network.network, nullptr) << network.message;
  Floats a = Floats({5, 6}).fill(-9), b = Floats({6, 7}).fill(-20), c({5, 40});
  // The last row first in memory.
  Floats d = Floats({7, 40}, {-40, 1}).fill(3);
  ContextPtr context = makeContext();
  std::vector<float> expected;
  for (int64_t i = 0; i < 5; ++i)
    for (int64_t l = 0; l < 40; ++l) {
      float sum = 0;
      for (int64_t j = 0; j < 6; ++j)
        for (int64_t k = 0; k < 7; ++k)
          sum += a.at({i, j}) * b.at({j, k}) * d.at({k, l});
      expected.push_back(sum);
    }
  auto soonOf = [](Floats &array) {
    return Soon{reinterpret_cast<uint64_t>(array.storage.data()), 7 * 40 * 4 / 64};
  };
  for (int run = 0; run < 2; ++run) {
    asked.clear();
    ASSERT_EQ(network.run(context.get(), {a.tensor(), b.tensor(), d.tensor()}, {c.tensor()}),
              TENON_OK);
    EXPECT_EQ(c.values(), expected);
    ASSERT_EQ(asked.size(), 2u);
    EXPECT_EQ(asked[0], soonOf(d)) << "run " << run;
    EXPECT_EQ(asked[1].lines, 0u);
  }
  // Elsewhere in memory, and with gaps.
  Floats copy = Floats({7, 40}, {-40, 1}).fill(3), wide = Floats({7, 40}, {41, 1}).fill(3);
  for (Floats *each : {&copy, &wide, &d}) {
    asked.clear();
    ASSERT_EQ(network.run(context.get(), {a.tensor(), b.tensor(), each->tensor()}, {c.tensor()}),
              TENON_OK);
    EXPECT_EQ(c.values(), expected);
    if (each == &wide) {
      EXPECT_EQ(asked[0].lines, 0u);
    } else {
      EXPECT_EQ(asked[0], soonOf(*each));
    }
  }
}
