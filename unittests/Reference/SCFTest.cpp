//===- SCFTest.cpp - scf and func, interpreted ----------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Harness.h"

using namespace tenon;
using namespace tenon::test;

namespace {

TEST(SCF, ForCarriesValues) {
  const std::string text = R"(
    func.func @f(%lower: index, %upper: index, %step: index) -> (index, tensor<8xi32>) {
      %c0 = arith.constant 0 : index
      %one = arith.constant 1 : i32
      %e = tensor.empty() : tensor<8xi32>
      %s, %t = scf.for %i = %lower to %upper step %step iter_args(%sum = %c0, %acc = %e) -> (index, tensor<8xi32>) {
        %n = arith.addi %sum, %i : index
        %u = tensor.insert %one into %acc[%i] : tensor<8xi32>
        scf.yield %n, %u : index, tensor<8xi32>
      }
      return %s, %t : index, tensor<8xi32>
    })";
  const auto bounds = [](double lower, double upper, double step) {
    return list(tensor(TENON_I64, {}, {lower}), tensor(TENON_I64, {}, {upper}),
                tensor(TENON_I64, {}, {step}));
  };
  Tensors results = run(text, bounds(1, 8, 3));
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(numbers(results[0]), (Numbers{1 + 4 + 7}));
  EXPECT_EQ(numbers(results[1]), (Numbers{0, 1, 0, 0, 1, 0, 0, 1}));
  results = run(text, bounds(5, 5, 1));
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(numbers(results[0]), (Numbers{0}));
  EXPECT_CONTAINS(runError(text, bounds(0, 5, 0)), "step of a loop must be positive, but it is 0");
}

TEST(SCF, ForOnNarrowAndUnsignedBounds) {
  const auto count = [](const std::string &kind, double lower, double upper) {
    return runNumbers("func.func @f(%l: i8, %u: i8) -> i8 {\n%c1 = arith.constant 1 : i8\n"
                      "%c0 = arith.constant 0 : i8\n%s = arith.constant 60 : i8\n%r = scf.for " +
                          kind +
                          "%i = %l to %u step %s iter_args(%n = %c0) -> i8 : i8 {\n"
                          "%m = arith.addi %n, %c1 : i8\nscf.yield %m : i8\n}\nreturn %r : i8\n}",
                      list(tensor(TENON_I8, {}, {lower}), tensor(TENON_I8, {}, {upper})));
  };
  EXPECT_EQ(count("", -100, 100), (Numbers{4}));          // -100, -40, 20, 80
  EXPECT_EQ(count("unsigned ", 100, -100), (Numbers{1})); // 100 to 156
  EXPECT_EQ(count("", 100, -100), (Numbers{0}));
}

TEST(SCF, IfAndIndexSwitch) {
  const std::string text = R"(
    func.func @f(%x: index) -> (i32, i32) {
      %c2 = arith.constant 2 : index
      %a = arith.constant 10 : i32
      %b = arith.constant 20 : i32
      %c = arith.constant 30 : i32
      %less = arith.cmpi slt, %x, %c2 : index
      %r = scf.if %less -> i32 {
        scf.yield %a : i32
      } else {
        scf.yield %b : i32
      }
      scf.if %less {
      }
      %s = scf.index_switch %x -> i32
      case 1 {
        scf.yield %a : i32
      }
      case 3 {
        scf.yield %b : i32
      }
      default {
        scf.yield %c : i32
      }
      return %r, %s : i32, i32
    })";
  const auto at = [&](double x) {
    const Tensors results = run(text, list(tensor(TENON_I64, {}, {x})));
    return results.size() == 2 ? Numbers{numbers(results[0])[0], numbers(results[1])[0]}
                               : Numbers();
  };
  EXPECT_EQ(at(1), (Numbers{10, 10}));
  EXPECT_EQ(at(3), (Numbers{20, 20}));
  EXPECT_EQ(at(5), (Numbers{20, 30}));
}

TEST(SCF, WhileDoublesUntilTheLimit) {
  EXPECT_EQ(runNumbers(R"(
    func.func @f(%x: i32, %limit: i32) -> i32 {
      %r = scf.while (%a = %x) : (i32) -> i32 {
        %goes = arith.cmpi slt, %a, %limit : i32
        scf.condition(%goes) %a : i32
      } do {
      ^bb0(%b: i32):
        %d = arith.addi %b, %b : i32
        scf.yield %d : i32
      }
      return %r : i32
    })",
                       list(tensor(TENON_I32, {}, {3}), tensor(TENON_I32, {}, {40}))),
            (Numbers{48}));
}

