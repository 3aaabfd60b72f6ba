//===- TNTest.cpp - the other tn operations, interpreted ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Harness.h"

using namespace tenon;
using namespace tenon::test;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(TN, Constants) {
  EXPECT_EQ(runNumbers("func.func @f() -> tensor<2x2xf32> {\n"
                       "%c = tn.constant dense<[[1.0, 0.5], [0.0, -1.0]]> : tensor<2x2xf32>\n"
                       "return %c : tensor<2x2xf32>\n}"),
            (Numbers{1, 0.5, 0, -1}));
}

TEST(TN, ResourcesAreRowMajorLittleEndian) {
  const auto resource = [](const std::string &type, const std::string &hexadecimal) {
    // The first four bytes are the alignment.
    return runNumbers("func.func @f() -> " + type +
                      " {\n%c = tn.constant dense_resource<w> : " + type + "\nreturn %c : " + type +
                      "\n}\n{-# dialect_resources: { builtin: { w: \"0x04000000" + hexadecimal +
                      "\" } } #-}");
  };
  EXPECT_EQ(resource("tensor<2xf32>", "0000803F000020C0"), (Numbers{1, -2.5}));
  EXPECT_EQ(resource("tensor<1x2xi16>", "0201FEFF"), (Numbers{258, -2}));
  EXPECT_EQ(resource("tensor<3xi1>", "010001"), (Numbers{1, 0, 1}));
  EXPECT_EQ(resource("tensor<1xcomplex<f32>>", "0000803F000020C0"), (Numbers{1, -2.5}));
  EXPECT_EQ(resource("tensor<2xbf16>", "803F20C0"), (Numbers{1, -2.5}));
}

TEST(TN, Deltas) {
  const auto delta = [](const std::string &text, const std::string &type) {
    return runNumbers("func.func @f(%n: index) -> " + type + " {\n%d = tn.delta" + text + " : " +
                          type + "\nreturn %d : " + type + "\n}",
                      list(tensor(TENON_I64, {}, {2})));
  };
  EXPECT_EQ(delta("", "tensor<3x3xf32>"), (Numbers{1, 0, 0, 0, 1, 0, 0, 0, 1}));
  EXPECT_EQ(delta("", "tensor<2x2x2xcomplex<f64>>"),
            (Numbers{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0}));
  EXPECT_EQ(delta("", "tensor<3xi8>"), (Numbers{1, 1, 1}));
  EXPECT_EQ(delta("", "tensor<f16>"), (Numbers{1}));
  EXPECT_EQ(delta("", "tensor<0x0xi8>"), (Numbers{}));
  EXPECT_EQ(delta(" %n semiring(max_plus)", "tensor<?x?xf32>"),
            (Numbers{0, -infinity, -infinity, 0}));
  EXPECT_EQ(delta(" %n semiring(min_plus)", "tensor<?x2xi8>"), (Numbers{0, 127, 127, 0}));
  EXPECT_EQ(delta(" semiring(or_and)", "tensor<2x2xi1>"), (Numbers{1, 0, 0, 1}));
}

TEST(TN, Conjugates) {
  EXPECT_EQ(runNumbers("func.func @f(%a: tensor<2xcomplex<f32>>) -> tensor<2xcomplex<f32>> {\n"
                       "%c = tn.conj %a : tensor<2xcomplex<f32>>\n"
                       "return %c : tensor<2xcomplex<f32>>\n}",
                       list(tensor(TENON_C64, {2}, {1, 2, 3, -4}))),
            (Numbers{1, -2, 3, 4}));
  EXPECT_EQ(runNumbers("func.func @f(%a: tensor<2xi8>) -> tensor<2xi8> {\n"
                       "%c = tn.conj %a : tensor<2xi8>\nreturn %c : tensor<2xi8>\n}",
                       list(tensor(TENON_I8, {2}, {-5, 7}))),
            (Numbers{-5, 7}));
}

/// Slices i (summed, of 2) and j (along dimension 0, of 3) of a 2x3x2 tensor.
std::string sliced(const std::string &extents, const std::string &result,
                   const std::string &semiring) {
  return "func.func @f(%a: tensor<2x3x2xi32>) -> tensor<" + result + "x2xi32> {\n%r = tn.slice " +
         extents + " -> (tensor<" + result + "x2xi32> [sum, 0])" + semiring +
         " {\n%x = tensor.extract_slice %a[%i, %j, 0] [1, 1, 2] [1, 1, 1] : tensor<2x3x2xi32> to "
         "tensor<2xi32>\ntn.yield %x : tensor<2xi32>\n}\nreturn %r : tensor<" +
         result + "x2xi32>\n}";
}

