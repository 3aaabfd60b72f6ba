//===- CompareTest.cpp - Comparison of results ----------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Compare.h"

#include "llvm/ADT/STLExtras.h"

#include "gtest/gtest.h"

#include <cmath>
#include <complex>
#include <limits>

using namespace tenon;
using namespace tenon::fuzz;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const double kNaN = std::nan("");

HostTensor tensor(tenon_dtype dtype, const std::vector<double> &values) {
  std::vector<int64_t> shape{static_cast<int64_t>(values.size())};
  Result<HostTensor> made = HostTensor::zeros({dtype}, shape);
  EXPECT_TRUE(made);
  for (size_t i = 0; i < values.size(); ++i)
    made->set(static_cast<int64_t>(i), values[i]);
  return std::move(*made);
}

Truth truthOf(Arithmetic arithmetic, HostTensor expected, bool mayMeetInfinity = false) {
  Truth truth;
  truth.arithmetic = arithmetic;
  truth.results.push_back(std::move(expected));
  truth.mayMeetInfinity = mayMeetInfinity;
  return truth;
}

Verdict compareOne(const HostTensor &found, const Truth &truth) {
  return compareWithTruth(llvm::ArrayRef(found), truth);
}

TEST(Compare, RingIsBitForBit) {
  Truth truth = truthOf(Arithmetic::Ring, tensor(TENON_I8, {1, -128, 127}));
  Verdict equal = compareOne(tensor(TENON_I8, {1, -128, 127}), truth);
  EXPECT_TRUE(equal.difference.empty());
  EXPECT_EQ(equal.conclusive, 1u);
  Verdict other = compareOne(tensor(TENON_I8, {1, -128, 126}), truth);
  EXPECT_NE(other.difference.find("element 2: expected 127, found 126"), std::string::npos)
      << other.difference;
}

TEST(Compare, ExactTakesZerosOfEitherSign) {
  Truth truth = truthOf(Arithmetic::Exact, tensor(TENON_F32, {0.0, 2}));
  EXPECT_TRUE(compareOne(tensor(TENON_F32, {-0.0, 2}), truth).difference.empty());
  EXPECT_FALSE(
      compareOne(tensor(TENON_F32, {-0.0, std::nextafterf(2, 3)}), truth).difference.empty());
}

TEST(Compare, ANaNInPlaceOfANumberDependsOnInfinities) {
  Truth finite = truthOf(Arithmetic::Exact, tensor(TENON_F32, {1}));
  EXPECT_FALSE(compareOne(tensor(TENON_F32, {kNaN}), finite).difference.empty());
  EXPECT_FALSE(compareOne(tensor(TENON_F32, {kInfinity}), finite).difference.empty());
  Truth open = truthOf(Arithmetic::Exact, tensor(TENON_F32, {1}), true);
  Verdict verdict = compareOne(tensor(TENON_F32, {kNaN}), open);
  EXPECT_TRUE(verdict.difference.empty());
  EXPECT_EQ(verdict.inconclusive, 1u);
  // A zero of a constant may take a NaN away.
  Truth undefined = truthOf(Arithmetic::Exact, tensor(TENON_F32, {kNaN}));
  EXPECT_TRUE(compareOne(tensor(TENON_F32, {4}), undefined).difference.empty());
}

TEST(Compare, CertainNaNsMustBeNaN) {
  Truth exact = truthOf(Arithmetic::Exact, tensor(TENON_F32, {kNaN, kNaN}), true);
  exact.certainNaNs.push_back(tensor(TENON_F64, {1, 0}));
  Verdict lost = compareOne(tensor(TENON_F32, {0, 0}), exact);
  EXPECT_NE(lost.difference.find("element 0"), std::string::npos) << lost.difference;
  Verdict kept = compareOne(tensor(TENON_F32, {kNaN, 0}), exact);
  EXPECT_TRUE(kept.difference.empty()) << kept.difference;
  EXPECT_EQ(kept.conclusive, 1u);
  Truth bound = truthOf(Arithmetic::Bound, tensor(TENON_F32, {kNaN, 1}), true);
  bound.bounds.push_back(tensor(TENON_F64, {kInfinity, 0.25}));
  bound.certainNaNs.push_back(tensor(TENON_F64, {1, 0}));
  EXPECT_FALSE(compareOne(tensor(TENON_F32, {7, 1}), bound).difference.empty());
  EXPECT_TRUE(compareOne(tensor(TENON_F32, {kNaN, 1}), bound).difference.empty());
}

TEST(Compare, InfinitiesAreNumbers) {
  Truth truth = truthOf(Arithmetic::Exact, tensor(TENON_F32, {-kInfinity, 3}), true);
  EXPECT_TRUE(compareOne(tensor(TENON_F32, {-kInfinity, 3}), truth).difference.empty());
  EXPECT_FALSE(compareOne(tensor(TENON_F32, {kInfinity, 3}), truth).difference.empty());
  EXPECT_FALSE(compareOne(tensor(TENON_F32, {0, 3}), truth).difference.empty());
}

TEST(Compare, BoundsAllowBothSidesTheirError) {
  Truth truth = truthOf(Arithmetic::Bound, tensor(TENON_F32, {8, 8, 8}));
  truth.bounds.push_back(tensor(TENON_F64, {0.5, 0.5, 0.5}));
  EXPECT_TRUE(compareOne(tensor(TENON_F32, {9, 7, 8}), truth).difference.empty());
  Verdict far = compareOne(tensor(TENON_F32, {9, 9.5, 8}), truth);
  EXPECT_NE(far.difference.find("element 1"), std::string::npos) << far.difference;
  EXPECT_FALSE(compareOne(tensor(TENON_F32, {9, kNaN, 8}), truth).difference.empty());
}

