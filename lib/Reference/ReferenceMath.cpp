//===- ReferenceMath.cpp - Semantics of the math dialect ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Transcendental functions are those of the C library in double, rounded once to the type: within
// one unit in the last place of f64, and correctly rounded in the narrower formats but for rare
// near-ties.
//
//===----------------------------------------------------------------------===//
#include "Evaluator.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/bit.h"

#include <cmath>

using namespace mlir;

namespace tenon::reference {
namespace {

using Unary = double (*)(double);

template <Unary function> LogicalResult apply(ScalarCall &call) {
  call.out = Number::real(call.type.round(function(call.in[0].re)));
  return success();
}

template <double (*function)(double, double)> LogicalResult applyTwo(ScalarCall &call) {
  call.out = Number::real(call.type.round(function(call.in[0].re, call.in[1].re)));
  return success();
}

template <bool (*predicate)(double)> LogicalResult classify(ScalarCall &call) {
  call.out = Number::integer(predicate(call.in[0].re));
  return success();
}

double reciprocalRoot(double value) { return 1.0 / std::sqrt(value); }

LogicalResult fusedMultiplyAddOp(ScalarCall &call) {
  call.out = Number::real(fusedMultiplyAdd(call.type, call.in[0].re, call.in[1].re, call.in[2].re));
  return success();
}

LogicalResult clamp(ScalarCall &call) {
  const double value = call.in[0].re, low = call.in[1].re, high = call.in[2].re;
  if (std::isnan(value) || std::isnan(low) || std::isnan(high))
    call.out = Number::real(std::numeric_limits<double>::quiet_NaN());
  else
    call.out = Number::real(std::fmin(std::fmax(value, low), high));
  return success();
}

/// Normal in the format of the operand, not in double.
LogicalResult isNormal(ScalarCall &call) {
  llvm::APFloat value(call.in[0].re);
  bool losesInfo = false;
  value.convert(call.operandType.semantics(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  call.out = Number::integer(value.isNormal());
  return success();
}

LogicalResult absoluteInteger(ScalarCall &call) {
  const int64_t value = call.type.asSigned(call.in[0]);
  const uint64_t bits = call.in[0].bits;
  call.out = Number::integer(call.type.truncate(value < 0 ? uint64_t{0} - bits : bits));
  return success();
}

LogicalResult leadingZeros(ScalarCall &call) {
  call.out = Number::integer(call.type.truncate(
      static_cast<uint64_t>(llvm::countl_zero(call.in[0].bits)) - (64u - call.type.width)));
  return success();
}

LogicalResult trailingZeros(ScalarCall &call) {
  call.out = Number::integer(
      call.type.truncate(std::min<uint64_t>(llvm::countr_zero(call.in[0].bits), call.type.width)));
  return success();
}

LogicalResult populationCount(ScalarCall &call) {
  call.out =
      Number::integer(call.type.truncate(static_cast<uint64_t>(llvm::popcount(call.in[0].bits))));
  return success();
}

LogicalResult integerPower(ScalarCall &call) {
  const int64_t base = call.type.asSigned(call.in[0]);
  int64_t exponent = call.type.asSigned(call.in[1]);
  if (exponent < 0) {
    if (base == 0)
      return call.evaluator.fail(call.op, "zero to a negative power");
    // Integers but 1 and -1 have no integer inverse: the quotient 1 / base^n truncates to 0.
    const int64_t value = base == 1 ? 1 : base == -1 ? (exponent % 2 == 0 ? 1 : -1) : 0;
    call.out = Number::integer(call.type.truncate(static_cast<uint64_t>(value)));
    return success();
  }
  uint64_t power = 1, factor = static_cast<uint64_t>(base);
  for (; exponent > 0; exponent >>= 1, factor *= factor)
    if (exponent & 1)
      power *= factor;
  call.out = Number::integer(call.type.truncate(power));
  return success();
}

LogicalResult floatToIntegerPower(ScalarCall &call) {
  const std::optional<NumberType> exponent =
      NumberType::get(getElementTypeOrSelf(call.op->getOperand(1).getType()));
  call.out = Number::real(call.type.round(
      std::pow(call.in[0].re, static_cast<double>(exponent->asSigned(call.in[1])))));
  return success();
}

} // namespace

void registerMath(OpTable &table) {
  table.addScalar<math::AbsFOp>(apply<std::fabs>);
  table.addScalar<math::AcosOp>(apply<std::acos>);
  table.addScalar<math::AcoshOp>(apply<std::acosh>);
  table.addScalar<math::AsinOp>(apply<std::asin>);
  table.addScalar<math::AsinhOp>(apply<std::asinh>);
  table.addScalar<math::AtanOp>(apply<std::atan>);
  table.addScalar<math::AtanhOp>(apply<std::atanh>);
  table.addScalar<math::CbrtOp>(apply<std::cbrt>);
  table.addScalar<math::CeilOp>(apply<std::ceil>);
  table.addScalar<math::CosOp>(apply<std::cos>);
  table.addScalar<math::CoshOp>(apply<std::cosh>);
  table.addScalar<math::ErfOp>(apply<std::erf>);
  table.addScalar<math::ErfcOp>(apply<std::erfc>);
  table.addScalar<math::Exp2Op>(apply<std::exp2>);
  table.addScalar<math::ExpM1Op>(apply<std::expm1>);
  table.addScalar<math::ExpOp>(apply<std::exp>);
  table.addScalar<math::FloorOp>(apply<std::floor>);
  table.addScalar<math::Log10Op>(apply<std::log10>);
  table.addScalar<math::Log1pOp>(apply<std::log1p>);
  table.addScalar<math::Log2Op>(apply<std::log2>);
  table.addScalar<math::LogOp>(apply<std::log>);
  // Ties to even: the default rounding direction, which nothing here changes.
  table.addScalar<math::RoundEvenOp>(apply<std::nearbyint>);
  table.addScalar<math::RoundOp>(apply<std::round>);
  table.addScalar<math::RsqrtOp>(apply<reciprocalRoot>);
  table.addScalar<math::SinOp>(apply<std::sin>);
  table.addScalar<math::SinhOp>(apply<std::sinh>);
  table.addScalar<math::SqrtOp>(apply<std::sqrt>);
  table.addScalar<math::TanOp>(apply<std::tan>);
  table.addScalar<math::TanhOp>(apply<std::tanh>);
  table.addScalar<math::TruncOp>(apply<std::trunc>);
  table.addScalar<math::Atan2Op>(applyTwo<std::atan2>);
  table.addScalar<math::CopySignOp>(applyTwo<std::copysign>);
  table.addScalar<math::PowFOp>(applyTwo<std::pow>);
  table.addScalar<math::FPowIOp>(floatToIntegerPower);
  table.addScalar<math::FmaOp>(fusedMultiplyAddOp);
  table.addScalar<math::ClampFOp>(clamp);
  table.addScalar<math::IsFiniteOp>(classify<std::isfinite>);
  table.addScalar<math::IsInfOp>(classify<std::isinf>);
  table.addScalar<math::IsNaNOp>(classify<std::isnan>);
  table.addScalar<math::IsNormalOp>(isNormal);
  table.addScalar<math::AbsIOp>(absoluteInteger);
  table.addScalar<math::IPowIOp>(integerPower);
  table.addScalar<math::CountLeadingZerosOp>(leadingZeros);
  table.addScalar<math::CountTrailingZerosOp>(trailingZeros);
  table.addScalar<math::CtPopOp>(populationCount);
}

} // namespace tenon::reference
