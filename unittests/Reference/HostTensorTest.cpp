//===- HostTensorTest.cpp - Host tensors ----------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Harness.h"
#include "tenon/HostTensor/Compare.h"
#include "tenon/HostTensor/FloatFormat.h"
#include "tenon/HostTensor/RandomFill.h"

#include "llvm/ADT/APFloat.h"

#include <algorithm>
#include <cmath>
#include <random>

using namespace tenon;
using namespace tenon::test;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

uint64_t encodeByAPFloat(const llvm::fltSemantics &semantics, double value) {
  llvm::APFloat number(value);
  bool losesInfo = false;
  number.convert(semantics, llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return number.bitcastToAPInt().getZExtValue();
}

TEST(FloatFormat, RoundsTiesToEven) {
  EXPECT_EQ(encodeF16(1.0), 0x3c00);
  EXPECT_EQ(encodeF16(1.0 + 0x1p-11), 0x3c00);           // half of an ulp: to even
  EXPECT_EQ(encodeF16(1.0 + 0x1p-11 + 0x1p-40), 0x3c01); // just above
  EXPECT_EQ(encodeF16(1.0 + 3 * 0x1p-11), 0x3c02);       // half, odd below
  EXPECT_EQ(encodeF16(65504.0), 0x7bff);                 // largest finite
  EXPECT_EQ(encodeF16(65519.99), 0x7bff);
  EXPECT_EQ(encodeF16(65520.0), 0x7c00);
  EXPECT_EQ(encodeF16(0x1p-24), 0x0001); // smallest subnormal
  EXPECT_EQ(encodeF16(0x1p-25), 0x0000); // half of it: to even
  EXPECT_EQ(encodeF16(-0x1.8p-25), 0x8001);
  EXPECT_EQ(encodeF16(0x1.ffep-15), 0x0400); // rounds up to the smallest normal
  EXPECT_EQ(encodeBF16(1.0 + 0x1p-8), 0x3f80);
  EXPECT_EQ(encodeBF16(1.0 + 3 * 0x1p-8), 0x3f82);
  EXPECT_EQ(encodeBF16(-infinity), 0xff80);
  EXPECT_EQ(encodeBF16(3.4e38), 0x7f80); // past the largest finite
  EXPECT_TRUE(std::isnan(decodeF16(encodeF16(std::nan("")))));
}

TEST(FloatFormat, AgreesWithAPFloat) {
  std::mt19937_64 random(17);
  for (int i = 0; i < 200000; ++i) {
    // Exponents from below the subnormals to above the largest finite of either format.
    const uint64_t bits = random();
    const double significand = 1.0 + static_cast<double>(bits >> 12) * 0x1p-52;
    const bool tie = i % 3 == 0;
    const double value = std::ldexp(tie ? std::round(significand * 2048) / 2048 : significand,
                                    static_cast<int>(bits % 300) - 160) *
                         (bits & 1024 ? 1 : -1);
    ASSERT_EQ(encodeF16(value), encodeByAPFloat(llvm::APFloat::IEEEhalf(), value)) << value;
    ASSERT_EQ(encodeBF16(value), encodeByAPFloat(llvm::APFloat::BFloat(), value)) << value;
  }
}

TEST(FloatFormat, EveryPatternSurvives) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto pattern = static_cast<uint16_t>(bits);
    if ((pattern & 0x7c00) != 0x7c00 || (pattern & 0x3ff) == 0)
      ASSERT_EQ(encodeF16(decodeF16(pattern)), pattern);
    if ((pattern & 0x7f80) != 0x7f80 || (pattern & 0x7f) == 0)
      ASSERT_EQ(encodeBF16(decodeBF16(pattern)), pattern);
  }
}

