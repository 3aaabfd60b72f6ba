// RUN: split-file %s %t
// RUN: tenon-run %t/last.mlir --random=1 --check | FileCheck %s
// RUN: tenon-run %t/first.mlir --random=1 --check | FileCheck %s
// RUN: tenon-run %t/several.mlir --random=1 --check | FileCheck %s

// A slice that leaves several extents of 1, of which one is dropped: where strides are the caller's, it was the wrong one.

// CHECK: result 0: agrees

//--- last.mlir
func.func @main(%0: tensor<1x3x2xf32>, %1: tensor<3x1x2xf32>, %2: tensor<2x1x2xf32>) -> tensor<2x2x1xf32> {
  %r = tn.contract (%0[e, a, d], %1[a, e, d], %2[c, e, d]) -> [c, d, e] {tn.path = array<i64: 0, 1, 2, 3>, tn.sliced = array<i64: 2>}
       : (tensor<1x3x2xf32>, tensor<3x1x2xf32>, tensor<2x1x2xf32>) -> tensor<2x2x1xf32>
  return %r : tensor<2x2x1xf32>
}

//--- first.mlir
func.func @main(%0: tensor<1x2x1xf32>, %1: tensor<2x1xf32>, %2: tensor<2x1x2xf32>) -> tensor<2x1x2xf32> {
  %r = tn.contract (%0[d, e, a], %1[e, a], %2[e, d, c]) -> [c, a, e] {tn.path = array<i64: 0, 1, 2, 3>, tn.sliced = array<i64: 2>}
       : (tensor<1x2x1xf32>, tensor<2x1xf32>, tensor<2x1x2xf32>) -> tensor<2x1x2xf32>
  return %r : tensor<2x1x2xf32>
}

//--- several.mlir
func.func @main(%0: tensor<1x2x3xf32>, %1: tensor<1x2x1xf32>, %2: tensor<1x3x2xf32>) -> tensor<f32> {
  %r = tn.contract (%0[d, b, a], %1[d, c, e], %2[e, a, b]) -> [] {tn.path = array<i64: 0, 1, 2, 3>, tn.sliced = array<i64: 0, 1>}
       : (tensor<1x2x3xf32>, tensor<1x2x1xf32>, tensor<1x3x2xf32>) -> tensor<f32>
  return %r : tensor<f32>
}
