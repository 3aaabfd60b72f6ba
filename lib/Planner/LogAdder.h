//===- LogAdder.h - Sums of logarithms from a table -------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to lib/Planner.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <algorithm>
#include <array>
#include <cmath>

namespace tenon::planner {

/// log2(2^a + 2^b) from a table, up to 2^-7 too large: for figures that are compared, or known no
/// better than that.
class LogAdder {
public:
  static const LogAdder &get() {
    static const LogAdder adder;
    return adder;
  }
  double operator()(double a, double b) const {
    double high = std::max(a, b), distance = (high - std::min(a, b)) * kSteps + kRounding;
    return distance < kSize ? high + table[static_cast<size_t>(distance)] : high;
  }

private:
  LogAdder() {
    for (size_t i = 0; i < table.size(); ++i)
      table[i] = std::log2(1 + std::exp2(-static_cast<double>(i) / kSteps));
  }

  static constexpr double kSteps = 64;
  /// Whole distances are frequent, where extents are powers of two. A sum of logarithms in another
  /// order must not have the entry before.
  static constexpr double kRounding = 0x1p-24;
  static constexpr size_t kSize = 32 * 64;
  std::array<double, kSize> table;
};

} // namespace tenon::planner
