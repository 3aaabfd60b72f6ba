//===- ElementTypes.cpp - Semirings, widening, rounding ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Dialect/TN/IR/TN.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

bool tn::isLegalSemiring(Semiring semiring, Type type) {
  Type part = type;
  if (auto complexType = dyn_cast<ComplexType>(type))
    part = complexType.getElementType();
  bool isComplex = part != type;
  bool isFloat = part.isF32() || part.isF64() || (!isComplex && (part.isF16() || part.isBF16()));
  bool isInteger = type.isIndex() || type.isSignlessInteger(8) || type.isSignlessInteger(16) ||
                   type.isSignlessInteger(32) || type.isSignlessInteger(64);
  switch (semiring) {
  case Semiring::PlusTimes:
    return isFloat || isInteger || type.isSignlessInteger(1);
  case Semiring::MaxPlus:
  case Semiring::MinPlus:
  case Semiring::MaxTimes:
    return isInteger || (isFloat && !isComplex);
  case Semiring::OrAnd:
    return type.isInteger(1);
  }
  return false;
}

static bool floatWidensTo(FloatType from, FloatType to) {
  const llvm::fltSemantics &a = from.getFloatSemantics(), &b = to.getFloatSemantics();
  return APFloat::isRepresentableBy(a, b);
}

bool tn::widensTo(Type from, Type to) {
  if (from == to)
    return true;
  if (auto complexTo = dyn_cast<ComplexType>(to)) {
    if (auto complexFrom = dyn_cast<ComplexType>(from))
      from = complexFrom.getElementType();
    to = complexTo.getElementType();
    return from == to || (isa<FloatType>(from) && widensTo(from, to));
  }
  if (auto floatFrom = dyn_cast<FloatType>(from))
    if (auto floatTo = dyn_cast<FloatType>(to))
      return floatWidensTo(floatFrom, floatTo);
  if (from.isSignlessInteger() && to.isSignlessInteger())
    return from.getIntOrFloatBitWidth() < to.getIntOrFloatBitWidth();
  return false;
}

bool tn::roundsTo(Type accumulation, Type result) {
  if (accumulation == result)
    return true;
  if (auto complexFrom = dyn_cast<ComplexType>(accumulation))
    if (auto complexTo = dyn_cast<ComplexType>(result))
      return roundsTo(complexFrom.getElementType(), complexTo.getElementType());
  return isa<FloatType>(accumulation) && isa<FloatType>(result) && widensTo(result, accumulation);
}

Type tn::joinElementTypes(ArrayRef<Type> types) {
  if (types.empty())
    return {};
  Type join = types.front();
  bool anyComplex = false;
  for (Type type : types) {
    anyComplex |= isa<ComplexType>(type);
    if (widensTo(type, join))
      continue;
    if (widensTo(join, type)) {
      join = type;
      continue;
    }
    // Two types neither of which holds the other, f16 and bf16 or f64 and complex<f32>: the least
    // type that holds both.
    auto partOf = [](Type t) -> Type {
      auto c = dyn_cast<ComplexType>(t);
      return c ? c.getElementType() : t;
    };
    Type a = partOf(join), b = partOf(type);
    if (!isa<FloatType>(a) || !isa<FloatType>(b))
      return {};
    Type part;
    if (widensTo(a, b))
      part = b;
    else if (widensTo(b, a))
      part = a;
    else
      part = Float32Type::get(a.getContext());
    join = isa<ComplexType>(join) || isa<ComplexType>(type) ? Type(ComplexType::get(part)) : part;
  }
  // Complex numbers have parts of f32 or f64.
  if (anyComplex) {
    auto complexType = dyn_cast<ComplexType>(join);
    Type part = complexType ? complexType.getElementType() : join;
    if (!part.isF32() && !part.isF64())
      part = Float32Type::get(part.getContext());
    join = ComplexType::get(part);
  }
  return join;
}

static Attribute makeScalar(Type type, double value) {
  if (auto complexType = dyn_cast<ComplexType>(type)) {
    Type part = complexType.getElementType();
    return ArrayAttr::get(type.getContext(),
                          {FloatAttr::get(part, value), FloatAttr::get(part, 0.0)});
  }
  if (isa<FloatType>(type))
    return FloatAttr::get(type, value);
  return IntegerAttr::get(type, static_cast<int64_t>(value));
}

Attribute tn::getSemiringZero(Semiring semiring, Type type, bool isUnsigned) {
  bool wantsMax = semiring == Semiring::MaxPlus, wantsMin = semiring == Semiring::MinPlus;
  if (!wantsMax && !wantsMin)
    return makeScalar(type, 0.0);
  if (auto floatType = dyn_cast<FloatType>(type))
    return FloatAttr::get(type,
                          APFloat::getInf(floatType.getFloatSemantics(), /*Negative=*/wantsMax));
  unsigned width = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  APInt bound = wantsMax
                    ? (isUnsigned ? APInt::getMinValue(width) : APInt::getSignedMinValue(width))
                    : (isUnsigned ? APInt::getMaxValue(width) : APInt::getSignedMaxValue(width));
  return IntegerAttr::get(type, bound);
}

Attribute tn::getSemiringOne(Semiring semiring, Type type) {
  bool isTropical = semiring == Semiring::MaxPlus || semiring == Semiring::MinPlus;
  if (type.isInteger(1))
    return IntegerAttr::get(type, APInt(1, isTropical ? 0 : 1));
  return makeScalar(type, isTropical ? 0.0 : 1.0);
}

std::optional<int64_t> tn::getNumElements(ArrayRef<int64_t> shape) {
  // A zero extent empties the tensor, however large the others are.
  if (llvm::is_contained(shape, 0))
    return 0;
  int64_t product = 1;
  for (int64_t extent : shape)
    if (llvm::MulOverflow(product, extent, product))
      return std::nullopt;
  return product;
}

int64_t tn::getElementBytes(Type type) {
  if (auto complexType = dyn_cast<ComplexType>(type))
    return 2 * getElementBytes(complexType.getElementType());
  if (type.isIndex())
    return 8;
  return llvm::PowerOf2Ceil(llvm::divideCeil(type.getIntOrFloatBitWidth(), 8));
}
