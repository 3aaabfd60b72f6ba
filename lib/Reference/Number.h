//===- Number.h - One scalar inside the interpreter ---------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A value of any scalar type, exactly. The type is known from the IR and not stored with it.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/HostTensor/HostTensor.h"

#include "mlir/IR/Types.h"
#include "llvm/ADT/APFloat.h"

#include <optional>

namespace tenon::reference {

struct Number {
  /// Integers: the bits, zero-extended from the width.
  uint64_t bits = 0;
  /// Floats: the value in `re`. Complex: both. Always representable in the type.
  double re = 0;
  double im = 0;

  static Number integer(uint64_t bits) { return {bits, 0, 0}; }
  static Number real(double value) { return {0, value, 0}; }
  static Number complex(double re, double im) { return {0, re, im}; }
};

struct NumberType {
  enum class Kind : uint8_t { Integer, F16, BF16, F32, F64, C64, C128 };
  Kind kind = Kind::Integer;
  /// Bits of an integer, 1 to 64; index has 64.
  uint8_t width = 64;

  /// Nothing for a type that the interpreter does not compute with: integers past 64 bits, other
  /// float formats, vectors.
  static std::optional<NumberType> get(mlir::Type type);

  bool isInteger() const { return kind == Kind::Integer; }
  bool isComplex() const { return kind == Kind::C64 || kind == Kind::C128; }
  bool isFloat() const { return !isInteger() && !isComplex(); }
  /// Bits of the representation.
  unsigned bitWidth() const;
  /// The format of a float or of either part of a complex number.
  const llvm::fltSemantics &semantics() const;

  /// `value` rounded once, to nearest even, to the float format of this type or of its parts.
  double round(double value) const;
  uint64_t truncate(uint64_t bits) const {
    return width >= 64 ? bits : bits & ((uint64_t{1} << width) - 1);
  }
  int64_t asSigned(const Number &number) const;

  bool operator==(const NumberType &) const = default;
};

/// Exactly rounded conversions that double alone cannot do.
double roundInteger(NumberType type, uint64_t bits, bool isSigned);
double fusedMultiplyAdd(NumberType type, double a, double b, double c);

/// IEEE 754-2019 maximum and minimum: a NaN wins, and -0 is below +0.
double maximum(double a, double b);
double minimum(double a, double b);

/// The bits of a real or integer value in memory, and back.
uint64_t toBitPattern(NumberType type, const Number &number);
Number fromBitPattern(NumberType type, uint64_t bits);

/// The host type of tensors whose elements have `type`; nothing where there is none (i4, i128).
std::optional<ElementType> hostElementType(mlir::Type type);

Number load(const HostTensor &tensor, int64_t index);
void store(HostTensor &tensor, int64_t index, const Number &number);

} // namespace tenon::reference
