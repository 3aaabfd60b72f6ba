//===- ElementRules.cpp - Element types and semirings of genomes ----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/ElementRules.h"

namespace tenon::fuzz {

bool isRealFloat(Element element) { return element <= Element::F64; }

bool isComplex(Element element) { return element == Element::C64 || element == Element::C128; }

unsigned bitsOf(Element element) {
  switch (element) {
  case Element::I1:
    return 1;
  case Element::I8:
    return 8;
  case Element::I16:
    return 16;
  case Element::I32:
    return 32;
  default:
    return 64;
  }
}

FloatRange floatRangeOf(Element element) {
  switch (element) {
  case Element::F16:
    return {11, 0x1p-11, 65504.0, 0x1p-24};
  case Element::BF16:
    return {8, 0x1p-8, 0x1.fep127, 0x1p-133};
  case Element::F32:
  case Element::C64:
    return {24, 0x1p-24, 0x1.fffffep127, 0x1p-149};
  default:
    return {53, 0x1p-53, 0x1.fffffffffffffp1023, 0x1p-1074};
  }
}

static Element partOf(Element element) {
  if (element == Element::C64)
    return Element::F32;
  return element == Element::C128 ? Element::F64 : element;
}

static bool realWidensTo(Element from, Element to) {
  if (from == to || to == Element::F64)
    return true;
  return to == Element::F32 && from != Element::F64;
}

bool widensTo(Element from, Element to) {
  if (from == to)
    return true;
  if (isFloating(from) != isFloating(to))
    return false;
  if (isFloating(from)) {
    if (isComplex(from) && !isComplex(to))
      return false;
    return realWidensTo(partOf(from), partOf(to));
  }
  return from != Element::Index && to != Element::Index && bitsOf(from) < bitsOf(to);
}

bool roundsTo(Element accumulation, Element result) {
  return accumulation == result ||
         (isFloating(accumulation) && isComplex(accumulation) == isComplex(result) &&
          widensTo(result, accumulation));
}

bool isLegalSemiring(Semiring semiring, Element element) {
  switch (semiring) {
  case Semiring::PlusTimes:
    return true;
  case Semiring::OrAnd:
    return element == Element::I1;
  default:
    return element != Element::I1 && !isComplex(element);
  }
}

std::optional<Element> joinOf(Element a, Element b) {
  if (widensTo(a, b))
    return b;
  if (widensTo(b, a))
    return a;
  if (!isFloating(a) || !isFloating(b))
    return std::nullopt;
  // f16 and bf16; or a complex number and a wider real one.
  Element part =
      partOf(a) == Element::F64 || partOf(b) == Element::F64 ? Element::F64 : Element::F32;
  if (!isComplex(a) && !isComplex(b))
    return part;
  return part == Element::F64 ? Element::C128 : Element::C64;
}

bool extendsTo(Element from, Element to) {
  return from != to && !isComplex(from) && !isComplex(to) && widensTo(from, to);
}

} // namespace tenon::fuzz
