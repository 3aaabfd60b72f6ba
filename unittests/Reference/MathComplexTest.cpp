//===- MathComplexTest.cpp - math and complex, interpreted ----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Harness.h"

#include <cmath>

using namespace tenon;
using namespace tenon::test;

namespace {

double unary(const std::string &op, const std::string &type, const std::string &a) {
  return evaluateScalar(
      "%a = arith.constant " + a + " : " + type + "\n%r = " + op + " %a : " + type, type);
}

TEST(Math, UnaryFunctions) {
  EXPECT_EQ(unary("math.absf", "f64", "-2.5"), 2.5);
  EXPECT_EQ(unary("math.sqrt", "f64", "2.25"), 1.5);
  EXPECT_EQ(unary("math.rsqrt", "f64", "4.0"), 0.5);
  EXPECT_DOUBLE_EQ(unary("math.cbrt", "f64", "27.0"), 3.0);
  EXPECT_EQ(unary("math.exp", "f64", "1.0"), std::exp(1.0));
  EXPECT_EQ(unary("math.exp2", "f64", "3.0"), 8.0);
  EXPECT_EQ(unary("math.expm1", "f64", "1.0e-9"), std::expm1(1e-9));
  EXPECT_EQ(unary("math.log", "f64", "3.0"), std::log(3.0));
  EXPECT_EQ(unary("math.log2", "f64", "8.0"), 3.0);
  EXPECT_EQ(unary("math.log10", "f64", "100.0"), 2.0);
  EXPECT_EQ(unary("math.log1p", "f64", "1.0e-9"), std::log1p(1e-9));
  EXPECT_EQ(unary("math.sin", "f64", "0.7"), std::sin(0.7));
  EXPECT_EQ(unary("math.cos", "f64", "0.7"), std::cos(0.7));
  EXPECT_EQ(unary("math.tan", "f64", "0.7"), std::tan(0.7));
  EXPECT_EQ(unary("math.asin", "f64", "0.7"), std::asin(0.7));
  EXPECT_EQ(unary("math.acos", "f64", "0.7"), std::acos(0.7));
  EXPECT_EQ(unary("math.atan", "f64", "0.7"), std::atan(0.7));
  EXPECT_EQ(unary("math.sinh", "f64", "0.7"), std::sinh(0.7));
  EXPECT_EQ(unary("math.cosh", "f64", "0.7"), std::cosh(0.7));
  EXPECT_EQ(unary("math.tanh", "f64", "0.7"), std::tanh(0.7));
  EXPECT_EQ(unary("math.asinh", "f64", "0.7"), std::asinh(0.7));
  EXPECT_EQ(unary("math.acosh", "f64", "1.7"), std::acosh(1.7));
  EXPECT_EQ(unary("math.atanh", "f64", "0.7"), std::atanh(0.7));
  EXPECT_EQ(unary("math.erf", "f64", "0.7"), std::erf(0.7));
  EXPECT_EQ(unary("math.erfc", "f64", "0.7"), std::erfc(0.7));
  EXPECT_EQ(unary("math.floor", "f64", "-1.5"), -2.0);
  EXPECT_EQ(unary("math.ceil", "f64", "-1.5"), -1.0);
  EXPECT_EQ(unary("math.trunc", "f64", "-1.7"), -1.0);
  EXPECT_EQ(unary("math.round", "f64", "2.5"), 3.0);
  EXPECT_EQ(unary("math.roundeven", "f64", "2.5"), 2.0);
}

TEST(Math, RoundsToTheType) {
  // e = 2.718281828…: the neighbours in f16 are 2.71875 and 2.716796875.
  EXPECT_EQ(unary("math.exp", "f16", "1.0"), 2.71875);
  EXPECT_EQ(unary("math.exp", "bf16", "1.0"), 2.71875);
  EXPECT_EQ(unary("math.exp", "f32", "1.0"), double{2.71828182845904523536f});
}

TEST(Math, SeveralOperands) {
  const auto two = [](const std::string &op, const std::string &a, const std::string &b) {
    return evaluateScalar("%a = arith.constant " + a + " : f64\n%b = arith.constant " + b +
                              " : f64\n%r = " + op + " %a, %b : f64",
                          "f64");
  };
  EXPECT_EQ(two("math.powf", "2.0", "10.0"), 1024.0);
  EXPECT_EQ(two("math.atan2", "1.0", "-2.0"), std::atan2(1.0, -2.0));
  EXPECT_EQ(two("math.copysign", "3.0", "-0.0"), -3.0);

  const auto three = [](const std::string &op, const std::string &type, const std::string &a,
                        const std::string &b, const std::string &c) {
    const std::string separators = op == "math.clampf" ? " %a to [%b, %c] : " : " %a, %b, %c : ";
    return evaluateScalar("%a = arith.constant " + a + " : " + type + "\n%b = arith.constant " + b +
                              " : " + type + "\n%c = arith.constant " + c + " : " + type +
                              "\n%r = " + op + separators + type,
                          type);
  };
  // (1 + 2^-12)^2 - 1 keeps its 2^-24 only without the rounding of the product.
  EXPECT_EQ(three("math.fma", "f32", "1.000244140625", "1.000244140625", "-1.0"),
            0x1p-11 + 0x1p-24);
  // 9 * 29/256 is a tie of bf16 and 2^-100 decides it; a sum in double would have lost that.
  EXPECT_EQ(three("math.fma", "bf16", "9.0", "0.11328125", "7.888609052210118e-31"), 1.0234375);
  EXPECT_EQ(three("math.fma", "f64", "3.0", "5.0", "-1.0"), 14.0);
  EXPECT_EQ(three("math.clampf", "f32", "7.0", "-1.0", "2.0"), 2.0);
  EXPECT_EQ(evaluateScalar("%a = arith.constant 2.0 : f32\n%b = arith.constant -3 : i8\n"
                           "%r = math.fpowi %a, %b : f32, i8",
                           "f32"),
            0.125);
}

TEST(Math, Integers) {
  EXPECT_EQ(unary("math.absi", "i8", "-7"), 7);
  EXPECT_EQ(unary("math.absi", "i8", "-128"), -128);
  EXPECT_EQ(unary("math.ctpop", "i8", "-7"), 6);
  EXPECT_EQ(unary("math.ctlz", "i8", "5"), 5);
  EXPECT_EQ(unary("math.cttz", "i8", "0"), 8);
  EXPECT_EQ(unary("math.cttz", "i8", "12"), 2);
  const auto power = [](const std::string &a, const std::string &b) {
    return evaluateScalar("%a = arith.constant " + a + " : i16\n%b = arith.constant " + b +
                              " : i16\n%r = math.ipowi %a, %b : i16",
                          "i16");
  };
  EXPECT_EQ(power("-3", "5"), -243);
  EXPECT_EQ(power("2", "15"), -32768);
  EXPECT_EQ(power("-1", "-3"), -1);
  EXPECT_EQ(power("2", "-1"), 0);
}

TEST(Math, Classifies) {
  const auto holds = [](const std::string &op, const std::string &type, const std::string &a) {
    return evaluateScalar(
        "%a = arith.constant " + a + " : " + type + "\n%r = " + op + " %a : " + type, "i1");
  };
  EXPECT_EQ(holds("math.isnan", "f32", "0x7FC00000"), 1);
  EXPECT_EQ(holds("math.isinf", "f32", "0x7F800000"), 1);
  EXPECT_EQ(holds("math.isfinite", "f32", "0x7F800000"), 0);
  EXPECT_EQ(holds("math.isnormal", "f32", "1.0e-40"), 0);
  EXPECT_EQ(holds("math.isnormal", "f64", "1.0e-40"), 1);
}

/// Both parts of `%r` after `body`, which may use %a = 1 - 2i and %b = 0.5 + 3i.
Numbers complexResult(const std::string &body, const std::string &part = "f32") {
  const std::string type = "complex<" + part + ">";
  return runNumbers("func.func @f() -> " + type + " {\n%a = complex.constant [1.0 : " + part +
                    ", -2.0 : " + part + "] : " + type + "\n%b = complex.constant [0.5 : " + part +
                    ", 3.0 : " + part + "] : " + type + "\n" + body + "\nreturn %r : " + type +
                    "\n}");
}

TEST(Complex, Arithmetic) {
  EXPECT_EQ(complexResult("%r = complex.add %a, %b : complex<f32>"), (Numbers{1.5, 1}));
  EXPECT_EQ(complexResult("%r = complex.sub %a, %b : complex<f32>"), (Numbers{0.5, -5}));
  EXPECT_EQ(complexResult("%r = complex.mul %a, %b : complex<f32>"), (Numbers{6.5, 2}));
  // The two branches of Smith's algorithm, with exact quotients.
  EXPECT_EQ(complexResult("%c = complex.constant [2.0 : f32, 2.0 : f32] : complex<f32>\n"
                          "%r = complex.div %a, %c : complex<f32>"),
            (Numbers{-0.25, -0.75}));
  EXPECT_EQ(complexResult("%c = complex.constant [1.0 : f64, -3.0 : f64] : complex<f64>\n"
                          "%d = complex.constant [-10.0 : f64, 0.0 : f64] : complex<f64>\n"
                          "%e = complex.mul %c, %d : complex<f64>\n"
                          "%i = complex.constant [0.0 : f64, -2.0 : f64] : complex<f64>\n"
                          "%r = complex.div %e, %i : complex<f64>",
                          "f64"),
            (Numbers{-15, -5}));
  EXPECT_EQ(complexResult("%r = complex.neg %a : complex<f32>"), (Numbers{-1, 2}));
  EXPECT_EQ(complexResult("%r = complex.conj %a : complex<f32>"), (Numbers{1, 2}));
  EXPECT_EQ(complexResult("%x = complex.im %a : complex<f32>\n%y = complex.re %b : complex<f32>\n"
                          "%r = complex.create %x, %y : complex<f32>"),
            (Numbers{-2, 0.5}));
  EXPECT_EQ(
      complexResult("%x = complex.abs %b : complex<f64>\n%y = complex.angle %a : complex<f64>\n"
                    "%r = complex.create %x, %y : complex<f64>",
                    "f64"),
      (Numbers{std::hypot(0.5, 3.0), std::atan2(-2.0, 1.0)}));
  EXPECT_EQ(evaluateScalar("%a = complex.constant [1.0 : f32, 2.0 : f32] : complex<f32>\n"
                           "%b = complex.constant [1.0 : f32, 3.0 : f32] : complex<f32>\n"
                           "%r = complex.eq %a, %b : complex<f32>",
                           "i1"),
            0);
}

TEST(Complex, ProductsRoundEachOperation) {
  // (1 + 2^-12)^2 loses 2^-24 to f32 before the imaginary parts' product is subtracted.
  EXPECT_EQ(runNumbers("func.func @f() -> complex<f32> {\n"
                       "%a = complex.constant [1.000244140625 : f32, 1.0 : f32] : complex<f32>\n"
                       "%r = complex.mul %a, %a : complex<f32>\nreturn %r : complex<f32>\n}"),
            (Numbers{0x1p-11, 2.00048828125}));
}

TEST(Complex, DivisionScales) {
  // The naive formula overflows: |b|^2 is past the largest double.
  EXPECT_EQ(runNumbers("func.func @f() -> complex<f64> {\n"
                       "%a = complex.constant [1.0e300, 1.0e300] : complex<f64>\n"
                       "%r = complex.div %a, %a : complex<f64>\nreturn %r : complex<f64>\n}"),
            (Numbers{1, 0}));
}

TEST(Complex, Functions) {
  const auto expect = [](const std::string &op, std::complex<double> value) {
    const Numbers got = complexResult("%r = complex." + op + " %a : complex<f64>", "f64");
    ASSERT_EQ(got.size(), 2u);
    EXPECT_DOUBLE_EQ(got[0], value.real()) << op;
    EXPECT_DOUBLE_EQ(got[1], value.imag()) << op;
  };
  // exp(1 - 2i) = e (cos 2 - i sin 2); the others from it by their definitions.
  expect("exp",
         std::complex<double>(std::exp(1.0) * std::cos(2.0), -std::exp(1.0) * std::sin(2.0)));
  expect("log", std::complex<double>(std::log(5.0) / 2, std::atan2(-2.0, 1.0)));
  expect("sin",
         std::complex<double>(std::sin(1.0) * std::cosh(2.0), -std::cos(1.0) * std::sinh(2.0)));
  expect("cos",
         std::complex<double>(std::cos(1.0) * std::cosh(2.0), std::sin(1.0) * std::sinh(2.0)));
  expect("sign", std::complex<double>(1 / std::sqrt(5.0), -2 / std::sqrt(5.0)));
}

} // namespace
