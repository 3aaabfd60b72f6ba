//===- ShortRun.h - Where a contiguous dimension is cut -----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The compiler, when it measures an order of dimensions, and the runtime, when it knows the strides
// of a call, cut alike.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cstdint>

namespace tenon::runtime {

/// The extent of a short run of `extent` elements that divides it and suits vectors: at most 60, a
/// multiple of 4, preferably 16. 0 when there is none.
constexpr int64_t shortRun(int64_t extent) {
  for (int64_t run : {16, 24, 40, 56, 8, 20, 12, 28, 36, 44, 52, 60, 4})
    if (extent % run == 0)
      return run;
  return 0;
}

/// Whether k is cut where A and B are contiguous along different dimensions of it: panels are then
/// packed from several blocks of k.
constexpr bool cutsSteps(int64_t m, int64_t n, int64_t k) { return m >= 8 && n >= 8 && k >= 1024; }

} // namespace tenon::runtime
