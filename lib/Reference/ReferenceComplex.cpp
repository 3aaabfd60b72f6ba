//===- ReferenceComplex.cpp - Semantics of the complex dialect ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A product is the usual four real ones, each operation rounded to the type of the parts. Division
// follows Smith (Algorithm 116, CACM 1962); it and the functions compute in double and round the
// parts once.
//
//===----------------------------------------------------------------------===//
#include "ConstantTensors.h"
#include "Evaluator.h"

#include "mlir/Dialect/Complex/IR/Complex.h"

#include <cmath>

// a*b - c*d must not become a fused operation.
#pragma STDC FP_CONTRACT OFF

using namespace mlir;

namespace tenon::reference {
namespace {

using Pair = std::complex<double>;

LogicalResult result(ScalarCall &call, double re, double im) {
  call.out = Number::complex(call.type.round(re), call.type.round(im));
  return success();
}

LogicalResult realResult(ScalarCall &call, double value) {
  call.out = Number::real(call.type.round(value));
  return success();
}

LogicalResult multiply(ScalarCall &call) {
  const Number &a = call.in[0], &b = call.in[1];
  const auto product = [&](double x, double y) { return call.type.round(x * y); };
  const double re = product(a.re, b.re) - product(a.im, b.im);
  const double im = product(a.re, b.im) + product(a.im, b.re);
  return result(call, re, im);
}

LogicalResult divide(ScalarCall &call) {
  const Number &a = call.in[0], &b = call.in[1];
  if (std::fabs(b.re) >= std::fabs(b.im)) {
    const double ratio = b.re == 0 && b.im == 0 ? 0 : b.im / b.re;
    const double denominator = b.re + b.im * ratio;
    return result(call, (a.re + a.im * ratio) / denominator, (a.im - a.re * ratio) / denominator);
  }
  const double ratio = b.re / b.im;
  const double denominator = b.re * ratio + b.im;
  return result(call, (a.re * ratio + a.im) / denominator, (a.im * ratio - a.re) / denominator);
}

template <Pair (*function)(const Pair &)> LogicalResult apply(ScalarCall &call) {
  const Pair value = function(Pair(call.in[0].re, call.in[0].im));
  return result(call, value.real(), value.imag());
}

Pair expMinusOne(const Pair &value) { return std::exp(value) - 1.0; }
Pair logOnePlus(const Pair &value) { return std::log(value + 1.0); }
Pair reciprocalRoot(const Pair &value) { return 1.0 / std::sqrt(value); }
Pair sign(const Pair &value) { return value == Pair(0, 0) ? value : value / std::abs(value); }

bool equal(const ScalarCall &call) {
  return call.in[0].re == call.in[1].re && call.in[0].im == call.in[1].im;
}

} // namespace

void registerComplex(OpTable &table) {
  table.addScalar<complex::CreateOp>(
      [](ScalarCall &call) { return result(call, call.in[0].re, call.in[1].re); });
  table.addScalar<complex::ReOp>([](ScalarCall &call) { return realResult(call, call.in[0].re); });
  table.addScalar<complex::ImOp>([](ScalarCall &call) { return realResult(call, call.in[0].im); });
  table.addScalar<complex::AbsOp>(
      [](ScalarCall &call) { return realResult(call, std::hypot(call.in[0].re, call.in[0].im)); });
  table.addScalar<complex::AngleOp>(
      [](ScalarCall &call) { return realResult(call, std::atan2(call.in[0].im, call.in[0].re)); });
  table.addScalar<complex::ConstantOp>([](ScalarCall &call) {
    call.out = numberFromAttribute(cast<complex::ConstantOp>(call.op).getValue());
    return success();
  });
  table.addScalar<complex::AddOp>([](ScalarCall &call) {
    return result(call, call.in[0].re + call.in[1].re, call.in[0].im + call.in[1].im);
  });
  table.addScalar<complex::SubOp>([](ScalarCall &call) {
    return result(call, call.in[0].re - call.in[1].re, call.in[0].im - call.in[1].im);
  });
  table.addScalar<complex::MulOp>(multiply);
  table.addScalar<complex::DivOp>(divide);
  table.addScalar<complex::NegOp>(
      [](ScalarCall &call) { return result(call, -call.in[0].re, -call.in[0].im); });
  table.addScalar<complex::ConjOp>(
      [](ScalarCall &call) { return result(call, call.in[0].re, -call.in[0].im); });
  table.addScalar<complex::EqualOp>([](ScalarCall &call) {
    call.out = Number::integer(equal(call));
    return success();
  });
  table.addScalar<complex::NotEqualOp>([](ScalarCall &call) {
    call.out = Number::integer(!equal(call));
    return success();
  });
  table.addScalar<complex::CosOp>(apply<std::cos<double>>);
  table.addScalar<complex::ExpOp>(apply<std::exp<double>>);
  table.addScalar<complex::Expm1Op>(apply<expMinusOne>);
  table.addScalar<complex::Log1pOp>(apply<logOnePlus>);
  table.addScalar<complex::LogOp>(apply<std::log<double>>);
  table.addScalar<complex::RsqrtOp>(apply<reciprocalRoot>);
  table.addScalar<complex::SignOp>(apply<sign>);
  table.addScalar<complex::SinOp>(apply<std::sin<double>>);
  table.addScalar<complex::SqrtOp>(apply<std::sqrt<double>>);
  table.addScalar<complex::TanOp>(apply<std::tan<double>>);
  table.addScalar<complex::TanhOp>(apply<std::tanh<double>>);
  table.addScalar<complex::PowOp>([](ScalarCall &call) {
    const Pair value =
        std::pow(Pair(call.in[0].re, call.in[0].im), Pair(call.in[1].re, call.in[1].im));
    return result(call, value.real(), value.imag());
  });
}

} // namespace tenon::reference
