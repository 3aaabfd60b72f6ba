//===- LaneCost.h - Which operand should give a result's lanes ----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Vectors run along the result's innermost dimension, which comes from one operand. A product of 19
// columns fills half of its vectors along these, and all of them along its rows.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/KernelModel/Blocking.h"

namespace tenon::cpu {

/// Of a processor at 4 GHz.
inline constexpr double kCycleNanoseconds = 0.25;
/// For an element of a panel that is transposed in registers while it is packed.
inline constexpr double kTransposedNanoseconds = 0.3;

/// Which operands are contiguous along a summed dimension.
struct SummedInnermost {
  bool rows = false, lanes = false;
};

/// Nanoseconds of a packed contraction whose lanes run along `sizes.n`, as far as they change when
/// lanes run along m instead: multiply-adds with their padding, and panels that are transposed.
/// Rows are not packed where one tile has all lanes. O(1).
double laneNanoseconds(const SumFormat &sum, const ContractionSizes &sizes, SummedInnermost summed,
                       const Processor &processor);

} // namespace tenon::cpu
