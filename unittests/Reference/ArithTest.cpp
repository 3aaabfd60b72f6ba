//===- ArithTest.cpp - arith, interpreted ---------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Harness.h"

#include <cmath>

using namespace tenon;
using namespace tenon::test;

namespace {

std::string constant(const std::string &name, const std::string &type, const std::string &value) {
  // true and false carry their type.
  return name + " = arith.constant " + value + (type == "i1" ? "\n" : " : " + type + "\n");
}

/// `op %a, %b` on two constants of `type`.
double binary(const std::string &op, const std::string &type, const std::string &a,
              const std::string &b) {
  return evaluateScalar(
      constant("%a", type, a) + constant("%b", type, b) + "%r = " + op + " %a, %b : " + type, type);
}

/// `op predicate, %a, %b`, which gives an i1.
double comparison(const std::string &op, const std::string &type, const std::string &a,
                  const std::string &b) {
  return evaluateScalar(constant("%a", type, a) + constant("%b", type, b) + "%r = " + op +
                            ", %a, %b : " + type,
                        "i1");
}

/// `op %a : from to to`.
double conversion(const std::string &op, const std::string &from, const std::string &value,
                  const std::string &to) {
  return evaluateScalar(constant("%a", from, value) + "%r = " + op + " %a : " + from + " to " + to,
                        to);
}

TEST(Arith, IntegersWrapAtTheirWidth) {
  EXPECT_EQ(binary("arith.addi", "i8", "100", "57"), -99);
  EXPECT_EQ(binary("arith.subi", "i8", "-100", "57"), 99);
  EXPECT_EQ(binary("arith.muli", "i16", "300", "-301"), -90300 + 65536);
  EXPECT_EQ(binary("arith.addi", "i32", "2147483647", "2"), -2147483647);
  EXPECT_EQ(binary("arith.addi", "i64", "9223372036854775807", "1"), -0x1p63);
  EXPECT_EQ(binary("arith.addi", "i1", "true", "true"), 0);
  EXPECT_EQ(binary("arith.addi", "i1", "true", "false"), 1);
  EXPECT_EQ(binary("arith.muli", "i1", "true", "true"), 1);
  EXPECT_EQ(binary("arith.muli", "i1", "true", "false"), 0);
}

TEST(Arith, DividesWithTheStatedRounding) {
  EXPECT_EQ(binary("arith.divsi", "i8", "-7", "2"), -3);
  EXPECT_EQ(binary("arith.floordivsi", "i8", "-7", "2"), -4);
  EXPECT_EQ(binary("arith.ceildivsi", "i8", "7", "2"), 4);
  EXPECT_EQ(binary("arith.ceildivsi", "i8", "-7", "2"), -3);
  EXPECT_EQ(binary("arith.floordivsi", "i8", "-8", "2"), -4);
  EXPECT_EQ(binary("arith.remsi", "i8", "-7", "3"), -1);
  EXPECT_EQ(binary("arith.divui", "i8", "-7", "2"), 124);
  EXPECT_EQ(binary("arith.ceildivui", "i8", "-7", "2"), 125);
  EXPECT_EQ(binary("arith.remui", "i8", "-7", "10"), 9);
}

TEST(Arith, BitsAndShifts) {
  EXPECT_EQ(binary("arith.andi", "i8", "12", "10"), 8);
  EXPECT_EQ(binary("arith.ori", "i8", "12", "10"), 14);
  EXPECT_EQ(binary("arith.xori", "i8", "12", "-1"), -13);
  EXPECT_EQ(binary("arith.shli", "i8", "45", "2"), 180 - 256);
  EXPECT_EQ(binary("arith.shrsi", "i8", "-45", "2"), -12);
  EXPECT_EQ(binary("arith.shrui", "i8", "-45", "2"), 52);
  EXPECT_EQ(binary("arith.shli", "i8", "45", "8"), 0);
  EXPECT_EQ(binary("arith.shrsi", "i8", "-45", "100"), -1);
}

TEST(Arith, ExtremaOfIntegers) {
  EXPECT_EQ(binary("arith.maxsi", "i8", "-3", "5"), 5);
  EXPECT_EQ(binary("arith.maxui", "i8", "-3", "5"), -3);
  EXPECT_EQ(binary("arith.minsi", "i8", "-3", "5"), -3);
  EXPECT_EQ(binary("arith.minui", "i8", "-3", "5"), 5);
}

TEST(Arith, ComparesIntegers) {
  EXPECT_EQ(comparison("arith.cmpi slt", "i8", "-3", "5"), 1);
  EXPECT_EQ(comparison("arith.cmpi ult", "i8", "-3", "5"), 0);
  EXPECT_EQ(comparison("arith.cmpi sge", "i8", "5", "5"), 1);
  EXPECT_EQ(comparison("arith.cmpi sgt", "i8", "5", "5"), 0);
  EXPECT_EQ(comparison("arith.cmpi sle", "i8", "6", "5"), 0);
  EXPECT_EQ(comparison("arith.cmpi ugt", "i8", "-3", "5"), 1);
  EXPECT_EQ(comparison("arith.cmpi uge", "i8", "5", "-3"), 0);
  EXPECT_EQ(comparison("arith.cmpi ule", "i8", "5", "-3"), 1);
  EXPECT_EQ(comparison("arith.cmpi eq", "i1", "true", "true"), 1);
  EXPECT_EQ(comparison("arith.cmpi ne", "i1", "true", "true"), 0);
}

TEST(Arith, FloatsRoundOncePerOperation) {
  EXPECT_EQ(binary("arith.addf", "f32", "16777216.0", "1.0"), 16777216.0);
  EXPECT_EQ(binary("arith.addf", "f64", "16777216.0", "1.0"), 16777217.0);
  EXPECT_EQ(binary("arith.addf", "f16", "2048.0", "1.0"), 2048.0);
  EXPECT_EQ(binary("arith.addf", "f16", "2048.0", "3.0"), 2052.0); // a tie, to even
  EXPECT_EQ(binary("arith.addf", "bf16", "256.0", "1.0"), 256.0);
  EXPECT_EQ(binary("arith.subf", "bf16", "256.0", "0.5"), 255.5 + 0.5);
  EXPECT_EQ(binary("arith.mulf", "f16", "300.0", "300.0"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(binary("arith.mulf", "f32", "3.0", "0.1"), double{3.0f * 0.1f});
  EXPECT_EQ(binary("arith.divf", "f32", "1.0", "3.0"), double{1.0f / 3.0f});
  EXPECT_EQ(binary("arith.divf", "f16", "1.0", "3.0"), 0x1.554p-2);
  EXPECT_EQ(binary("arith.divf", "bf16", "1.0", "3.0"), 0x1.56p-2);
  EXPECT_EQ(binary("arith.remf", "f64", "-7.5", "2.0"), -1.5);
}

TEST(Arith, ExtremaOfFloatsTreatNaNAndSignedZero) {
  const std::string nan = "0x7FC00000";
  EXPECT_TRUE(std::isnan(binary("arith.maximumf", "f32", nan, "1.0")));
  EXPECT_TRUE(std::isnan(binary("arith.minimumf", "f32", "1.0", nan)));
  EXPECT_EQ(binary("arith.maxnumf", "f32", nan, "1.0"), 1.0);
  EXPECT_EQ(binary("arith.minnumf", "f32", "2.0", nan), 2.0);
  EXPECT_FALSE(std::signbit(binary("arith.maximumf", "f32", "-0.0", "0.0")));
  EXPECT_FALSE(std::signbit(binary("arith.maximumf", "f32", "0.0", "-0.0")));
  EXPECT_TRUE(std::signbit(binary("arith.minimumf", "f32", "0.0", "-0.0")));
  EXPECT_TRUE(std::signbit(binary("arith.minimumf", "f32", "-0.0", "0.0")));
  EXPECT_EQ(binary("arith.maximumf", "f32", "-3.0", "2.0"), 2.0);
  EXPECT_EQ(binary("arith.minnumf", "f32", "-3.0", "2.0"), -3.0);
}

TEST(Arith, ComparesFloats) {
  const std::string nan = "0x7FC00000";
  EXPECT_EQ(comparison("arith.cmpf oeq", "f32", "1.0", "1.0"), 1);
  EXPECT_EQ(comparison("arith.cmpf olt", "f32", "1.0", nan), 0);
  EXPECT_EQ(comparison("arith.cmpf ult", "f32", "1.0", nan), 1);
  EXPECT_EQ(comparison("arith.cmpf ogt", "f32", "1.0", "2.0"), 0);
  EXPECT_EQ(comparison("arith.cmpf ole", "f32", "2.0", "2.0"), 1);
  EXPECT_EQ(comparison("arith.cmpf oge", "f32", "1.0", "2.0"), 0);
  EXPECT_EQ(comparison("arith.cmpf one", "f32", "1.0", nan), 0);
  EXPECT_EQ(comparison("arith.cmpf une", "f32", "1.0", nan), 1);
  EXPECT_EQ(comparison("arith.cmpf ueq", "f32", "1.0", "2.0"), 0);
  EXPECT_EQ(comparison("arith.cmpf ugt", "f32", "1.0", "2.0"), 0);
  EXPECT_EQ(comparison("arith.cmpf uge", "f32", "2.0", "2.0"), 1);
  EXPECT_EQ(comparison("arith.cmpf ule", "f32", "3.0", "2.0"), 0);
  EXPECT_EQ(comparison("arith.cmpf ord", "f32", "1.0", nan), 0);
  EXPECT_EQ(comparison("arith.cmpf uno", "f32", "1.0", nan), 1);
  EXPECT_EQ(comparison("arith.cmpf false", "f32", "1.0", "1.0"), 0);
  EXPECT_EQ(comparison("arith.cmpf true", "f32", "1.0", "2.0"), 1);
}

TEST(Arith, Converts) {
  EXPECT_EQ(conversion("arith.extsi", "i8", "-3", "i32"), -3);
  EXPECT_EQ(conversion("arith.extui", "i8", "-3", "i32"), 253);
  EXPECT_EQ(conversion("arith.extui", "i1", "true", "i8"), 1);
  EXPECT_EQ(conversion("arith.extsi", "i1", "true", "i8"), -1);
  EXPECT_EQ(conversion("arith.trunci", "i32", "511", "i8"), -1);
  EXPECT_EQ(conversion("arith.index_cast", "i8", "-3", "index"), -3);
  EXPECT_EQ(conversion("arith.index_castui", "i8", "-3", "index"), 253);
  EXPECT_EQ(conversion("arith.index_cast", "index", "300", "i8"), 44);
  EXPECT_EQ(conversion("arith.extf", "f16", "0.1", "f64"), 0x1.998p-4);
  EXPECT_EQ(conversion("arith.truncf", "f32", "65519.0", "f16"), 65504);
  EXPECT_EQ(conversion("arith.truncf", "f64", "1.00390625", "bf16"), 1.0);
  // One rounding from f64: by way of f32 this would be a tie and go to 1.
  EXPECT_EQ(conversion("arith.truncf", "f64", "1.00048828125000000001", "f16"), 1.0);
  EXPECT_EQ(conversion("arith.truncf", "f64", "1.0004882812500002", "f16"), 1.0009765625);
  EXPECT_EQ(conversion("arith.sitofp", "i64", "16777217", "f32"), 16777216.0);
  EXPECT_EQ(conversion("arith.sitofp", "i8", "-3", "bf16"), -3.0);
  EXPECT_EQ(conversion("arith.uitofp", "i8", "-3", "f16"), 253.0);
  EXPECT_EQ(conversion("arith.uitofp", "i64", "-1", "f64"), 0x1p64);
  // 2^61 + 2^53 + 1 is just above a tie of bf16, which double cannot see.
  EXPECT_EQ(conversion("arith.sitofp", "i64", "2314850208468434945", "bf16"), 0x1.02p61);
  EXPECT_EQ(conversion("arith.fptosi", "f32", "-2.9", "i8"), -2);
  EXPECT_EQ(conversion("arith.fptosi", "f32", "1.0e9", "i8"), 127);
  EXPECT_EQ(conversion("arith.fptosi", "f32", "-1.0e9", "i8"), -128);
  EXPECT_EQ(conversion("arith.fptosi", "f32", "0x7FC00000", "i8"), 0);
  EXPECT_EQ(conversion("arith.fptoui", "f32", "200.7", "i8"), 200 - 256);
  EXPECT_EQ(conversion("arith.fptoui", "f32", "-1.0", "i8"), 0);
  EXPECT_EQ(conversion("arith.bitcast", "f32", "1.0", "i32"), 0x3f800000);
  EXPECT_EQ(conversion("arith.bitcast", "i16", "16256", "bf16"), 1.0);
}

TEST(Arith, MapsOverTensors) {
  EXPECT_EQ(runNumbers(R"(
    func.func @f(%a: tensor<2x3xi8>, %b: tensor<2x3xi8>) -> tensor<2x3xi8> {
      %r = arith.subi %a, %b : tensor<2x3xi8>
      return %r : tensor<2x3xi8>
    })",
                       list(tensor(TENON_I8, {2, 3}, {1, 2, 3, 4, 5, -128}),
                            tensor(TENON_I8, {2, 3}, {9, 7, 5, 3, 1, 1}))),
            (Numbers{-8, -5, -2, 1, 4, 127}));
  EXPECT_EQ(runNumbers(R"(
    func.func @f(%a: tensor<?xf32>) -> tensor<?xi1> {
      %r = arith.cmpf ogt, %a, %a : tensor<?xf32>
      %t = arith.constant true
      %n = arith.select %t, %r, %r : tensor<?xi1>
      return %n : tensor<?xi1>
    })",
                       list(tensor(TENON_F32, {2}, {1, 2}))),
            (Numbers{0, 0}));
}

TEST(Arith, Selects) {
  const std::string text = R"(
    func.func @f(%c: tensor<3xi1>, %s: i1, %a: tensor<3xf32>, %b: tensor<3xf32>)
        -> (tensor<3xf32>, tensor<3xf32>) {
      %r = arith.select %c, %a, %b : tensor<3xi1>, tensor<3xf32>
      %t = arith.select %s, %a, %b : tensor<3xf32>
      return %r, %t : tensor<3xf32>, tensor<3xf32>
    })";
  const Tensors results =
      run(text, list(tensor(TENON_BOOL, {3}, {1, 0, 1}), tensor(TENON_BOOL, {}, {0}),
                     tensor(TENON_F32, {3}, {1, 2, 3}), tensor(TENON_F32, {3}, {4, 5, 6})));
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(numbers(results[0]), (Numbers{1, 5, 3}));
  EXPECT_EQ(numbers(results[1]), (Numbers{4, 5, 6}));
}

