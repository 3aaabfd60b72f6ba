//===- Rearrangement.h - Tensors that a step takes in other orders -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Codegen/CPU/ContractionShape.h"

#include <array>
#include <optional>
#include <vector>

namespace tenon::quick {

/// Tensors of a contraction that are better copied: operands before it, the result after it.
struct Rearrangement {
  /// For A, B and C ContractionDim::index of the dimensions in the order in which the kernel should
  /// have them, outermost first; those of one index are left out. Empty: the tensor stays.
  std::array<std::vector<int64_t>, 3> orders;
};

/// Where little is done for each element of the larger operand, what counts is that it is read in
/// vectors, in its own order. Kernels that do not pack read vectors along its innermost dimension
/// only if the other tensors that have this dimension lie side by side along it, too. The result is
/// smaller than what is read for it, the other operand no larger: where either does not suit, a
/// copy of it that does takes less time than gathering. Products of a batch whose dimensions lie in
/// any order become matrices, but for tensors of which full vectors lie side by side with another
/// one: these are as fast as they are.
///
/// `strategy`: of the kernel that the contraction has as it is. `shape` has unit strides where
/// memory does; `lanes` are the elements of a vector. O(d log d) in the number of dimensions.
std::optional<Rearrangement> chooseRearrangement(const cpu::ContractionShape &shape,
                                                 cpu::KernelStrategy strategy, int64_t lanes);

} // namespace tenon::quick
