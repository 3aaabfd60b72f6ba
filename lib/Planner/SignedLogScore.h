//===- SignedLogScore.h - Differences of sizes, as logarithms ----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the planner: the score of greedy searches.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <algorithm>
#include <cmath>

namespace tenon::planner {

/// sign(x) log2(1 + |x|) for x = 2^out - alpha (2^a + 2^b), in the order of x, also where the
/// powers overflow. `operands` is 2^a + 2^b; alpha is below 2^16.
inline double signedLogScore(double out, double a, double b, double operands, double alpha) {
  // The operands are below the last digit of most results.
  constexpr double farAbove = 80;
  if (out > std::max(a, b) + farAbove)
    return out;
  double high = std::max({out, a, b});
  if (high < 1000) {
    double x = std::exp2(out) - alpha * operands;
    return std::copysign(std::log2(1 + std::fabs(x)), x);
  }
  double x = std::exp2(out - high) - alpha * (std::exp2(a - high) + std::exp2(b - high));
  return std::copysign(std::max(high + std::log2(std::fabs(x)), 0.0), x);
}

inline double signedLogScore(double out, double a, double b, double alpha) {
  return signedLogScore(out, a, b, std::exp2(a) + std::exp2(b), alpha);
}

} // namespace tenon::planner