TEST(HostTensor, StoresEveryTypeExactly) {
  const Shape two{2};
  const auto roundTrip = [&](ElementType type, Scalar a, Scalar b) {
    Result<HostTensor> made = HostTensor::fromValues(type, two, std::vector<Scalar>{a, b});
    EXPECT_TRUE(made);
    return std::pair(made->get(0), made->get(1));
  };
  using Pair = std::pair<Scalar, Scalar>;
  EXPECT_EQ(roundTrip({TENON_F16}, 1.5, 65536.0), Pair(1.5, infinity));
  EXPECT_EQ(roundTrip({TENON_BF16}, 1.00390625, -3.0), Pair(1.0, -3.0));
  EXPECT_EQ(roundTrip({TENON_F32}, int64_t{16777217}, 0.1), Pair(16777216.0, double{0.1f}));
  EXPECT_EQ(roundTrip({TENON_F64}, 0.1, int64_t{-7}), Pair(0.1, -7.0));
  EXPECT_EQ(roundTrip({TENON_C64}, std::complex<double>(1, -2), 0.1),
            Pair(std::complex<double>(1, -2), std::complex<double>(double{0.1f}, 0)));
  EXPECT_EQ(roundTrip({TENON_C128}, std::complex<double>(0.1, 0.2), int64_t{3}),
            Pair(std::complex<double>(0.1, 0.2), std::complex<double>(3, 0)));
  EXPECT_EQ(roundTrip({TENON_BOOL}, int64_t{2}, 0.0), Pair(int64_t{1}, int64_t{0}));
  EXPECT_EQ(roundTrip({TENON_I8}, int64_t{200}, 1e9), Pair(int64_t{-56}, int64_t{127}));
  EXPECT_EQ(roundTrip({TENON_I8, true}, int64_t{-1}, -5.0), Pair(uint64_t{255}, uint64_t{0}));
  EXPECT_EQ(roundTrip({TENON_I16}, -1e9, 2.9), Pair(int64_t{-32768}, int64_t{2}));
  EXPECT_EQ(roundTrip({TENON_I32, true}, uint64_t{1} << 32, 7.0), Pair(uint64_t{0}, uint64_t{7}));
  EXPECT_EQ(roundTrip({TENON_I64}, INT64_MIN, std::nan("")), Pair(INT64_MIN, int64_t{0}));
  EXPECT_EQ(roundTrip({TENON_I64, true}, UINT64_MAX, 1.0), Pair(UINT64_MAX, uint64_t{1}));
}

TEST(HostTensor, RefusesImpossibleSizes) {
  EXPECT_CONTAINS(HostTensor::zeros({TENON_F64}, Shape{3, -1}).message(), "3x-1xf64");
  EXPECT_CONTAINS(HostTensor::zeros({TENON_F64}, Shape{1 << 30, 1 << 30, 8}).message(), "2^63");
  EXPECT_CONTAINS(HostTensor::zeros({TENON_F64}, Shape{int64_t{1} << 56}).message(),
                  "out of memory");
  EXPECT_CONTAINS(HostTensor::zeros({static_cast<tenon_dtype>(15)}, Shape{2}).message(), "15");
  EXPECT_CONTAINS(
      HostTensor::fromValues({TENON_F32}, Shape{2, 3}, std::vector<Scalar>(5, 1.0)).message(),
      "6 elements, but 5");
  // An extent of 0 makes any shape possible.
  Result<HostTensor> empty = HostTensor::zeros({TENON_F32}, Shape{INT64_MAX, 0, INT64_MAX});
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->size(), 0);
}

