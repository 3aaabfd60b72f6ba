//===- StepProfile.h - What each step of a network took -----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tenon {

/// A step of a schedule that computes or moves something, and what it took in one run of the network.
struct StepProfile {
  /// Strategy and shape: `packed 12x32: A m64 k32, B k32 n128, C m64 n128` lists the dimensions of
  /// each operand as they lie in memory, outermost first: b of a batch, m of A and C, n of B and C,
  /// k summed; neighbours of one kind are multiplied.
  std::string text;
  int64_t runs = 0;       ///< more than one in a loop
  double seconds = 0;     ///< of all of these
  double operations = 0;  ///< multiply-adds of one of them
  double bytes = 0;       ///< of the operands of one of them, each counted once
  bool isComplex = false; ///< a multiply-add is eight real operations, and not two
};

/// The steps of a table that was loaded, without times: an entry for each step, those of loops with
/// an empty text. `kernels` are texts for its kernels. Linear time.
std::vector<StepProfile> describeSteps(const void *table, const std::vector<std::string> &kernels);

} // namespace tenon
