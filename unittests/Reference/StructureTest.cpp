//===- StructureTest.cpp - Diagonals, permutations, isometries ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/HostTensor/Structure.h"

#include "tenon/HostTensor/RandomFill.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace tenon;
using testing::HasSubstr;
using testing::Optional;

namespace {
using Dims = std::vector<int64_t>;

const tenon_dtype kFloating[] = {TENON_F16, TENON_BF16, TENON_F32,
                                 TENON_F64, TENON_C64,  TENON_C128};

HostTensor random(tenon_dtype dtype, Dims shape, uint64_t seed = 1) {
  auto tensor = HostTensor::zeros({dtype, false}, shape);
  EXPECT_TRUE(bool(tensor));
  fillRandom(*tensor, seed);
  return std::move(*tensor);
}

TEST(StructureTest, DiagonalNamesTheLargestElementOffIt) {
  HostTensor tensor = random(TENON_F64, {3, 2, 3});
  clearOffDiagonal(tensor, Dims{0, 2});
  EXPECT_EQ(contradictDiagonal(tensor, Dims{0, 2}), std::nullopt);
  tensor.set(tensor.linearIndex(Dims{1, 0, 2}), 0.5);
  tensor.set(tensor.linearIndex(Dims{2, 1, 0}), -3.0);
  EXPECT_THAT(contradictDiagonal(tensor, Dims{0, 2}),
              Optional(std::string("element [2, 1, 0] is -3, expected 0")));
  tensor.set(tensor.linearIndex(Dims{0, 1, 1}), NAN);
  EXPECT_THAT(contradictDiagonal(tensor, Dims{0, 2}), Optional(HasSubstr("[0, 1, 1] is nan")));
}

TEST(StructureTest, OrthonormalisedTensorsAreIsometries) {
  for (tenon_dtype dtype : kFloating) {
    HostTensor tensor = random(dtype, {3, 7, 2}, 5);
    EXPECT_THAT(contradictIsometry(tensor, Dims{0, 2}), Optional(HasSubstr("expected")));
    orthonormalise(tensor, Dims{2, 0});
    EXPECT_EQ(contradictIsometry(tensor, Dims{0, 2}), std::nullopt) << ElementType{dtype}.name();
    // Of the same elements, the sum over the others.
    EXPECT_NE(contradictIsometry(tensor, Dims{1}), std::nullopt);
    // The position at fault is the one that was changed.
    tensor.set(tensor.linearIndex(Dims{2, 3, 1}), 2.0);
    EXPECT_THAT(contradictIsometry(tensor, Dims{0, 2}), Optional(HasSubstr("[2, 1]")));
    tensor.set(tensor.linearIndex(Dims{1, 3, 0}), NAN);
    EXPECT_THAT(contradictIsometry(tensor, Dims{0, 2}), Optional(HasSubstr("[1, 0]")));
  }
}

TEST(StructureTest, IsometriesMissWhereTheirDefinitionDoes) {
  for (tenon_dtype dtype : {TENON_F64, TENON_C128, TENON_I8})
    for (int64_t rows : {1, 3, 4, 5, 9})
      for (int64_t columns : {1, 2, 7}) {
        HostTensor tensor = random(dtype, {rows, columns}, static_cast<uint64_t>(rows + columns));
        auto valueAt = [&](int64_t row, int64_t column) -> std::complex<double> {
          Scalar value = tensor.get(row * columns + column);
          if (auto *complex = std::get_if<std::complex<double>>(&value))
            return *complex;
          if (auto *integer = std::get_if<int64_t>(&value))
            return static_cast<double>(*integer);
          return std::get<double>(value);
        };
        double worst = 0;
        std::string place;
        for (int64_t a = 0; a < rows; ++a)
          for (int64_t b = a; b < rows; ++b) {
            std::complex<double> sum = a == b ? -1 : 0;
            for (int64_t column = 0; column < columns; ++column)
              sum += std::conj(valueAt(a, column)) * valueAt(b, column);
            // Rounding may swap what is equal but for that.
            if (std::abs(sum) <= worst * (1 + 1e-12))
              continue;
            worst = std::abs(sum);
            place = "[" + std::to_string(a) + "] " +
                    (a == b ? "is " : "times that at [" + std::to_string(b) + "] is ");
          }
        EXPECT_THAT(contradictIsometry(tensor, Dims{0}), Optional(HasSubstr(place)))
            << ElementType{dtype}.name() << " " << rows << " x " << columns;
      }
  // Of equally bad sums the first.
  EXPECT_THAT(contradictIsometry(*HostTensor::zeros({TENON_F64}, Dims{3, 9}), Dims{1}),
              Optional(HasSubstr("position [0] is 0, expected 1")));
  EXPECT_EQ(contradictIsometry(*HostTensor::zeros({TENON_F64}, Dims{3, 0}), Dims{1}), std::nullopt);
  EXPECT_THAT(contradictIsometry(*HostTensor::zeros({TENON_C64}, Dims{3, 0}), Dims{0}),
              Optional(HasSubstr("position [0] is 0, expected 1")));
}

TEST(StructureTest, AllowanceIsForRoundingOnly) {
  // A departure of twice the allowance is found in every type, one of rounding is not.
  for (tenon_dtype dtype : kFloating) {
    HostTensor tensor = random(dtype, {40, 4}, 9);
    orthonormalise(tensor, Dims{1});
    double allowed = isometryAllowance(tensor.type(), 40);
    ASSERT_LT(allowed, 0.5);
    for (int64_t row = 0; row < 40; ++row) {
      int64_t place = tensor.linearIndex(Dims{row, 2});
      Scalar value = tensor.get(place);
      if (auto *complex = std::get_if<std::complex<double>>(&value))
        tensor.set(place, *complex * (1 + allowed));
      else
        tensor.set(place, std::get<double>(value) * (1 + allowed));
    }
    EXPECT_THAT(contradictIsometry(tensor, Dims{1}), Optional(HasSubstr("position [2] is 1.")))
        << ElementType{dtype}.name();
  }
  EXPECT_EQ(isometryAllowance({TENON_I32}, 40), 0);
}

TEST(StructureTest, ZerosAreNoIsometryInAnyType) {
  // 8 (√1000 + 2) u is 1.05 in bf16.
  for (tenon_dtype dtype : kFloating)
    EXPECT_NE(contradictIsometry(*HostTensor::zeros({dtype}, Dims{1000, 2}), Dims{1}), std::nullopt)
        << ElementType{dtype}.name();
}

TEST(StructureTest, InjectionsArePermutationsOrIsometries) {
  HostTensor square = random(TENON_I8, {2, 3, 6});
  EXPECT_THAT(contradictPermutation(square, Dims{0, 1}), Optional(HasSubstr("expected 0 or 1")));
  fillInjection(square, Dims{0, 1}, 3);
  EXPECT_EQ(contradictPermutation(square, Dims{0, 1}), std::nullopt);
  EXPECT_EQ(contradictPermutation(square, Dims{2}), std::nullopt);
  EXPECT_EQ(contradictIsometry(square, Dims{2}), std::nullopt);
  HostTensor tall = random(TENON_BOOL, {7, 3});
  fillInjection(tall, Dims{1}, 3);
  EXPECT_EQ(contradictIsometry(tall, Dims{1}), std::nullopt);
  EXPECT_THAT(contradictPermutation(tall, Dims{0}),
              Optional(HasSubstr("has 0 ones, expected one")));
  // Without a seed the ones are in order.
  HostTensor identity = random(TENON_F32, {4, 4});
  fillInjection(identity, Dims{0}, std::nullopt);
  EXPECT_EQ(contradictDiagonal(identity, Dims{0, 1}), std::nullopt);
  // One row has two ones, one column none.
  identity.set(identity.linearIndex(Dims{2, 2}), 0.0);
  identity.set(identity.linearIndex(Dims{2, 1}), 1.0);
  EXPECT_THAT(contradictPermutation(identity, Dims{0}),
              Optional(std::string("column [1] has 2 ones, expected one")));
}

TEST(StructureTest, DensityCountsElementsThatAreNotZero) {
  HostTensor tensor = random(TENON_F64, {10, 30});
  clearShare(tensor, 0.07, 4);
  int64_t left = 0;
  for (int64_t i = 0; i < tensor.size(); ++i)
    left += std::get<double>(tensor.get(i)) != 0;
  EXPECT_EQ(left, 21);
  EXPECT_EQ(contradictDensity(tensor, 0.07), std::nullopt);
  EXPECT_THAT(contradictDensity(tensor, 0.069),
              Optional(std::string("21 of 300 elements are not 0, a share of 0.07")));
  EXPECT_EQ(contradictDensity(random(TENON_F64, {0, 4}), 0), std::nullopt);
}
} // namespace
