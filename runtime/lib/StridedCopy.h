//===- StridedCopy.h - Copies and fills of strided arrays ---------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A copy is planned once for given strides: dimensions of one element are dropped, the others
// sorted by their stride in the destination and merged where both sides allow it. What remains
// decides between whole rows, a blocked transpose and plain strided loops.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cstdint>

namespace tenon::runtime {

/// Copies of fewer bytes are done before a second thread has woken up.
inline constexpr int64_t kSharedCopyBytes = int64_t(1) << 20;

/// Strides in bytes, of any sign.
struct CopyDim {
  int64_t extent;
  int64_t from;
  int64_t to;
};

struct CopyPlan {
  int32_t rank = 0;
  int32_t elementBytes = 0; ///< 1, 2, 4, 8 or 16
  int64_t fromOffset = 0;   ///< bytes to add to the addresses of element (0, …, 0)
  int64_t toOffset = 0;
  int64_t bytes = 0;    ///< of all elements; 0: nothing to do
  int32_t splitDim = 0; ///< the dimension along which threads share the work
};

/// Turns `rank` dimensions (overwritten, at most 64) into a plan. For a fill, `from` is 0.
CopyPlan planCopy(CopyDim *dims, int32_t rank, int32_t elementBytes);

/// Copies part number `part` of `parts`. The arrays must not overlap.
void runCopy(const CopyPlan &plan, const CopyDim *dims, const void *from, void *to, int32_t part,
             int32_t parts);

/// Stores the first plan.elementBytes bytes of `element` in every element of a part.
void runFill(const CopyPlan &plan, const CopyDim *dims, const void *element, void *to, int32_t part,
             int32_t parts);

/// Part `part` of `parts` of the numbers below `count`: [begin, end). Sizes differ by at most one.
struct PartRange {
  int64_t begin, end;
};
inline PartRange partOf(int64_t count, int32_t part, int32_t parts) {
  int64_t each = count / parts, rest = count % parts;
  auto start = [&](int64_t p) { return p * each + (p < rest ? p : rest); };
  return {start(part), start(int64_t(part) + 1)};
}

} // namespace tenon::runtime