TEST(HostTensor, MovesCopiesAndReshapes) {
  HostTensor a = tensor(TENON_I32, {2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(a.linearIndex(Shape{1, 2}), 5);
  Result<HostTensor> copy = a.clone();
  ASSERT_TRUE(copy);
  copy->set(0, int64_t{9});
  EXPECT_EQ(a.get(0), Scalar(int64_t{1}));
  EXPECT_TRUE(a.reshape(Shape{3, 2}));
  EXPECT_CONTAINS(a.reshape(Shape{4, 2}).message(), "3x2xi32");
  const HostTensor moved = std::move(a);
  EXPECT_EQ(shape(moved), (Shape{3, 2}));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(moved.data()) % 64, 0u);
}

TEST(Compare, MeasuresErrors) {
  const HostTensor expected = tensor(TENON_F64, {4}, {1, -2, 4, 0});
  EXPECT_TRUE(bitwiseEqual(expected, tensor(TENON_F64, {4}, {1, -2, 4, 0})));
  EXPECT_FALSE(bitwiseEqual(expected, tensor(TENON_F64, {4}, {1, -2, 4, -0.0})));
  EXPECT_FALSE(bitwiseEqual(expected, tensor(TENON_F64, {2, 2}, {1, -2, 4, 0})));
  Result<Comparison> close = compare(tensor(TENON_F64, {4}, {1, -2.5, 5, 0}), expected);
  ASSERT_TRUE(close);
  EXPECT_EQ(close->maxAbsolute, 1.0);
  EXPECT_EQ(close->maxRelative, 0.25);
  EXPECT_EQ(close->worst, 2);
  EXPECT_DOUBLE_EQ(close->normwise, std::sqrt(1.25 / 21.0));
  EXPECT_EQ(compare(expected, expected)->worst, -1);
  EXPECT_EQ(compare(tensor(TENON_F64, {4}, {1, -2, 4, 0.5}), expected)->maxRelative, infinity);
  const double nan = std::nan("");
  EXPECT_EQ(compare(tensor(TENON_F64, {1}, {nan}), tensor(TENON_F64, {1}, {3}))->maxAbsolute,
            infinity);
  const HostTensor odd = tensor(TENON_F64, {2}, {nan, infinity});
  EXPECT_EQ(compare(odd, odd)->maxAbsolute, 0);
  EXPECT_CONTAINS(compare(expected, tensor(TENON_F64, {2}, {1, 2})).message(), "4xf64");
}

TEST(RandomFill, IsTheSameEverywhere) {
  HostTensor a = tensor(TENON_F64, {3}, {0, 0, 0});
  fillRandom(a, 1);
  // In units of 2^-16. A change of the generator changes every recorded result.
  EXPECT_EQ(numbers(a), (Numbers{11886 / 65536.0, 17115 / 65536.0, -120383 / 65536.0}));
  HostTensor b = tensor(TENON_F64, {3}, {0, 0, 0});
  fillRandom(b, 2);
  EXPECT_NE(numbers(a), numbers(b));
}

TEST(RandomFill, HasTheStatedDistribution) {
  Result<HostTensor> normal = HostTensor::zeros({TENON_C128}, Shape{20000});
  ASSERT_TRUE(normal);
  fillRandom(*normal, 5);
  double sum = 0, squares = 0, product = 0;
  for (int64_t i = 0; i < normal->size(); ++i) {
    const Scalar element = normal->get(i);
    const auto value = *std::get_if<std::complex<double>>(&element);
    sum += value.real() + value.imag();
    squares += std::norm(value);
    product += value.real() * value.imag();
  }
  // Five standard deviations of the respective estimates.
  EXPECT_LT(std::fabs(sum / 40000), 5.0 / 200);
  EXPECT_LT(std::fabs(squares / 40000 - 1), 5 * std::sqrt(2.0) / 200);
  EXPECT_LT(std::fabs(product / 20000), 5.0 / 141);

  for (const ElementType type : {ElementType{TENON_I8}, ElementType{TENON_I32, true}}) {
    Result<HostTensor> small = HostTensor::zeros(type, Shape{2000});
    ASSERT_TRUE(small);
    fillRandom(*small, 6);
    const Numbers values = numbers(*small);
    const double low = type.isUnsigned ? 0 : -9;
    EXPECT_EQ(*std::min_element(values.begin(), values.end()), low);
    EXPECT_EQ(*std::max_element(values.begin(), values.end()), low + 18);
  }
}

TEST(Print, LooksLikeNumPy) {
  EXPECT_EQ(formatTensor(tensor(TENON_I32, {2, 3}, {1, -20, 3, 4, 5, 6})),
            "[[  1 -20   3]\n [  4   5   6]]");
  EXPECT_EQ(formatTensor(tensor(TENON_I8, {2, 1, 2}, {1, 2, 3, 4})), "[[[1 2]]\n\n [[3 4]]]");
  EXPECT_EQ(formatTensor(tensor(TENON_F64, {}, {2.5})), "2.5");
  EXPECT_EQ(formatTensor(tensor(TENON_F32, {0, 3}, {})), "[]");
  EXPECT_EQ(formatTensor(tensor(TENON_F32, {3}, {0.1, infinity, -0.0})), "[0.1 inf  -0]");
  EXPECT_EQ(formatTensor(tensor(TENON_F16, {2}, {0.1, 65504})), "[  0.1 65500]");
  EXPECT_EQ(formatTensor(tensor(TENON_BF16, {1}, {0.1})), "[0.1]");
  EXPECT_EQ(formatTensor(tensor(TENON_C64, {2}, {1, -2, 0.5, 3})), "[  1-2j 0.5+3j]");
  EXPECT_EQ(formatTensor(tensor(TENON_BOOL, {2}, {1, 0})), "[ true false]");
}

TEST(Print, SummarisesLargeTensors) {
  Numbers values(10);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<double>(i);
  EXPECT_EQ(formatTensor(tensor(TENON_I64, {10}, values), {.threshold = 9, .edge = 2}),
            "[0 1 ... 8 9]");
  EXPECT_EQ(formatTensor(tensor(TENON_I64, {5, 2}, values), {.threshold = 9, .edge = 1}),
            "[[0 1]\n ...\n [8 9]]");
}

} // namespace