TEST(SCF, ForallCombinesSlices) {
  // Each iteration reads its own row of the shared output, and writes it doubled.
  const std::string text = R"(
    func.func @f(%a: tensor<3x2xf32>, %n: index) -> tensor<3x2xf32> {
      %r = scf.forall (%i) = (0) to (%n) step (2) shared_outs(%o = %a) -> (tensor<3x2xf32>) {
        %row = tensor.extract_slice %o[%i, 0] [1, 2] [1, 1] : tensor<3x2xf32> to tensor<2xf32>
        %d = arith.addf %row, %row : tensor<2xf32>
        scf.forall.in_parallel {
          tensor.parallel_insert_slice %d into %o[%i, 0] [1, 2] [1, 1] : tensor<2xf32> into tensor<3x2xf32>
        }
      }
      return %r : tensor<3x2xf32>
    })";
  const auto at = [&](double n) {
    return runNumbers(
        text, list(tensor(TENON_F32, {3, 2}, {1, 2, 3, 4, 5, 6}), tensor(TENON_I64, {}, {n})));
  };
  EXPECT_EQ(at(3), (Numbers{2, 4, 3, 4, 10, 12}));
  EXPECT_EQ(at(1), (Numbers{2, 4, 3, 4, 5, 6}));
  EXPECT_EQ(at(0), (Numbers{1, 2, 3, 4, 5, 6}));
}

TEST(SCF, ForallInTwoDimensions) {
  EXPECT_EQ(runNumbers(R"(
    func.func @f() -> tensor<2x3xi32> {
      %e = tensor.empty() : tensor<2x3xi32>
      %r = scf.forall (%i, %j) in (2, 3) shared_outs(%o = %e) -> (tensor<2x3xi32>) {
        %c10 = arith.constant 10 : index
        %t = arith.muli %i, %c10 : index
        %u = arith.addi %t, %j : index
        %x = arith.index_cast %u : index to i32
        %s = tensor.from_elements %x : tensor<1x1xi32>
        scf.forall.in_parallel {
          tensor.parallel_insert_slice %s into %o[%i, %j] [1, 1] [1, 1] : tensor<1x1xi32> into tensor<2x3xi32>
        }
      }
      return %r : tensor<2x3xi32>
    })"),
            (Numbers{0, 1, 2, 10, 11, 12}));
}

TEST(Func, CallsAndRecursion) {
  EXPECT_EQ(runNumbers(R"(
    func.func @f(%n: i32) -> i32 {
      %c1 = arith.constant 1 : i32
      %stop = arith.cmpi sle, %n, %c1 : i32
      %r = scf.if %stop -> i32 {
        scf.yield %c1 : i32
      } else {
        %m = arith.subi %n, %c1 : i32
        %s = func.call @f(%m) : (i32) -> i32
        %p = arith.muli %n, %s : i32
        scf.yield %p : i32
      }
      return %r : i32
    })",
                       list(tensor(TENON_I32, {}, {6}))),
            (Numbers{720}));
}

TEST(Func, ResultsAreUnsignedWhereTheySaySo) {
  const Tensors results = run("func.func @f(%a: tensor<2xi8> {tn.unsigned}) -> (tensor<2xi8> "
                              "{tn.unsigned}, tensor<2xi8>) {\nreturn %a, %a : tensor<2xi8>, "
                              "tensor<2xi8>\n}",
                              list(tensor(TENON_I8, {2}, {-3, 5})));
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(numbers(results[0]), (Numbers{253, 5}));
  EXPECT_EQ(numbers(results[1]), (Numbers{-3, 5}));
}

TEST(Func, PassesTensorsByValue) {
  const Tensors results = run(R"(
    func.func private @clear(%a: tensor<2xf32>) -> tensor<2xf32> {
      %c0 = arith.constant 0 : index
      %z = arith.constant 0.0 : f32
      %b = tensor.insert %z into %a[%c0] : tensor<2xf32>
      return %b : tensor<2xf32>
    }
    func.func @f(%x: f32) -> (tensor<2xf32>, tensor<2xf32>) {
      %a = tensor.splat %x : tensor<2xf32>
      %b = call @clear(%a) : (tensor<2xf32>) -> tensor<2xf32>
      return %a, %b : tensor<2xf32>, tensor<2xf32>
    })",
                              list(tensor(TENON_F32, {}, {5})));
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(numbers(results[0]), (Numbers{5, 5}));
  EXPECT_EQ(numbers(results[1]), (Numbers{0, 5}));
}

} // namespace
