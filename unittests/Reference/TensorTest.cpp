//===- TensorTest.cpp - tensor, interpreted -------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Harness.h"

using namespace tenon;
using namespace tenon::test;

namespace {

HostTensor matrix() { return tensor(TENON_F32, {2, 3}, {1, 2, 3, 4, 5, 6}); }

TEST(Tensor, CreatesAndAccesses) {
  const Tensors results = run(R"(
    func.func @f(%n: index, %x: i32) -> (tensor<?x2xi32>, tensor<2x?xi32>, tensor<2x2xi32>, i32, index) {
      %c1 = arith.constant 1 : index
      %e = tensor.empty(%n) : tensor<?x2xi32>
      %i = tensor.insert %x into %e[%c1, %c1] : tensor<?x2xi32>
      %s = tensor.splat %x[%n] : tensor<2x?xi32>
      %y = arith.addi %x, %x : i32
      %m = tensor.from_elements %x, %y, %y, %x : tensor<2x2xi32>
      %v = tensor.extract %m[%c1, %c1] : tensor<2x2xi32>
      %d = tensor.dim %s, %c1 : tensor<2x?xi32>
      return %i, %s, %m, %v, %d : tensor<?x2xi32>, tensor<2x?xi32>, tensor<2x2xi32>, i32, index
    })",
                              list(tensor(TENON_I64, {}, {3}), tensor(TENON_I32, {}, {7})));
  ASSERT_EQ(results.size(), 5u);
  EXPECT_EQ(numbers(results[0]), (Numbers{0, 0, 0, 7, 0, 0}));
  EXPECT_EQ(shape(results[1]), (Shape{2, 3}));
  EXPECT_EQ(numbers(results[2]), (Numbers{7, 14, 14, 7}));
  EXPECT_EQ(numbers(results[3]), (Numbers{7}));
  EXPECT_EQ(numbers(results[4]), (Numbers{3}));
}

TEST(Tensor, InsertionLeavesTheOriginalAlone) {
  const Tensors results = run(R"(
    func.func @f(%a: tensor<3xf32>, %x: f32) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) {
      %c0 = arith.constant 0 : index
      %c2 = arith.constant 2 : index
      %b = tensor.insert %x into %a[%c0] : tensor<3xf32>
      %c = tensor.insert %x into %b[%c2] : tensor<3xf32>
      return %a, %b, %c : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
    })",
                              list(tensor(TENON_F32, {3}, {1, 2, 3}), tensor(TENON_F32, {}, {9})));
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(numbers(results[0]), (Numbers{1, 2, 3}));
  EXPECT_EQ(numbers(results[1]), (Numbers{9, 2, 3}));
  EXPECT_EQ(numbers(results[2]), (Numbers{9, 2, 9}));
}

TEST(Tensor, ArgumentsOfTheCallerStayUnchanged) {
  const Tensors args = list(tensor(TENON_F32, {2}, {1, 2}));
  EXPECT_EQ(runNumbers(R"(
    func.func @f(%a: tensor<2xf32>) -> tensor<2xf32> {
      %c0 = arith.constant 0 : index
      %x = arith.constant 9.0 : f32
      %b = tensor.insert %x into %a[%c0] : tensor<2xf32>
      return %b : tensor<2xf32>
    })",
                       args),
            (Numbers{9, 2}));
  EXPECT_EQ(numbers(args[0]), (Numbers{1, 2}));
}

TEST(Tensor, Slices) {
  const Tensors results =
      run(R"(
    func.func @f(%a: tensor<2x3xf32>, %v: tensor<2xf32>, %o: index)
        -> (tensor<2x2xf32>, tensor<2xf32>, tensor<2x3xf32>) {
      %s = tensor.extract_slice %a[0, 0] [2, 2] [1, 2] : tensor<2x3xf32> to tensor<2x2xf32>
      %c = tensor.extract_slice %a[0, %o] [2, 1] [1, 1] : tensor<2x3xf32> to tensor<2xf32>
      %i = tensor.insert_slice %v into %a[1, %o] [1, 2] [1, 1] : tensor<2xf32> into tensor<2x3xf32>
      return %s, %c, %i : tensor<2x2xf32>, tensor<2xf32>, tensor<2x3xf32>
    })",
          list(matrix(), tensor(TENON_F32, {2}, {8, 9}), tensor(TENON_I64, {}, {1})));
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(numbers(results[0]), (Numbers{1, 3, 4, 6}));
  EXPECT_EQ(numbers(results[1]), (Numbers{2, 5}));
  EXPECT_EQ(numbers(results[2]), (Numbers{1, 2, 3, 4, 8, 9}));
}

