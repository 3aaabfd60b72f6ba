//===- ExtentProduct.h - Products that can be divided again -----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to lib/Planner. Sizes of tensors that change by one index at a time, in any order and any
// number of times, without rounding.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Log2.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <span>

namespace tenon::planner {

/// Logarithms as multiples of a power of two, so that sums are exact and do not depend on their
/// order. It is as small as leaves room for twice the sum of all.
class Log2Grid {
public:
  explicit Log2Grid(std::span<const double> logs) {
    double sum = 1;
    for (double log2 : logs)
      sum += log2;
    constexpr int mostBits = 52, room = 61;
    perBit = std::exp2(std::min(mostBits, room - std::ilogb(2 * sum) - 1));
    bit = 1 / perBit;
  }
  int64_t multiple(double log2) const { return std::llround(log2 * perBit); }
  double log2(int64_t multiple) const { return static_cast<double>(multiple) * bit; }

private:
  /// Units in a bit, and the reverse.
  double perBit, bit;
};

/// A product of extents. Extents of 0 count as 1 in its logarithm and as 0 in its value.
class ExtentProduct {
public:
  ExtentProduct() = default;
  ExtentProduct(int64_t extent, double log2, const Log2Grid &grid) : log(grid.multiple(log2)) {
    if (extent == 0) {
      zeros = 1;
      return;
    }
    twos = std::countr_zero(static_cast<uint64_t>(extent));
    odd = static_cast<uint64_t>(extent) >> twos;
  }

  ExtentProduct &operator*=(const ExtentProduct &other) {
    log += other.log;
    odd *= other.odd;
    twos += other.twos;
    zeros += other.zeros;
    return *this;
  }
  ExtentProduct inverse() const {
    ExtentProduct result;
    result.log = -log;
    // Newton's iteration: x x = 1 (mod 8) for odd x, and each round doubles the bits.
    result.odd = odd;
    for (int bits = 3; bits < 64; bits *= 2)
      result.odd *= 2 - odd * result.odd;
    result.twos = -twos;
    result.zeros = -zeros;
    return result;
  }

  double log2(const Log2Grid &grid) const { return grid.log2(log); }
  /// Exact below 2^62; above, as exact as the logarithm.
  double value(const Log2Grid &grid) const {
    if (zeros > 0)
      return 0;
    constexpr double exactBelow = 62;
    double log2 = grid.log2(log);
    return log2 < exactBelow ? static_cast<double>(odd << twos) : saturate(std::exp2(log2));
  }

private:
  int64_t log = 0;
  /// The part without twos, modulo 2^64, where odd numbers have inverses: a product that is below
  /// 2^64 is known, however large it was in between.
  uint64_t odd = 1;
  int32_t twos = 0;
  int32_t zeros = 0;
};

} // namespace tenon::planner
