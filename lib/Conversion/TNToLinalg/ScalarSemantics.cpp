//===- ScalarSemantics.cpp - The semiring on single elements ----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ScalarSemantics.h"

#include "tenon/Support/SeededBug.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

Value tn::emitScalarConstant(OpBuilder &builder, Location loc, Type type, Attribute value) {
  if (isa<ComplexType>(type))
    return complex::ConstantOp::create(builder, loc, type, cast<ArrayAttr>(value));
  return arith::ConstantOp::create(builder, loc, cast<TypedAttr>(value));
}

Value tn::emitWiden(OpBuilder &builder, Location loc, Value value, Type to, bool isUnsigned) {
  Type from = value.getType();
  if (from == to)
    return value;
  if (auto complexTo = dyn_cast<ComplexType>(to)) {
    Type part = complexTo.getElementType();
    Value real, imaginary;
    if (isa<ComplexType>(from)) {
      real = emitWiden(builder, loc, complex::ReOp::create(builder, loc, value), part, isUnsigned);
      imaginary = emitWiden(builder, loc, complex::ImOp::create(builder, loc, value), part, isUnsigned);
    } else {
      real = emitWiden(builder, loc, value, part, isUnsigned);
      imaginary = arith::ConstantOp::create(builder, loc, builder.getFloatAttr(part, 0.0));
    }
    return complex::CreateOp::create(builder, loc, to, real, imaginary);
  }
  if (isa<FloatType>(to))
    return arith::ExtFOp::create(builder, loc, to, value);
  if ((isUnsigned && !isSeeded(SeededBug::SignednessSwapped)) || from.isInteger(1))
    return arith::ExtUIOp::create(builder, loc, to, value);
  return arith::ExtSIOp::create(builder, loc, to, value);
}

Value tn::emitRound(OpBuilder &builder, Location loc, Value value, Type to) {
  if (value.getType() == to)
    return value;
  if (auto complexTo = dyn_cast<ComplexType>(to)) {
    Type part = complexTo.getElementType();
    Value real = arith::TruncFOp::create(builder, loc, part, complex::ReOp::create(builder, loc, value));
    Value imaginary = arith::TruncFOp::create(builder, loc, part, complex::ImOp::create(builder, loc, value));
    return complex::CreateOp::create(builder, loc, to, real, imaginary);
  }
  return arith::TruncFOp::create(builder, loc, to, value);
}

Value tn::emitMultiply(OpBuilder &builder, Location loc, Semiring semiring, Value a, Value b) {
  Type type = a.getType();
  bool isFloat = isa<FloatType>(type);
  switch (semiring) {
  case Semiring::PlusTimes:
  case Semiring::MaxTimes:
    if (isa<ComplexType>(type))
      return complex::MulOp::create(builder, loc, a, b);
    if (isFloat)
      return arith::MulFOp::create(builder, loc, a, b);
    if (type.isInteger(1))
      return arith::AndIOp::create(builder, loc, a, b);
    return arith::MulIOp::create(builder, loc, a, b);
  case Semiring::MaxPlus:
  case Semiring::MinPlus:
    if (isFloat)
      return arith::AddFOp::create(builder, loc, a, b);
    return arith::AddIOp::create(builder, loc, a, b);
  case Semiring::OrAnd:
    return arith::AndIOp::create(builder, loc, a, b);
  }
  llvm_unreachable("all semirings are handled");
}

Value tn::emitAdd(OpBuilder &builder, Location loc, Semiring semiring, bool isUnsigned, Value a, Value b) {
  Type type = a.getType();
  bool isFloat = isa<FloatType>(type);
  switch (semiring) {
  case Semiring::PlusTimes:
    if (isa<ComplexType>(type))
      return complex::AddOp::create(builder, loc, a, b);
    if (isFloat)
      return arith::AddFOp::create(builder, loc, a, b);
    if (type.isInteger(1))
      return arith::XOrIOp::create(builder, loc, a, b);
    return arith::AddIOp::create(builder, loc, a, b);
  case Semiring::MaxPlus:
  case Semiring::MaxTimes:
    if (isFloat)
      return arith::MaximumFOp::create(builder, loc, a, b);
    if (isUnsigned)
      return arith::MaxUIOp::create(builder, loc, a, b);
    return arith::MaxSIOp::create(builder, loc, a, b);
  case Semiring::MinPlus:
    if (isFloat)
      return arith::MinimumFOp::create(builder, loc, a, b);
    if (isUnsigned)
      return arith::MinUIOp::create(builder, loc, a, b);
    return arith::MinSIOp::create(builder, loc, a, b);
  case Semiring::OrAnd:
    return arith::OrIOp::create(builder, loc, a, b);
  }
  llvm_unreachable("all semirings are handled");
}