TEST(Compare, BoundsThatSayNothingAreInconclusive) {
  Truth truth = truthOf(Arithmetic::Bound, tensor(TENON_F32, {1, 1, 8}));
  truth.bounds.push_back(tensor(TENON_F64, {0.5, kInfinity, 0}));
  Verdict verdict = compareOne(tensor(TENON_F32, {1, 1000, 8}), truth);
  EXPECT_TRUE(verdict.difference.empty()) << verdict.difference;
  EXPECT_EQ(verdict.inconclusive, 1u);
  EXPECT_EQ(verdict.conclusive, 0u);
}

TEST(Compare, EmptyResultsCountForNothingButTheirShape) {
  Truth truth = truthOf(Arithmetic::Ring, tensor(TENON_I8, {}));
  Verdict same = compareOne(tensor(TENON_I8, {}), truth);
  EXPECT_TRUE(same.difference.empty());
  EXPECT_EQ(same.conclusive + same.inconclusive, 0u);
  EXPECT_FALSE(compareOne(tensor(TENON_I8, {1}), truth).difference.empty());
  EXPECT_FALSE(compareWithTruth({}, truth).difference.empty());
}

TEST(Compare, BitsTakeAnyNaNAndZero) {
  llvm::SmallVector<HostTensor> before, after;
  before.push_back(tensor(TENON_F64, {kNaN, 1, 0.0}));
  after.push_back(tensor(TENON_F64, {-kNaN, 1, 0.0}));
  EXPECT_TRUE(compareBits(after, before).difference.empty());
  after[0].set(2, -0.0);
  EXPECT_TRUE(compareBits(after, before).difference.empty());
  after[0].set(1, std::nextafter(1.0, 2.0));
  EXPECT_FALSE(compareBits(after, before).difference.empty());
}

HostTensor complexTensor(std::complex<double> value) {
  Result<HostTensor> made = HostTensor::zeros({TENON_C64}, std::vector<int64_t>{1});
  EXPECT_TRUE(made);
  made->set(0, value);
  return std::move(*made);
}

Verdict compareBitsOf(std::complex<double> found, std::complex<double> before) {
  llvm::SmallVector<HostTensor> after, earlier;
  after.push_back(complexTensor(found));
  earlier.push_back(complexTensor(before));
  return compareBits(after, earlier);
}

TEST(Compare, BitsAskOfComplexNumbersThatAreNotFiniteThatAlone) {
  // z times 1 by four products, and z: of x + i inf, x + i NaN, -inf - i inf.
  const std::complex<double> products[] = {{kNaN, kInfinity}, {kNaN, kNaN}, {kNaN, kNaN}};
  const std::complex<double> factors[] = {{3, kInfinity}, {3, kNaN}, {-kInfinity, -kInfinity}};
  for (auto [product, factor] : llvm::zip_equal(products, factors)) {
    for (const Verdict &verdict :
         {compareBitsOf(factor, product), compareBitsOf(product, factor)}) {
      EXPECT_TRUE(verdict.difference.empty()) << verdict.difference;
      EXPECT_EQ(verdict.inconclusive, 1u);
    }
    // Nothing makes a finite number of it.
    EXPECT_FALSE(compareBitsOf({3, 4}, factor).difference.empty());
    EXPECT_FALSE(compareBitsOf(factor, {3, 4}).difference.empty());
  }
  // A part that is no NaN on either side is what it was.
  EXPECT_FALSE(compareBitsOf({kInfinity, 2}, {kInfinity, -2}).difference.empty());
  EXPECT_FALSE(compareBitsOf({3, kInfinity}, {3, -kInfinity}).difference.empty());
  EXPECT_FALSE(compareBitsOf({kNaN, kInfinity}, {3, -kInfinity}).difference.empty());
  EXPECT_TRUE(compareBitsOf({kInfinity, 2}, {kInfinity, 2}).difference.empty());
  EXPECT_EQ(compareBitsOf({kInfinity, 2}, {kInfinity, 2}).inconclusive, 0u);
  EXPECT_TRUE(compareBitsOf({3, -0.0}, {3, 0.0}).difference.empty());
  EXPECT_FALSE(compareBitsOf({3, 5}, {3, 4}).difference.empty());
  // A real NaN stays one.
  llvm::SmallVector<HostTensor> before, after;
  before.push_back(tensor(TENON_F64, {kNaN}));
  after.push_back(tensor(TENON_F64, {-kInfinity}));
  EXPECT_FALSE(compareBits(after, before).difference.empty());
}

/// By the four products of the definition: operator* may look for infinities afterwards.
std::complex<double> multiply(std::complex<double> a, std::complex<double> b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

TEST(Compare, BitsAllowThatOneIsNoFactor) {
  std::vector<std::complex<double>> numbers;
  const double parts[] = {0.0, -0.0, 1, -3, kInfinity, -kInfinity, kNaN};
  for (double real : parts)
    for (double imaginary : parts)
      numbers.emplace_back(real, imaginary);
  for (std::complex<double> z : numbers)
    for (std::complex<double> w : numbers) {
      std::complex<double> same = multiply(z, {1, 0});
      for (const Verdict &verdict :
           {compareBitsOf(z, same), compareBitsOf(multiply(z, w), multiply(same, w)),
            compareBitsOf(z + w, same + w), compareBitsOf(std::conj(z), std::conj(same))})
        EXPECT_TRUE(verdict.difference.empty()) << z << w << ": " << verdict.difference;
    }
}

} // namespace
