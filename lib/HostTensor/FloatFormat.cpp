//===- FloatFormat.cpp - Rounding to the narrow float formats -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// One routine for every format that is narrower than double in both fields.
//
//===----------------------------------------------------------------------===//
#include "tenon/HostTensor/FloatFormat.h"

#include <bit>

namespace tenon {
namespace {

/// A binary interchange format of 1 + exponentBits + fractionBits = 16 bits.
struct Format {
  int exponentBits;
  int fractionBits;
  constexpr int bias() const { return (1 << (exponentBits - 1)) - 1; }
  constexpr uint32_t infinity() const { return ((1u << exponentBits) - 1) << fractionBits; }
};

constexpr Format f16{5, 10};
constexpr Format bf16{8, 7};

constexpr int doubleFraction = 52;
constexpr int doubleBias = 1023;

uint16_t encode(Format format, double value) {
  const uint64_t bits = std::bit_cast<uint64_t>(value);
  const uint32_t sign = static_cast<uint32_t>(bits >> 63) << 15;
  const int exponentField = static_cast<int>((bits >> doubleFraction) & 0x7ff);
  const uint64_t fraction = bits & ((uint64_t{1} << doubleFraction) - 1);

  if (exponentField == 0x7ff) {
    if (fraction == 0)
      return static_cast<uint16_t>(sign | format.infinity());
    const uint32_t payload =
        static_cast<uint32_t>(fraction >> (doubleFraction - format.fractionBits));
    return static_cast<uint16_t>(sign | format.infinity() | payload |
                                 (1u << (format.fractionBits - 1)));
  }
  // Doubles below 2^-1022 lie far below half of the smallest subnormal of either format.
  if (exponentField == 0)
    return static_cast<uint16_t>(sign);

  const int exponent = exponentField - doubleBias;
  const uint64_t significand = fraction | (uint64_t{1} << doubleFraction);
  const int minExponent = 1 - format.bias();
  // How many low bits of the significand the result has no room for: more for subnormals.
  int dropped = doubleFraction - format.fractionBits;
  if (exponent < minExponent)
    dropped += minExponent - exponent;
  if (dropped > doubleFraction + 1)
    return static_cast<uint16_t>(sign);

  const uint64_t kept = significand >> dropped;
  const uint64_t rest = significand & ((uint64_t{1} << dropped) - 1);
  const uint64_t half = uint64_t{1} << (dropped - 1);
  const uint64_t rounded = kept + ((rest > half || (rest == half && (kept & 1))) ? 1 : 0);
  // A carry out of the fraction moves into the exponent field by itself, also from the largest
  // subnormal to the smallest normal number and from the largest finite number to infinity.
  uint64_t field = rounded;
  if (exponent >= minExponent)
    field += static_cast<uint64_t>(exponent - minExponent) << format.fractionBits;
  if (field >= format.infinity())
    field = format.infinity();
  return static_cast<uint16_t>(sign | static_cast<uint32_t>(field));
}

double decode(Format format, uint16_t bits) {
  const uint64_t sign = static_cast<uint64_t>(bits >> 15) << 63;
  const uint32_t magnitude = bits & 0x7fff;
  const uint32_t exponentField = magnitude >> format.fractionBits;
  const uint64_t fraction = magnitude & ((1u << format.fractionBits) - 1);
  const int shift = doubleFraction - format.fractionBits;
  if (exponentField == (1u << format.exponentBits) - 1)
    return std::bit_cast<double>(sign | (uint64_t{0x7ff} << doubleFraction) | (fraction << shift));
  if (exponentField == 0) {
    // fraction * 2^(1 - bias - fractionBits), exact in double.
    const int exponent = 1 - format.bias() - format.fractionBits;
    const double unit =
        std::bit_cast<double>(static_cast<uint64_t>(exponent + doubleBias) << doubleFraction);
    const double value = static_cast<double>(fraction) * unit;
    return sign ? -value : value;
  }
  const uint64_t exponent =
      static_cast<uint64_t>(static_cast<int>(exponentField) - format.bias() + doubleBias);
  return std::bit_cast<double>(sign | (exponent << doubleFraction) | (fraction << shift));
}

} // namespace

uint16_t encodeF16(double value) { return encode(f16, value); }
double decodeF16(uint16_t bits) { return decode(f16, bits); }
uint16_t encodeBF16(double value) { return encode(bf16, value); }
double decodeBF16(uint16_t bits) { return decode(bf16, bits); }

} // namespace tenon