TEST(TN, SlicesSumAndConcatenate) {
  const auto args = [] {
    return list(tensor(TENON_I32, {2, 3, 2}, {1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60}));
  };
  EXPECT_EQ(runNumbers(sliced("(%i in 2, %j in 3)", "3", ""), args()),
            (Numbers{11, 22, 33, 44, 55, 66}));
  EXPECT_EQ(runNumbers(sliced("(%i in 2, %j in 3)", "3", " semiring(max_plus)"), args()),
            (Numbers{10, 20, 30, 40, 50, 60}));
  EXPECT_EQ(runNumbers(sliced("(%i in 2, %j in 3)", "3", " semiring(min_plus)"), args()),
            (Numbers{1, 2, 3, 4, 5, 6}));
  // No iteration at all: zeros of the semiring.
  EXPECT_EQ(runNumbers(sliced("(%i in 0, %j in 3)", "3", ""), args()), (Numbers(6, 0)));
  EXPECT_EQ(runNumbers(sliced("(%i in 0, %j in 3)", "3", " semiring(max_plus)"), args()),
            (Numbers(6, -0x1p31)));
  EXPECT_EQ(runNumbers(sliced("(%i in 2, %j in 0)", "0", ""), args()), (Numbers{}));
}

TEST(TN, SlicesConcatenateInAnyDimension) {
  // Two results; the second puts i behind j, and its body value lacks both.
  const Tensors results = run(R"(
    func.func @f(%a: tensor<2x3xi32>) -> (tensor<4x2xi32>, tensor<3x2xi32>) {
      %r, %s = tn.slice (%i in 2, %j in 3) -> (tensor<4x2xi32> [1, sum], tensor<3x2xi32> [1, 0]) {
        %x = tensor.extract %a[%i, %j] : tensor<2x3xi32>
        %v = tensor.splat %x : tensor<4xi32>
        %y = tensor.from_elements %x : tensor<i32>
        tn.yield %v, %y : tensor<4xi32>, tensor<i32>
      }
      return %r, %s : tensor<4x2xi32>, tensor<3x2xi32>
    })",
                              list(tensor(TENON_I32, {2, 3}, {1, 2, 3, 4, 5, 6})));
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(numbers(results[0]), (Numbers{6, 15, 6, 15, 6, 15, 6, 15}));
  EXPECT_EQ(numbers(results[1]), (Numbers{1, 4, 2, 5, 3, 6}));
}

TEST(TN, SlicedContractionEqualsTheWhole) {
  const std::string header =
      "func.func @f(%a: tensor<2x3xi32>, %b: tensor<3x4xi32>) -> tensor<2x4xi32> {\n";
  const auto args = [] {
    return list(tensor(TENON_I32, {2, 3}, {1, 2, 3, 4, 5, 6}),
                tensor(TENON_I32, {3, 4}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
  };
  const Numbers whole =
      runNumbers(header + "%r = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<2x3xi32>, "
                          "tensor<3x4xi32>) -> tensor<2x4xi32>\nreturn %r : tensor<2x4xi32>\n}",
                 args());
  const Numbers slices = runNumbers(
      header +
          "%r = tn.slice (%j in 3) -> (tensor<2x4xi32> [sum]) {\n"
          "%x = tensor.extract_slice %a[0, %j] [2, 1] [1, 1] : tensor<2x3xi32> to tensor<2xi32>\n"
          "%y = tensor.extract_slice %b[%j, 0] [1, 4] [1, 1] : tensor<3x4xi32> to tensor<4xi32>\n"
          "%p = tn.contract (%x[i], %y[k]) -> [i, k] : (tensor<2xi32>, tensor<4xi32>) -> "
          "tensor<2x4xi32>\ntn.yield %p : tensor<2x4xi32>\n}\nreturn %r : tensor<2x4xi32>\n}",
      args());
  EXPECT_EQ(whole, (Numbers{38, 44, 50, 56, 83, 98, 113, 128}));
  EXPECT_EQ(slices, whole);
}

} // namespace
