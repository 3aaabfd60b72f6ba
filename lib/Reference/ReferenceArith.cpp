//===- ReferenceArith.cpp - Semantics of the arith dialect ----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Integers wrap at their width. Floats are computed in double and rounded once to the type, which
// for + - * / equals the correctly rounded operation in every format of at most 24 bits of
// precision (Figueroa, When is Double Rounding Innocuous?, SIGNUM 1995).
//
//===----------------------------------------------------------------------===//
#include "ConstantTensors.h"
#include "Evaluator.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>

using namespace mlir;

namespace tenon::reference {
namespace {

LogicalResult integerResult(ScalarCall &call, uint64_t bits) {
  call.out = Number::integer(call.type.truncate(bits));
  return success();
}

LogicalResult floatResult(ScalarCall &call, double value) {
  call.out = Number::real(call.type.round(value));
  return success();
}

int64_t signedOperand(const ScalarCall &call, unsigned position) {
  return call.operandType.asSigned(call.in[position]);
}

// Integer arithmetic.

/// Fails where both MLIR and the hardware leave the result of a division open.
LogicalResult checkDivision(ScalarCall &call, bool isSigned) {
  if (call.in[1].bits == 0)
    return call.evaluator.fail(call.op, "integer division by zero");
  const uint64_t least = call.operandType.truncate(uint64_t{1} << (call.operandType.width - 1));
  if (isSigned && call.in[0].bits == least && signedOperand(call, 1) == -1)
    return call.evaluator.fail(call.op, "the quotient of the least integer and -1 overflows");
  return success();
}

enum class Rounding { TowardZero, Down, Up };

template <Rounding rounding> LogicalResult divideSigned(ScalarCall &call) {
  if (failed(checkDivision(call, /*isSigned=*/true)))
    return failure();
  const int64_t a = signedOperand(call, 0), b = signedOperand(call, 1);
  int64_t quotient = a / b;
  const bool exact = quotient * b == a;
  if (rounding == Rounding::Down && !exact && (a < 0) != (b < 0))
    --quotient;
  if (rounding == Rounding::Up && !exact && (a < 0) == (b < 0))
    ++quotient;
  return integerResult(call, static_cast<uint64_t>(quotient));
}

LogicalResult remainderSigned(ScalarCall &call) {
  if (failed(checkDivision(call, /*isSigned=*/true)))
    return failure();
  return integerResult(call,
                       static_cast<uint64_t>(signedOperand(call, 0) % signedOperand(call, 1)));
}

template <bool roundUp> LogicalResult divideUnsigned(ScalarCall &call) {
  if (failed(checkDivision(call, /*isSigned=*/false)))
    return failure();
  const uint64_t a = call.in[0].bits, b = call.in[1].bits;
  return integerResult(call, a / b + (roundUp && a % b != 0));
}

LogicalResult remainderUnsigned(ScalarCall &call) {
  if (failed(checkDivision(call, /*isSigned=*/false)))
    return failure();
  return integerResult(call, call.in[0].bits % call.in[1].bits);
}

/// A shift by the width or more is poison in MLIR; here every bit leaves.
LogicalResult shiftLeft(ScalarCall &call) {
  const uint64_t amount = call.in[1].bits;
  return integerResult(call, amount >= call.type.width ? 0 : call.in[0].bits << amount);
}

LogicalResult shiftRightUnsigned(ScalarCall &call) {
  const uint64_t amount = call.in[1].bits;
  return integerResult(call, amount >= call.type.width ? 0 : call.in[0].bits >> amount);
}

LogicalResult shiftRightSigned(ScalarCall &call) {
  const uint64_t amount = std::min<uint64_t>(call.in[1].bits, call.type.width - 1);
  return integerResult(call, static_cast<uint64_t>(signedOperand(call, 0) >> amount));
}

LogicalResult compareIntegers(ScalarCall &call) {
  const uint64_t a = call.in[0].bits, b = call.in[1].bits;
  const int64_t x = signedOperand(call, 0), y = signedOperand(call, 1);
  const auto holds = [&] {
    switch (cast<arith::CmpIOp>(call.op).getPredicate()) {
    case arith::CmpIPredicate::eq:
      return a == b;
    case arith::CmpIPredicate::ne:
      return a != b;
    case arith::CmpIPredicate::slt:
      return x < y;
    case arith::CmpIPredicate::sle:
      return x <= y;
    case arith::CmpIPredicate::sgt:
      return x > y;
    case arith::CmpIPredicate::sge:
      return x >= y;
    case arith::CmpIPredicate::ult:
      return a < b;
    case arith::CmpIPredicate::ule:
      return a <= b;
    case arith::CmpIPredicate::ugt:
      return a > b;
    case arith::CmpIPredicate::uge:
      return a >= b;
    }
    return false;
  };
  return integerResult(call, holds());
}

// Floating point.

/// The `num` variants prefer a number to a NaN.
template <double (*choose)(double, double)> LogicalResult ignoringNaN(ScalarCall &call) {
  const double a = call.in[0].re, b = call.in[1].re;
  return floatResult(call, std::isnan(a) ? b : std::isnan(b) ? a : choose(a, b));
}

LogicalResult compareFloats(ScalarCall &call) {
  const double a = call.in[0].re, b = call.in[1].re;
  const bool unordered = std::isnan(a) || std::isnan(b);
  const auto holds = [&] {
    switch (cast<arith::CmpFOp>(call.op).getPredicate()) {
    case arith::CmpFPredicate::AlwaysFalse:
      return false;
    case arith::CmpFPredicate::OEQ:
      return !unordered && a == b;
    case arith::CmpFPredicate::OGT:
      return !unordered && a > b;
    case arith::CmpFPredicate::OGE:
      return !unordered && a >= b;
    case arith::CmpFPredicate::OLT:
      return !unordered && a < b;
    case arith::CmpFPredicate::OLE:
      return !unordered && a <= b;
    case arith::CmpFPredicate::ONE:
      return !unordered && a != b;
    case arith::CmpFPredicate::ORD:
      return !unordered;
    case arith::CmpFPredicate::UEQ:
      return unordered || a == b;
    case arith::CmpFPredicate::UGT:
      return unordered || a > b;
    case arith::CmpFPredicate::UGE:
      return unordered || a >= b;
    case arith::CmpFPredicate::ULT:
      return unordered || a < b;
    case arith::CmpFPredicate::ULE:
      return unordered || a <= b;
    case arith::CmpFPredicate::UNE:
      return unordered || a != b;
    case arith::CmpFPredicate::UNO:
      return unordered;
    case arith::CmpFPredicate::AlwaysTrue:
      return true;
    }
    return false;
  };
  return integerResult(call, holds());
}

// Conversions.

LogicalResult truncateFloat(ScalarCall &call) {
  const auto mode = cast<arith::TruncFOp>(call.op).getRoundingmode();
  if (mode && *mode != arith::RoundingMode::to_nearest_even)
    return call.evaluator.fail(call.op,
                               "the reference interpreter rounds to nearest even only, not " +
                                   arith::stringifyRoundingMode(*mode));
  return floatResult(call, call.in[0].re);
}

template <bool isSigned> LogicalResult integerToFloat(ScalarCall &call) {
  const uint64_t bits = isSigned ? static_cast<uint64_t>(signedOperand(call, 0)) : call.in[0].bits;
  call.out = Number::real(roundInteger(call.type, bits, isSigned));
  return success();
}

/// Truncation toward zero. What does not fit is poison in MLIR; here it saturates, NaN becomes 0.
LogicalResult floatToSigned(ScalarCall &call) {
  const double value = std::trunc(call.in[0].re);
  const double limit = std::ldexp(1.0, call.type.width - 1);
  if (std::isnan(value))
    return integerResult(call, 0);
  if (value >= limit)
    return integerResult(call, (uint64_t{1} << (call.type.width - 1)) - 1);
  if (value < -limit)
    return integerResult(call, uint64_t{1} << (call.type.width - 1));
  return integerResult(call, static_cast<uint64_t>(static_cast<int64_t>(value)));
}

LogicalResult floatToUnsigned(ScalarCall &call) {
  const double value = std::trunc(call.in[0].re);
  if (std::isnan(value) || value <= 0)
    return integerResult(call, 0);
  if (value >= std::ldexp(1.0, call.type.width))
    return integerResult(call, ~uint64_t{0});
  return integerResult(call, static_cast<uint64_t>(value));
}

LogicalResult extendSigned(ScalarCall &call) {
  return integerResult(call, static_cast<uint64_t>(signedOperand(call, 0)));
}

/// extui, trunci, index_castui: the bits are zero-extended already, the result cuts them.
LogicalResult extendUnsigned(ScalarCall &call) { return integerResult(call, call.in[0].bits); }

LogicalResult reinterpret(ScalarCall &call) {
  if (call.type.isComplex() || call.operandType.isComplex())
    return call.evaluator.fail(call.op,
                               "the reference interpreter cannot reinterpret complex bits");
  call.out = fromBitPattern(call.type, toBitPattern(call.operandType, call.in[0]));
  return success();
}

// Constants.

LogicalResult scalarConstant(ScalarCall &call) {
  const Attribute value = cast<arith::ConstantOp>(call.op).getValue();
  if (auto integer = dyn_cast<IntegerAttr>(value))
    call.out = Number::integer(integer.getValue().getZExtValue());
  else
    call.out = numberFromAttribute(value);
  return success();
}

LogicalResult tensorConstant(Evaluator &evaluator, Operation *op) {
  return evaluateTensorConstant(evaluator, op, cast<arith::ConstantOp>(op).getValue());
}

/// A scalar condition chooses between whole tensors.
LogicalResult selectTensor(Evaluator &evaluator, Operation *op) {
  auto select = cast<arith::SelectOp>(op);
  const HostTensor &onTrue = evaluator.tensor(select.getTrueValue());
  const HostTensor &onFalse = evaluator.tensor(select.getFalseValue());
  if (!isa<ShapedType>(select.getCondition().getType())) {
    const Value chosen = evaluator.number(select.getCondition()).bits ? select.getTrueValue()
                                                                      : select.getFalseValue();
    return evaluator.bindTensor(op, select.getResult(), evaluator.value(chosen).tensor);
  }
  const HostTensor &condition = evaluator.tensor(select.getCondition());
  for (const HostTensor *other : {&onTrue, &onFalse})
    if (shapeOf(*other) != shapeOf(condition))
      return evaluator.fail(op, "the operands of an elementwise operation have the shapes " +
                                    describeShape(shapeOf(condition)) + " and " +
                                    describeShape(shapeOf(*other)));
  std::optional<HostTensor> result = evaluator.makeTensor(
      op, cast<ShapedType>(select.getType()).getElementType(), shapeOf(condition));
  if (!result)
    return failure();
  for (int64_t i = 0; i < result->size(); ++i)
    store(*result, i, load(load(condition, i).bits ? onTrue : onFalse, i));
  return evaluator.bindTensor(op, select.getResult(), std::move(*result));
}

#define INTEGER(Op, expression)                                                                    \
  table.addScalar<arith::Op>([](ScalarCall &call) {                                                \
    [[maybe_unused]] const uint64_t a = call.in[0].bits, b = call.in[1].bits;                      \
    [[maybe_unused]] const int64_t x = signedOperand(call, 0), y = signedOperand(call, 1);         \
    return integerResult(call, expression);                                                        \
  })
#define FLOAT(Op, expression)                                                                      \
  table.addScalar<arith::Op>([](ScalarCall &call) {                                                \
    const double a = call.in[0].re, b = call.in[1].re;                                             \
    return floatResult(call, expression);                                                          \
  })

} // namespace

void registerArith(OpTable &table) {
  INTEGER(AddIOp, a + b);
  INTEGER(SubIOp, a - b);
  INTEGER(MulIOp, a * b);
  INTEGER(AndIOp, a & b);
  INTEGER(OrIOp, a | b);
  INTEGER(XOrIOp, a ^ b);
  INTEGER(MaxSIOp, x > y ? a : b);
  INTEGER(MaxUIOp, a > b ? a : b);
  INTEGER(MinSIOp, x < y ? a : b);
  INTEGER(MinUIOp, a < b ? a : b);
  table.addScalar<arith::DivSIOp>(divideSigned<Rounding::TowardZero>);
  table.addScalar<arith::FloorDivSIOp>(divideSigned<Rounding::Down>);
  table.addScalar<arith::CeilDivSIOp>(divideSigned<Rounding::Up>);
  table.addScalar<arith::DivUIOp>(divideUnsigned<false>);
  table.addScalar<arith::CeilDivUIOp>(divideUnsigned<true>);
  table.addScalar<arith::RemSIOp>(remainderSigned);
  table.addScalar<arith::RemUIOp>(remainderUnsigned);
  table.addScalar<arith::ShLIOp>(shiftLeft);
  table.addScalar<arith::ShRUIOp>(shiftRightUnsigned);
  table.addScalar<arith::ShRSIOp>(shiftRightSigned);
  table.addScalar<arith::CmpIOp>(compareIntegers);

  FLOAT(AddFOp, a + b);
  FLOAT(SubFOp, a - b);
  FLOAT(MulFOp, a * b);
  FLOAT(DivFOp, a / b);
  FLOAT(RemFOp, std::fmod(a, b));
  FLOAT(MaximumFOp, maximum(a, b));
  FLOAT(MinimumFOp, minimum(a, b));
  table.addScalar<arith::MaxNumFOp>(ignoringNaN<maximum>);
  table.addScalar<arith::MinNumFOp>(ignoringNaN<minimum>);
  table.addScalar<arith::NegFOp>(
      [](ScalarCall &call) { return floatResult(call, -call.in[0].re); });
  table.addScalar<arith::CmpFOp>(compareFloats);

  table.addScalar<arith::ExtFOp>([](ScalarCall &call) { return floatResult(call, call.in[0].re); });
  table.addScalar<arith::TruncFOp>(truncateFloat);
  table.addScalar<arith::SIToFPOp>(integerToFloat<true>);
  table.addScalar<arith::UIToFPOp>(integerToFloat<false>);
  table.addScalar<arith::FPToSIOp>(floatToSigned);
  table.addScalar<arith::FPToUIOp>(floatToUnsigned);
  table.addScalar<arith::ExtSIOp>(extendSigned);
  table.addScalar<arith::IndexCastOp>(extendSigned);
  table.addScalar<arith::ExtUIOp>(extendUnsigned);
  table.addScalar<arith::TruncIOp>(extendUnsigned);
  table.addScalar<arith::IndexCastUIOp>(extendUnsigned);
  table.addScalar<arith::BitcastOp>(reinterpret);

  table.addScalar<arith::ConstantOp>(scalarConstant);
  table.add<arith::ConstantOp>(tensorConstant);
  table.addScalar<arith::SelectOp>([](ScalarCall &call) {
    call.out = call.in[0].bits ? call.in[1] : call.in[2];
    return success();
  });
  table.add<arith::SelectOp>(selectTensor);
}

#undef INTEGER
#undef FLOAT

} // namespace tenon::reference