TEST(Arith, ReadsConstants) {
  EXPECT_EQ(runNumbers("func.func @f() -> tensor<2x2xf16> {\n"
                       "%c = arith.constant dense<[[1.0, 2.5], [-3.0, 0.1]]> : tensor<2x2xf16>\n"
                       "return %c : tensor<2x2xf16>\n}"),
            (Numbers{1, 2.5, -3, 0x1.998p-4}));
  EXPECT_EQ(runNumbers("func.func @f() -> tensor<3xi8> {\n"
                       "%c = arith.constant dense<-7> : tensor<3xi8>\nreturn %c : tensor<3xi8>\n}"),
            (Numbers{-7, -7, -7}));
  EXPECT_EQ(runNumbers("func.func @f() -> tensor<2xcomplex<f32>> {\n"
                       "%c = arith.constant dense<[(1.0, -2.0), (0.5, 4.0)]> : "
                       "tensor<2xcomplex<f32>>\nreturn %c : tensor<2xcomplex<f32>>\n}"),
            (Numbers{1, -2, 0.5, 4}));
  EXPECT_EQ(runNumbers("func.func @f() -> tensor<3xi1> {\n"
                       "%c = arith.constant dense<[true, false, true]> : tensor<3xi1>\n"
                       "return %c : tensor<3xi1>\n}"),
            (Numbers{1, 0, 1}));
  EXPECT_EQ(runNumbers("func.func @f() -> tensor<2x3xi32> {\n"
                       "%c = arith.constant sparse<[[0, 1], [1, 2]], [5, 6]> : tensor<2x3xi32>\n"
                       "return %c : tensor<2x3xi32>\n}"),
            (Numbers{0, 5, 0, 0, 0, 6}));
  EXPECT_EQ(runNumbers("func.func @f() -> tensor<0x3xi32> {\n"
                       "%c = arith.constant dense<> : tensor<0x3xi32>\n"
                       "return %c : tensor<0x3xi32>\n}"),
            (Numbers{}));
}

} // namespace
