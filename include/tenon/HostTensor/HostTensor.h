//===- HostTensor.h - A tensor that the host owns -----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A row-major contiguous array with a shape and an element type: what the interpreter computes
// on, what files are read into and what compiled networks are called with. Values are little
// endian in memory, as on every host that Tenon supports.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/HostTensor/ElementType.h"
#include "tenon/HostTensor/Result.h"

#include <complex>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace tenon {

/// One element, exactly: signed integers and bool as int64_t, unsigned ones as uint64_t, every
/// float format as double (which holds all of them), complex as a pair of doubles.
using Scalar = std::variant<int64_t, uint64_t, double, std::complex<double>>;

/// The number of elements of `shape`, or nothing when an extent is negative or the product
/// exceeds 2^63 - 1. An extent of 0 makes the product 0 whatever the others are.
std::optional<int64_t> countElements(std::span<const int64_t> shape);

/// "3x4xf32", "f64" for rank 0.
std::string describeType(std::span<const int64_t> shape, ElementType type);

class HostTensor {
public:
  /// A tensor of rank 1 with no element.
  HostTensor();
  /// What was moved from has no element.
  HostTensor(HostTensor &&other);
  HostTensor &operator=(HostTensor &&other);

  /// All elements zero. Fails on a negative extent, on a size past 2^63 - 1 bytes, and when the
  /// allocation fails. O(bytes).
  static Result<HostTensor> zeros(ElementType type, std::span<const int64_t> shape);
  /// The elements in row-major order; fails when `values` has another count than `shape`.
  static Result<HostTensor> fromValues(ElementType type, std::span<const int64_t> shape,
                                       std::span<const Scalar> values);
  /// A copy with a buffer of its own; fails when the allocation fails.
  Result<HostTensor> clone() const;

  ElementType type() const { return elementType; }
  std::span<const int64_t> shape() const { return extents; }
  int64_t rank() const { return static_cast<int64_t>(extents.size()); }
  int64_t size() const { return elements; }

  /// The elements as they lie in memory, size() * byteWidth bytes, aligned to 64.
  std::span<const std::byte> bytes() const;
  std::span<std::byte> bytes();
  const void *data() const { return buffer.get(); }
  void *data() { return buffer.get(); }

  /// Element at a row-major linear position in [0, size()).
  Scalar get(int64_t index) const;
  /// Stores `value` converted to the element type: floats are rounded once to nearest even,
  /// integers keep their low bits, a float becomes an integer by truncation toward zero with
  /// saturation (NaN becomes 0), anything but zero is true, a complex value loses its imaginary
  /// part when the element is real.
  void set(int64_t index, const Scalar &value);

  /// The linear position of `indices`, one per dimension, each within its extent.
  int64_t linearIndex(std::span<const int64_t> indices) const;

  /// Gives the tensor another shape of the same number of elements; fails otherwise.
  Status reshape(std::span<const int64_t> shape);
  /// Reads the same bits as signed or unsigned from here on; only for I8 … I64.
  void setUnsigned(bool isUnsigned);

private:
  struct Free {
    void operator()(void *pointer) const { std::free(pointer); }
  };

  ElementType elementType;
  std::vector<int64_t> extents;
  int64_t elements = 0;
  std::unique_ptr<void, Free> buffer;
};

} // namespace tenon
