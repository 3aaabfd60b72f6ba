//===- Random.h - Small seeded random numbers -------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The standard library's distributions differ between implementations; these do not, so that
// a seed gives one plan everywhere. Generator: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Support/MixBits.h"

#include <cmath>
#include <cstdint>

namespace tenon::planner {

using tenon::mixBits;

/// The seed of the `number`-th part of a search that was given `seed`.
inline uint64_t deriveSeed(uint64_t seed, uint64_t number) {
  return mixBits(mixBits(seed) ^ mixBits(number + 0x5851f42d4c957f2du));
}

/// 53 random bits as a number in the open interval (0, 1).
inline double toUnit(uint64_t bits) { return (static_cast<double>(bits >> 11) + 0.5) * 0x1p-53; }

/// A standard Gumbel variate. Adding T times one to every score and taking the least is a
/// Boltzmann choice at temperature T (Gumbel-max trick).
inline double toGumbel(uint64_t bits) { return -std::log(-std::log(toUnit(bits))); }

class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}

  uint64_t bits() {
    uint64_t result = mixBits(state);
    state += 0x9e3779b97f4a7c15u;
    return result;
  }
  /// Uniform in (0, 1).
  double unit() { return toUnit(bits()); }
  /// Uniform in [0, bound), for 0 < bound < 2^32.
  uint32_t below(uint32_t bound) {
    return static_cast<uint32_t>(((bits() >> 32) * static_cast<uint64_t>(bound)) >> 32);
  }
  /// exp of a uniform variate between log(low) and log(high), for 0 < low <= high.
  double logUniform(double low, double high) { return low * std::pow(high / low, unit()); }
  double gumbel() { return toGumbel(bits()); }

private:
  uint64_t state;
};

} // namespace tenon::planner
