//===- FetchTest.cpp - Which arguments are fetched before a step ----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Binding.h"
#include "TestKernels.h"

#include <cstring>
#include <gtest/gtest.h>

using namespace tenon::runtime;

namespace {
/// A product of an m x k and a k x n input, alone or in a loop of two iterations, bound to strides.
class BoundProduct {
public:
  BoundProduct(int64_t m, int64_t n, int64_t k, bool inLoop = false) {
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
    std::vector<char> bytes = builder.finish();
    image.resize(bytes.size() / sizeof(Line) + 1);
    std::memcpy(image.data(), bytes.data(), bytes.size());
    void *kernel = reinterpret_cast<void *>(&contractF32);
    ErrorText error;
    EXPECT_EQ(program.prepare(ScheduleImage(image.data()), &kernel, error), TENON_OK);
    EXPECT_TRUE(binding.allocate());
  }

  const Binding::FetchedOperand *bind(uint64_t step, const std::vector<int64_t> &strides) {
    Array<int64_t> list;
    EXPECT_TRUE(list.allocate(strides.size()));
    std::copy(strides.begin(), strides.end(), list.begin());
    binding.bind(list);
    return binding.fetchedOperands(step);
  }

private:
  struct alignas(64) Line {
    char bytes[64];
  };
  std::vector<Line> image;
  Program program;
  Binding binding{program};
};
} // namespace

TEST(Fetch, IsOfTheWholeArgumentWhateverItsStrides) {
  BoundProduct product(20, 30, 40);
  const Binding::FetchedOperand *operands = product.bind(0, {40, 1, 30, 1, 30, 1});
  EXPECT_EQ(operands[0].bytes, 20u * 40 * 4);
  EXPECT_EQ(operands[1].bytes, 40u * 30 * 4);
  EXPECT_NE(operands[0].word, operands[1].word);
  EXPECT_EQ(operands[0].first, 0u);
  // Transposed; and with the last row first in memory.
  operands = product.bind(0, {1, 20, -30, 1, 30, 1});
  EXPECT_EQ(operands[0].first, 0u);
  EXPECT_EQ(operands[0].bytes, 20u * 40 * 4);
  EXPECT_EQ(static_cast<int64_t>(operands[1].first), -39 * 30 * 4);
  EXPECT_EQ(operands[1].bytes, 40u * 30 * 4);
  // With gaps, nothing is fetched; the earlier strides are forgotten.
  operands = product.bind(0, {41, 1, 60, 2, 30, 1});
  EXPECT_EQ(operands[0].bytes, 0u);
  EXPECT_EQ(operands[1].bytes, 0u);
}

TEST(Fetch, IsLeftOutWhereItDoesNotPay) {
  // Few multiply-adds for an element; and more than the second cache.
  EXPECT_EQ(BoundProduct(3, 30, 40).bind(0, {40, 1, 30, 1, 30, 1})[1].bytes, 0u);
  BoundProduct large(20, 3000, 400);
  const Binding::FetchedOperand *operands = large.bind(0, {400, 1, 3000, 1, 3000, 1});
  EXPECT_EQ(operands[0].bytes, 20u * 400 * 4);
  EXPECT_EQ(operands[1].bytes, 0u);
  // In the second iteration it would be there.
  BoundProduct repeated(20, 30, 40, /*inLoop=*/true);
  operands = repeated.bind(1, {40, 1, 30, 1, 30, 1});
  EXPECT_EQ(operands[0].bytes, 0u);
  EXPECT_EQ(operands[1].bytes, 0u);
}
