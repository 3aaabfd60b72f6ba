//===- Scaling.h - Exponents of intermediates ---------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A network that is linear in each operand stays right when an intermediate is multiplied by a
// power of two, if the results are multiplied by its inverse. A scaled run does that: after each
// contraction into the arena it looks at the largest magnitude of the result, and where that has
// left a window around 1, takes a power of two out. What stands in memory, times two to its
// exponent, is the intermediate; a contraction adds the exponents of its operands, all else hands
// them on. So neither overflows nor vanishes what a network computes on the way, as long as one
// step does not leave the range of the type by itself.
//
// Which exponent belongs to what a step reads follows from the step that wrote it. That is found
// once, for a schedule without loops, in which every step reads what one other step wrote whole.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Array.h"
#include "ScheduleImage.h"

#include <optional>

namespace tenon::runtime {

/// Numbers that lie side by side in the arena.
struct NumberRange {
  int64_t byteOffset;
  uint64_t count;
  int32_t dtype; ///< TENON_F32 or TENON_F64; a complex number is two
};

class ScalingPlan {
public:
  /// Finds what reads what. Time and memory linear in the steps, but for reads that look back
  /// over steps to find their writer. False when memory is out.
  [[nodiscard]] bool prepare(const ScheduleImage &image);

  /// Whether scaled runs are possible: no loops, no sums into what is there, no narrow types.
  bool isPossible() const { return possible; }

  /// The exponent of what step `number` writes, before it is rescaled.
  int64_t exponentOf(uint64_t number, const Array<int64_t> &exponents) const {
    int64_t sum = 0;
    for (uint64_t i = 0; i < kReads; ++i)
      if (int64_t writer = reads[number * kReads + i]; writer >= 0)
        sum += exponents[static_cast<uint64_t>(writer)];
    return sum;
  }
  /// What is rescaled after step `number`: a contraction's result in the arena.
  std::optional<NumberRange> rescaledNumbers(uint64_t number) const {
    return rescaled[number].count ? std::optional(rescaled[number]) : std::nullopt;
  }
  /// The step that writes output `number`, or -1.
  int64_t writerOfOutput(uint64_t number) const { return outputs[number]; }

private:
  static constexpr uint64_t kReads = 2;

  bool possible = false;
  Array<int64_t>
      reads; ///< of each step, the steps that wrote what it reads; -1: an input or constant
  Array<NumberRange> rescaled; ///< of each step; count 0: nothing
  Array<int64_t> outputs;      ///< of each output, the step that writes it
};

/// Takes a power of two out of `count` numbers of type TENON_F32 or TENON_F64, where the largest
/// magnitude has left the window; returns its exponent. Zeros, infinities and NaN stay as they are.
int64_t rescale(int32_t dtype, void *data, uint64_t count);

/// The exponent of the largest magnitude of a tensor of any strides, as frexp says it; of complex
/// numbers that of the larger part. 0 where that is zero or not finite, and for types other than
/// TENON_F32, F64, C64 and C128.
int64_t exponentOfLargest(const tenon_tensor &tensor);

/// Brings the largest magnitude into [1/2, 1); returns the exponent that was taken out.
int64_t normalize(const tenon_tensor &tensor);

/// Whether a tensor may be read by a scaled run as it is.
bool isInWindow(const tenon_tensor &tensor);

} // namespace tenon::runtime
