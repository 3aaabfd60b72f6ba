//===- LinalgTest.cpp - linalg, interpreted -------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Harness.h"

using namespace tenon;
using namespace tenon::test;

namespace {

TEST(Linalg, MatmulAddsToItsOutput) {
  EXPECT_EQ(runNumbers(R"(
    func.func @f(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>, %c: tensor<2x4xf32>) -> tensor<2x4xf32> {
      %r = linalg.matmul ins(%a, %b : tensor<2x3xf32>, tensor<3x4xf32>) outs(%c : tensor<2x4xf32>) -> tensor<2x4xf32>
      return %r : tensor<2x4xf32>
    })",
                       list(tensor(TENON_F32, {2, 3}, {1, 2, 3, 4, 5, 6}),
                            tensor(TENON_F32, {3, 4}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}),
                            tensor(TENON_F32, {2, 4}, {100, 200, 300, 400, 500, 600, 700, 800}))),
            (Numbers{138, 244, 350, 456, 583, 698, 813, 928}));
}

TEST(Linalg, AccumulatesInTheTypeOfTheBody) {
  // In f16, 2048 + 1 is 2048 each time: the sum stays; the extended body counts.
  const std::string text = R"(
    #in = affine_map<(i) -> (i)>
    #out = affine_map<(i) -> ()>
    func.func @f(%a: tensor<4xf16>) -> (tensor<f16>, tensor<f32>) {
      %e = tensor.empty() : tensor<f16>
      %h = linalg.generic {indexing_maps = [#in, #out], iterator_types = ["reduction"]}
          ins(%a : tensor<4xf16>) outs(%e : tensor<f16>) {
      ^bb0(%x: f16, %s: f16):
        %t = arith.addf %s, %x : f16
        linalg.yield %t : f16
      } -> tensor<f16>
      %w = tensor.empty() : tensor<f32>
      %g = linalg.generic {indexing_maps = [#in, #out], iterator_types = ["reduction"]}
          ins(%a : tensor<4xf16>) outs(%w : tensor<f32>) {
      ^bb0(%x: f16, %s: f32):
        %y = arith.extf %x : f16 to f32
        %t = arith.addf %s, %y : f32
        linalg.yield %t : f32
      } -> tensor<f32>
      return %h, %g : tensor<f16>, tensor<f32>
    })";
  const Tensors results = run(text, list(tensor(TENON_F16, {4}, {2048, 1, 1, 1})));
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(numbers(results[0]), (Numbers{2048}));
  EXPECT_EQ(numbers(results[1]), (Numbers{2051}));
}

TEST(Linalg, GenericReadsThroughAnyMap) {
  // r[i, j] = a[j, i] * 10 + v[i + j] + i, with i and j of unequal extents.
  EXPECT_EQ(
      runNumbers(R"(
    #t = affine_map<(i, j) -> (j, i)>
    #w = affine_map<(i, j) -> (i + j)>
    #o = affine_map<(i, j) -> (i, j)>
    func.func @f(%a: tensor<3x2xi32>, %v: tensor<4xi32>, %ten: i32) -> tensor<2x3xi32> {
      %e = tensor.empty() : tensor<2x3xi32>
      %r = linalg.generic {indexing_maps = [#t, #w, affine_map<(i, j) -> ()>, #o],
                           iterator_types = ["parallel", "parallel"]}
          ins(%a, %v, %ten : tensor<3x2xi32>, tensor<4xi32>, i32) outs(%e : tensor<2x3xi32>) {
      ^bb0(%x: i32, %y: i32, %s: i32, %unused: i32):
        %p = arith.muli %x, %s : i32
        %q = arith.addi %p, %y : i32
        %i = linalg.index 0 : index
        %k = arith.index_cast %i : index to i32
        %z = arith.addi %q, %k : i32
        linalg.yield %z : i32
      } -> tensor<2x3xi32>
      return %r : tensor<2x3xi32>
    })",
                 list(tensor(TENON_I32, {3, 2}, {1, 2, 3, 4, 5, 6}),
                      tensor(TENON_I32, {4}, {100, 200, 300, 400}), tensor(TENON_I32, {}, {10}))),
      (Numbers{110, 230, 350, 221, 341, 461}));
}

TEST(Linalg, GenericWithSeveralOutputsAndDynamicExtents) {
  const Tensors results =
      run(R"(
    #id = affine_map<(i) -> (i)>
    func.func @f(%a: tensor<?xi32>, %o: tensor<?xi32>, %p: tensor<?xi1>) -> (tensor<?xi32>, tensor<?xi1>) {
      %r, %s = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
          ins(%a : tensor<?xi32>) outs(%o, %p : tensor<?xi32>, tensor<?xi1>) {
      ^bb0(%x: i32, %y: i32, %z: i1):
        %t = arith.addi %x, %y : i32
        %u = arith.cmpi sgt, %x, %y : i32
        linalg.yield %t, %u : i32, i1
      } -> (tensor<?xi32>, tensor<?xi1>)
      return %r, %s : tensor<?xi32>, tensor<?xi1>
    })",
          list(tensor(TENON_I32, {3}, {1, 20, 3}), tensor(TENON_I32, {3}, {10, 10, 1}),
               tensor(TENON_BOOL, {3}, {0, 0, 0})));
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(numbers(results[0]), (Numbers{11, 30, 4}));
  EXPECT_EQ(numbers(results[1]), (Numbers{0, 1, 1}));
}

TEST(Linalg, BodiesWithControlFlow) {
  EXPECT_EQ(runNumbers(R"(
    #id = affine_map<(i, j) -> (i, j)>
    func.func @f(%a: tensor<2x3xi32>) -> tensor<2x3xi32> {
      %c0 = arith.constant 0 : i32
      %r = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]}
          outs(%a : tensor<2x3xi32>) {
      ^bb0(%x: i32):
        %j = linalg.index 1 : index
        %odd = arith.trunci %x : i32 to i1
        %y = scf.if %odd -> i32 {
          %k = arith.index_cast %j : index to i32
          scf.yield %k : i32
        } else {
          scf.yield %c0 : i32
        }
        linalg.yield %y : i32
      } -> tensor<2x3xi32>
      return %r : tensor<2x3xi32>
    })",
                       list(tensor(TENON_I32, {2, 3}, {2, 4, 5, 7, 9, 8}))),
            (Numbers{0, 0, 2, 0, 1, 0}));
}

