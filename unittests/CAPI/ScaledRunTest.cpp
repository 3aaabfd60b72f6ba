//===- ScaledRunTest.cpp - Powers of two taken out of intermediates ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Owned.h"
#include "tenon-c/Tenon.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace {

Owned<tenon_network> compile(const std::string &text, int threads) {
  char *error = nullptr;
  Owned<tenon_module> module(tenon_module_parse(text.data(), text.size(), nullptr, &error));
  EXPECT_TRUE(module) << take(error);
  tenon_compile_options options = {};
  options.struct_size = sizeof(options);
  options.threads = threads;
  options.plan = "method=greedy";
  Owned<tenon_network> network(tenon_compile(module.get(), &options, &error));
  EXPECT_TRUE(network) << take(error);
  return network;
}

/// x1 x2 … of 2 by 2 matrices, all of which are arguments.
std::string chain(int count, const std::string &semiring = "") {
  std::string arguments, operands, types;
  for (int i = 0; i < count; ++i) {
    std::string number = std::to_string(i), comma = i ? ", " : "";
    arguments += comma + "%x" + number + ": tensor<2x2xf64>";
    operands += comma + "%x" + number + "[i" + number + ", i" + std::to_string(i + 1) + "]";
    types += comma + "tensor<2x2xf64>";
  }
  return "func.func @main(" + arguments + ") -> tensor<2x2xf64> {\n  %r = tn.contract (" + operands +
         ") -> [i0, i" + std::to_string(count) + "]" + semiring + " : (" + types +
         ") -> tensor<2x2xf64>\n  return %r : tensor<2x2xf64>\n}";
}

class ScaledRun : public testing::TestWithParam<int> {};

TEST_P(ScaledRun, AProductBeyondTheRange) {
  constexpr int count = 64;
  const int64_t extents[] = {2, 2}, transposed[] = {1, 2};
  for (double size : {0x1p100, 0x1p-100, 0x1.8p127}) {
    // Distinct entries whose powers are known: the matrix is size * [[1, 1], [0, 1]].
    double x[4] = {size, size, 0, size}, r[4];
    tenon_tensor input = {x, TENON_F64, 2, extents, nullptr}, output = {r, TENON_F64, 2, extents, transposed};
    std::vector<tenon_tensor> inputs(count, input);
    Owned<tenon_network> network = compile(chain(count), GetParam());
    Owned<tenon_context> context(tenon_context_create(GetParam()));
    EXPECT_EQ(tenon_tensor_is_in_window(&input), 1);
    int64_t exponent = -7;
    ASSERT_EQ(tenon_network_run_scaled(network.get(), context.get(), inputs.data(), count, &output, 1, &exponent), TENON_OK)
        << tenon_context_error(context.get());
    // size^64 [[1, 64], [0, 1]], transposed in memory; the largest is in [1/2, 1).
    EXPECT_EQ(r[1], 0);
    EXPECT_EQ(r[0], r[3]);
    EXPECT_NEAR(r[2], 64 * r[0], 1e-12);
    EXPECT_TRUE(r[2] >= 0.5 && r[2] < 1) << r[2];
    EXPECT_NEAR(std::log2(r[0]) + static_cast<double>(exponent), count * std::log2(size), 1e-9);
    // As ever, it leaves the range.
    ASSERT_EQ(tenon_network_run(network.get(), context.get(), inputs.data(), count, &output, 1, nullptr, 0), TENON_OK);
    EXPECT_TRUE(r[0] == 0 || !std::isfinite(r[0])) << r[0];
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, ScaledRun, testing::Values(1, 2));

TEST(ScaledRun, OtherSemiringsAreLeftAlone) {
  // max-plus: a power of two taken out of a sum of logarithms would be wrong.
  constexpr int count = 40;
  const int64_t extents[] = {2, 2};
  double x[4] = {0x1p300, 1, 2, 3}, r[4];
  tenon_tensor input = {x, TENON_F64, 2, extents, nullptr}, output = {r, TENON_F64, 2, extents, nullptr};
  std::vector<tenon_tensor> inputs(count, input);
  Owned<tenon_network> network = compile(chain(count, " semiring(max_plus)"), 1);
  Owned<tenon_context> context(tenon_context_create(1));
  int64_t exponent = 0;
  ASSERT_EQ(tenon_network_run_scaled(network.get(), context.get(), inputs.data(), count, &output, 1, &exponent), TENON_OK);
  EXPECT_EQ(std::ldexp(r[0], static_cast<int>(exponent)), count * 0x1p300);
}

TEST(ScaledRun, OutputsThatAreReadAgainAreNotScaled) {
  EXPECT_EQ(tenon_network_scales(compile(chain(3), 1).get()), 1);
  EXPECT_EQ(tenon_network_scales(compile(chain(3, " semiring(max_plus)"), 1).get()), 0);
  Owned<tenon_network> squares = compile(R"(
func.func @main(%x: tensor<2x2xf32>) -> (tensor<2x2xf32>, tensor<2x2xf32>) {
  %1 = tn.contract (%x[i, j], %x[j, k]) -> [i, k] : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %2 = tn.contract (%1[i, j], %1[j, k]) -> [i, k] : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %1, %2 : tensor<2x2xf32>, tensor<2x2xf32>
})",
                                         1);
  EXPECT_EQ(tenon_network_scales(squares.get()), 0);
}

TEST(ScaledRun, WhatIsInTheWindow) {
  const int64_t extents[] = {3}, strides[] = {-2};
  auto isIn = [&](auto value, tenon_dtype dtype) {
    decltype(value) numbers[5] = {value, 7, 0, 7, 0};
    numbers[1] = numbers[3] = static_cast<decltype(value)>(std::numeric_limits<float>::max());
    tenon_tensor tensor = {numbers + 4, dtype, 1, extents, strides};
    return tenon_tensor_is_in_window(&tensor) != 0;
  };
  EXPECT_TRUE(isIn(0.0f, TENON_F32));
  EXPECT_TRUE(isIn(0x1p49f, TENON_F32));
  EXPECT_FALSE(isIn(0x1p50f, TENON_F32));
  EXPECT_FALSE(isIn(-0x1p-52f, TENON_F32));
  EXPECT_TRUE(isIn(-0x1p-51f, TENON_F32));
  EXPECT_TRUE(isIn(0x1p400, TENON_F64));
  EXPECT_FALSE(isIn(0x1p-600, TENON_F64));
  EXPECT_TRUE(isIn(std::numeric_limits<double>::infinity(), TENON_F64));
  EXPECT_FALSE(isIn(4e-320, TENON_F64));
}

TEST(ScaledRun, ErrorsAreThoseOfARun) {
  const int64_t extents[] = {2, 3};
  double x[6] = {}, r[4];
  tenon_tensor input = {x, TENON_F64, 2, extents, nullptr}, output = {r, TENON_F64, 2, extents, nullptr};
  std::vector<tenon_tensor> inputs(2, input);
  Owned<tenon_network> network = compile(chain(2), 1);
  Owned<tenon_context> context(tenon_context_create(1));
  int64_t exponent = 0;
  EXPECT_EQ(tenon_network_run_scaled(network.get(), context.get(), inputs.data(), 2, &output, 1, &exponent),
            TENON_INVALID_ARGUMENT);
  EXPECT_STREQ(tenon_context_error(context.get()), "input 0: found f64[2,3], expected f64[2,2]");
}

} // namespace
