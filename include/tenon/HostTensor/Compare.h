//===- Compare.h - How far two host tensors are apart -------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Exact comparison and the largest absolute and relative error.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/HostTensor/HostTensor.h"

namespace tenon {

/// Same type, shape and bits. Two NaNs of equal bits are equal, 0.0 and -0.0 are not.
bool bitwiseEqual(const HostTensor &a, const HostTensor &b);

struct Comparison {
  /// max |actual - expected|; complex values by the modulus of the difference. Infinite where
  /// exactly one side is NaN or an infinity meets anything but its like; equal infinities and
  /// pairs of NaN count as 0.
  double maxAbsolute = 0;
  /// max |actual - expected| / |expected| over elements with a non-zero difference; infinite where
  /// `expected` is 0.
  double maxRelative = 0;
  /// ||actual - expected|| / ||expected|| in the Frobenius norm: 0 when both are 0.
  double normwise = 0;
  /// Linear position of the largest absolute error; -1 when the tensors are equal.
  int64_t worst = -1;
};

/// Compares elementwise as numbers; element types may differ. Integers are compared exactly
/// before the difference is rounded to double. Fails when the shapes differ. O(elements).
Result<Comparison> compare(const HostTensor &actual, const HostTensor &expected);

} // namespace tenon