TEST(Linalg, NamedOps) {
  const Tensors results =
      run(R"(
    func.func @f(%a: tensor<2x3xi32>, %x: i32) -> (tensor<3x2xi32>, tensor<2xi32>, tensor<2x4xi32>, tensor<2x3xi32>, tensor<2x3xi32>) {
      %e = tensor.empty() : tensor<3x2xi32>
      %t = linalg.transpose ins(%a : tensor<2x3xi32>) outs(%e : tensor<3x2xi32>) permutation = [1, 0]
      %v = tensor.empty() : tensor<2xi32>
      %f = linalg.fill ins(%x : i32) outs(%v : tensor<2xi32>) -> tensor<2xi32>
      %r = linalg.reduce { arith.muli } ins(%a : tensor<2x3xi32>) outs(%f : tensor<2xi32>) dimensions = [1]
      %w = tensor.empty() : tensor<2x4xi32>
      %b = linalg.broadcast ins(%r : tensor<2xi32>) outs(%w : tensor<2x4xi32>) dimensions = [1]
      %m = linalg.map { arith.subi } ins(%a, %a : tensor<2x3xi32>, tensor<2x3xi32>) outs(%a : tensor<2x3xi32>)
      %s = linalg.add ins(%a, %a : tensor<2x3xi32>, tensor<2x3xi32>) outs(%a : tensor<2x3xi32>) -> tensor<2x3xi32>
      return %t, %r, %b, %m, %s : tensor<3x2xi32>, tensor<2xi32>, tensor<2x4xi32>, tensor<2x3xi32>, tensor<2x3xi32>
    })",
          list(tensor(TENON_I32, {2, 3}, {1, 2, 3, 4, 5, 6}), tensor(TENON_I32, {}, {10})));
  ASSERT_EQ(results.size(), 5u);
  EXPECT_EQ(numbers(results[0]), (Numbers{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(numbers(results[1]), (Numbers{60, 1200}));
  EXPECT_EQ(numbers(results[2]), (Numbers{60, 60, 60, 60, 1200, 1200, 1200, 1200}));
  EXPECT_EQ(numbers(results[3]), (Numbers{0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(numbers(results[4]), (Numbers{2, 4, 6, 8, 10, 12}));
}

TEST(Linalg, ConvolutionsReadThroughSumsOfLoops) {
  EXPECT_EQ(
      runNumbers(R"(
    func.func @f(%a: tensor<5xi32>, %k: tensor<2xi32>) -> tensor<4xi32> {
      %e = tensor.empty() : tensor<4xi32>
      %r = linalg.conv_1d ins(%a, %k : tensor<5xi32>, tensor<2xi32>) outs(%e : tensor<4xi32>) -> tensor<4xi32>
      return %r : tensor<4xi32>
    })",
                 list(tensor(TENON_I32, {5}, {1, 2, 4, 8, 16}), tensor(TENON_I32, {2}, {1, 10}))),
      (Numbers{21, 42, 84, 168}));
}

TEST(Linalg, ZeroExtents) {
  EXPECT_EQ(runNumbers(R"(
    func.func @f(%a: tensor<2x?xf32>, %b: tensor<?x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
      %r = linalg.matmul ins(%a, %b : tensor<2x?xf32>, tensor<?x3xf32>) outs(%c : tensor<2x3xf32>) -> tensor<2x3xf32>
      return %r : tensor<2x3xf32>
    })",
                       list(tensor(TENON_F32, {2, 0}, {}), tensor(TENON_F32, {0, 3}, {}),
                            tensor(TENON_F32, {2, 3}, {1, 2, 3, 4, 5, 6}))),
            (Numbers{1, 2, 3, 4, 5, 6}));
}

TEST(Linalg, PacksAndUnpacks) {
  // 3x5 in tiles of 2x3 with the outer dimensions exchanged: 2x2x2x3, padded with -1.
  const Tensors results =
      run(R"(
    func.func @f(%a: tensor<3x5xi32>) -> (tensor<2x2x2x3xi32>, tensor<3x5xi32>) {
      %pad = arith.constant -1 : i32
      %e = tensor.empty() : tensor<2x2x2x3xi32>
      %p = linalg.pack %a padding_value(%pad : i32) outer_dims_perm = [1, 0] inner_dims_pos = [0, 1]
          inner_tiles = [2, 3] into %e : tensor<3x5xi32> -> tensor<2x2x2x3xi32>
      %u = tensor.empty() : tensor<3x5xi32>
      %r = linalg.unpack %p outer_dims_perm = [1, 0] inner_dims_pos = [0, 1] inner_tiles = [2, 3]
          into %u : tensor<2x2x2x3xi32> -> tensor<3x5xi32>
      return %p, %r : tensor<2x2x2x3xi32>, tensor<3x5xi32>
    })",
          list(tensor(TENON_I32, {3, 5}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})));
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(numbers(results[0]), (Numbers{1, 2, 3,  6, 7,  8,  11, 12, 13, -1, -1, -1,
                                          4, 5, -1, 9, 10, -1, 14, 15, -1, -1, -1, -1}));
  EXPECT_EQ(numbers(results[1]), (Numbers{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}));
}

} // namespace
