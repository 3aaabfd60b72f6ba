//===- ElementRules.h - Element types and semirings of genomes ----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// docs/spec.md, "Values" and "Semirings", for the types of a genome. No MLIR; a unit test holds the
// rules to those of the dialect.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Genome.h"

#include <optional>

namespace tenon::fuzz {

inline constexpr unsigned kNumElements = 12;
inline constexpr unsigned kNumSemirings = 5;
inline constexpr unsigned kNumContents = 9;
inline constexpr unsigned kNumMapOps = 6;
inline constexpr unsigned kNumForms = 2;

/// F16, BF16, F32, F64.
bool isRealFloat(Element element);
bool isComplex(Element element);
inline bool isFloating(Element element) { return isRealFloat(element) || isComplex(element); }
/// I1 … I64 and Index.
inline bool isInteger(Element element) { return !isFloating(element); }
/// Of integers: 1 … 64.
unsigned bitsOf(Element element);

/// The format of a real float, or of the parts of a complex one.
struct FloatRange {
  int precision;    ///< bits of the significand, the leading one included: 11, 8, 24, 53
  double unit;      ///< unit roundoff, 2^-precision
  double largest;   ///< finite
  double subnormal; ///< the smallest positive one
};
FloatRange floatRangeOf(Element element);

bool widensTo(Element from, Element to);
bool roundsTo(Element accumulation, Element result);
bool isLegalSemiring(Semiring semiring, Element element);
/// The least type that both widen to; nothing where there is none.
std::optional<Element> joinOf(Element a, Element b);
/// Whether arith.extf, arith.extsi or arith.extui takes the one to the other.
bool extendsTo(Element from, Element to);

inline bool isTropical(Semiring semiring) {
  return semiring == Semiring::MaxPlus || semiring == Semiring::MinPlus;
}

} // namespace tenon::fuzz
