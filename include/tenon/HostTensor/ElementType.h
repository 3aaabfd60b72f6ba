//===- ElementType.h - What one element of a host tensor is -------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The element types of the C ABI (tenon_dtype) with the one thing that they leave open: whether
// an integer is to be read as unsigned.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon-c/Runtime.h"

#include <cstdint>
#include <string_view>

namespace tenon {

struct ElementType {
  tenon_dtype dtype = TENON_F32;
  /// Only for I8 … I64: values, text and files take the bits as unsigned.
  bool isUnsigned = false;

  /// Bytes of one element; 0 when `dtype` is not one of the enumerators.
  int64_t byteWidth() const;
  bool isFloat() const;
  bool isComplex() const;
  /// True for I8 … I64, false for BOOL.
  bool isInteger() const;
  bool isBool() const { return dtype == TENON_BOOL; }
  /// Bits of an integer's value: 1 for BOOL, 8 … 64; 0 for the other types.
  unsigned integerBits() const;
  /// "f32", "c64", "bool", "i8", "u8", …; "invalid" for a dtype outside the enumeration.
  std::string_view name() const;

  bool operator==(const ElementType &) const = default;
};

} // namespace tenon
