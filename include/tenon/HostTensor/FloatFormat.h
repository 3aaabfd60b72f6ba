//===- FloatFormat.h - Rounding to the narrow float formats -------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// IEEE binary16 and bfloat16 as bit patterns. Encoding rounds once, from double, to nearest with
// ties to even, through subnormals to zero and past the largest finite value to infinity
// (IEEE 754-2019, 4.3.1). A NaN stays a NaN, is made quiet, and keeps its sign and the leading
// bits of its payload.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cstdint>

namespace tenon {

uint16_t encodeF16(double value);
double decodeF16(uint16_t bits);
uint16_t encodeBF16(double value);
double decodeBF16(uint16_t bits);

} // namespace tenon