TEST(Tensor, Reshapes) {
  const Tensors results =
      run(R"(
    func.func @f(%a: tensor<?x6xf32>, %n: index, %s: tensor<2xi32>)
        -> (tensor<?x2x3xf32>, tensor<?xf32>, tensor<?x?xf32>, tensor<2x6xf32>) {
      %e = tensor.expand_shape %a [[0], [1, 2]] output_shape [%n, 2, 3] : tensor<?x6xf32> into tensor<?x2x3xf32>
      %c = tensor.collapse_shape %e [[0, 1, 2]] : tensor<?x2x3xf32> into tensor<?xf32>
      %r = tensor.reshape %a(%s) : (tensor<?x6xf32>, tensor<2xi32>) -> tensor<?x?xf32>
      %k = tensor.cast %a : tensor<?x6xf32> to tensor<2x6xf32>
      return %e, %c, %r, %k : tensor<?x2x3xf32>, tensor<?xf32>, tensor<?x?xf32>, tensor<2x6xf32>
    })",
          list(tensor(TENON_F32, {2, 6}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}),
               tensor(TENON_I64, {}, {2}), tensor(TENON_I32, {2}, {4, 3})));
  ASSERT_EQ(results.size(), 4u);
  EXPECT_EQ(shape(results[0]), (Shape{2, 2, 3}));
  EXPECT_EQ(shape(results[1]), (Shape{12}));
  EXPECT_EQ(shape(results[2]), (Shape{4, 3}));
  for (const HostTensor &result : results)
    EXPECT_EQ(numbers(result), (Numbers{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
}

TEST(Tensor, PadsGeneratesAndConcatenates) {
  const Tensors results = run(R"(
    func.func @f(%a: tensor<2x3xf32>, %n: index) -> (tensor<3x5xf32>, tensor<2x?xindex>, tensor<2x5xf32>) {
      %z = arith.constant -1.0 : f32
      %p = tensor.pad %a low[0, 2] high[1, 0] {
      ^bb0(%i: index, %j: index):
        tensor.yield %z : f32
      } : tensor<2x3xf32> to tensor<3x5xf32>
      %c10 = arith.constant 10 : index
      %g = tensor.generate %n {
      ^bb0(%i: index, %j: index):
        %t = arith.muli %i, %c10 : index
        %u = arith.addi %t, %j : index
        tensor.yield %u : index
      } : tensor<2x?xindex>
      %s = tensor.extract_slice %a[0, 0] [2, 2] [1, 1] : tensor<2x3xf32> to tensor<2x2xf32>
      %k = tensor.concat dim(1) %a, %s : (tensor<2x3xf32>, tensor<2x2xf32>) -> tensor<2x5xf32>
      return %p, %g, %k : tensor<3x5xf32>, tensor<2x?xindex>, tensor<2x5xf32>
    })",
                              list(matrix(), tensor(TENON_I64, {}, {3})));
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(numbers(results[0]), (Numbers{-1, -1, 1, 2, 3, -1, -1, 4, 5, 6, -1, -1, -1, -1, -1}));
  EXPECT_EQ(numbers(results[1]), (Numbers{0, 1, 2, 10, 11, 12}));
  EXPECT_EQ(numbers(results[2]), (Numbers{1, 2, 3, 1, 2, 4, 5, 6, 4, 5}));
}

TEST(Tensor, GeneratesWithControlFlowAndTensors) {
  EXPECT_EQ(runNumbers(R"(
    func.func @f(%a: tensor<3xf32>) -> tensor<3xf32> {
      %c1 = arith.constant 1 : index
      %r = tensor.generate {
      ^bb0(%i: index):
        %x = tensor.extract %a[%i] : tensor<3xf32>
        %first = arith.cmpi eq, %i, %c1 : index
        %y = scf.if %first -> f32 {
          %d = arith.addf %x, %x : f32
          scf.yield %d : f32
        } else {
          scf.yield %x : f32
        }
        tensor.yield %y : f32
      } : tensor<3xf32>
      return %r : tensor<3xf32>
    })",
                       list(tensor(TENON_F32, {3}, {1, 2, 3}))),
            (Numbers{1, 4, 3}));
}

} // namespace
