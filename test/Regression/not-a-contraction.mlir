// Bodies that resemble those of contractions but compute something else: the kernels of contractions must not take them.

// RUN: tenon-run %s --entry=max_of_products --random=3 --check
// RUN: tenon-run %s --entry=mixed_signedness --random=3 --check
// RUN: tenon-run %s --entry=last_product --random=3 --check
// RUN: tenon-opt %s --tenon-cpu-pipeline | FileCheck %s

// Products may be negative; the zero of max_times, 0, would win.
// CHECK-LABEL: func.func @max_of_products(
// CHECK-NOT:   tn.call_contraction
func.func @max_of_products(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>) -> tensor<3x5xf32> {
  %least = arith.constant 0xFF800000 : f32
  %e = tensor.empty() : tensor<3x5xf32>
  %f = linalg.fill ins(%least : f32) outs(%e : tensor<3x5xf32>) -> tensor<3x5xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (k, j)>, affine_map<(i, j, k) -> (i, j)>],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<3x4xf32>, tensor<4x5xf32>) outs(%f : tensor<3x5xf32>) {
  ^bb0(%x: f32, %y: f32, %o: f32):
    %p = arith.mulf %x, %y : f32
    %m = arith.maximumf %o, %p : f32
    linalg.yield %m : f32
  } -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}

// An operand that is unsigned under a maximum that is signed.
// CHECK-LABEL: func.func @mixed_signedness(
// CHECK-NOT:   tn.call_contraction
func.func @mixed_signedness(%a: tensor<3x4xi8>, %b: tensor<4x5xi32>) -> tensor<3x5xi32> {
  %least = arith.constant -2147483648 : i32
  %e = tensor.empty() : tensor<3x5xi32>
  %f = linalg.fill ins(%least : i32) outs(%e : tensor<3x5xi32>) -> tensor<3x5xi32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (k, j)>, affine_map<(i, j, k) -> (i, j)>],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<3x4xi8>, tensor<4x5xi32>) outs(%f : tensor<3x5xi32>) {
  ^bb0(%x: i8, %y: i32, %o: i32):
    %z = arith.extui %x : i8 to i32
    %p = arith.addi %z, %y : i32
    %m = arith.maxsi %o, %p : i32
    linalg.yield %m : i32
  } -> tensor<3x5xi32>
  return %r : tensor<3x5xi32>
}

// The output keeps the product of the last iteration, not their sum.
// CHECK-LABEL: func.func @last_product(
// CHECK-NOT:   tn.call_contraction
func.func @last_product(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>) -> tensor<3x5xf32> {
  %e = tensor.empty() : tensor<3x5xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (k, j)>, affine_map<(i, j, k) -> (i, j)>],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<3x4xf32>, tensor<4x5xf32>) outs(%e : tensor<3x5xf32>) {
  ^bb0(%x: f32, %y: f32, %o: f32):
    %p = arith.mulf %x, %y : f32
    linalg.yield %p : f32
  } -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}

// What tn itself calls max_times is one.
// CHECK-LABEL: func.func @max_times(
// CHECK:       tn.call_contraction
func.func @max_times(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>) -> tensor<3x5xf32> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [i, j] semiring(max_times) : (tensor<3x4xf32>, tensor<4x5xf32>) -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}
