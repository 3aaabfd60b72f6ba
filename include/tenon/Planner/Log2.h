//===- Log2.h - Costs that never overflow -----------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Sizes and costs of tensor networks leave the range of any number type: a hundred indices of
// extent 2^17 already pass 2^1023. Searches therefore compare logarithms to base 2, and linear
// figures are doubles that saturate at the largest finite value. Products and sums of integers
// below 2^53 are exact.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cmath>
#include <limits>

namespace tenon::planner {

/// log2 of zero: the cost of doing nothing.
inline constexpr double log2Zero = -std::numeric_limits<double>::infinity();

/// `value` clamped to the largest finite double.
inline double saturate(double value) {
  constexpr double largest = std::numeric_limits<double>::max();
  return value < largest ? value : largest;
}

/// log2(2^a + 2^b), for any a and b including `log2Zero`.
inline double log2Add(double a, double b) {
  double high = a > b ? a : b;
  double low = a > b ? b : a;
  if (low == log2Zero)
    return high;
  return high + std::log2(1.0 + std::exp2(low - high));
}

/// Sums numbers given by their logarithms. Keeps a scaled mantissa, so that n additions cost
/// one logarithm at the end.
class Log2Sum {
public:
  void add(double log2Term) {
    if (log2Term == log2Zero)
      return;
    if (log2Term > scale) {
      mantissa = scale == log2Zero ? 1.0 : mantissa * std::exp2(scale - log2Term) + 1.0;
      scale = log2Term;
    } else {
      mantissa += std::exp2(log2Term - scale);
    }
  }
  double log2() const { return scale == log2Zero ? log2Zero : scale + std::log2(mantissa); }

private:
  double scale = log2Zero;
  double mantissa = 0;
};

} // namespace tenon::planner
