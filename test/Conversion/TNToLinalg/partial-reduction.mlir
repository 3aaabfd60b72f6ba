// Upstream tiling of summed indices: accumulators of the accumulation type, merged by a contraction of one operand.

// RUN: tenon-opt %s --transform-interpreter --canonicalize --cse --mlir-print-local-scope | FileCheck %s

// RUN: rm -rf %t && mkdir %t
// RUN: tenon-opt %s --transform-interpreter -o %t/tiled.mlir
// RUN: tenon-run %s --reference --entry=loop --random=1 -o %t/loop.npy
// RUN: tenon-run %t/tiled.mlir --reference --entry=loop --random=1 -o %t/loop-tiled.npy
// RUN: cmp %t/loop.npy %t/loop-tiled.npy
// RUN: tenon-run %s --reference --entry=two_loops --random=2 -o %t/two.npy
// RUN: tenon-run %t/tiled.mlir --reference --entry=two_loops --random=2 -o %t/two-tiled.npy
// RUN: cmp %t/two.npy %t/two-tiled.npy
// RUN: tenon-run %s --reference --entry=parallel --random=3 -o %t/parallel.npy
// RUN: tenon-run %t/tiled.mlir --reference --entry=parallel --random=3 -o %t/parallel-tiled.npy
// RUN: cmp %t/parallel.npy %t/parallel-tiled.npy
// RUN: tenon-run %s --reference --entry=scalar --random=4 -o %t/scalar.npy
// RUN: tenon-run %t/tiled.mlir --reference --entry=scalar --random=4 -o %t/scalar-tiled.npy
// RUN: cmp %t/scalar.npy %t/scalar-tiled.npy

// 5 = 2 + 2 + 1 values of k: two sums per element of the result, in f64, rounded once at the end. Maxima of
// sums of f32 are exact in f64, so the results are equal.
// CHECK-LABEL: func.func @loop(
// CHECK-SAME:    %[[A:.*]]: tensor<7x5xf32>, %[[B:.*]]: tensor<5x9xf32>)
// CHECK-DAG:   %[[ZERO:.*]] = arith.constant 0xFFF0000000000000 : f64
// CHECK:       %[[INIT:.*]] = linalg.fill ins(%[[ZERO]] : f64) outs(%{{.*}} : tensor<9x7x2xf64>)
// CHECK:       %[[SUMS:.*]] = scf.for %[[K:.*]] = %{{.*}} iter_args(%[[ACC:.*]] = %[[INIT]])
// CHECK:         %[[NK:.*]] = affine.min affine_map<(d0) -> (-d0 + 5, 2)>(%[[K]])
// CHECK:         %[[AT:.*]] = tensor.extract_slice %[[A]][0, %[[K]]] [7, %[[NK]]]
// CHECK:         %[[BT:.*]] = tensor.extract_slice %[[B]][%[[K]], 0] [%[[NK]], 9]
// CHECK:         %[[PART:.*]] = tn.contract (%[[AT]][i, k], %[[BT]][k, j]) -> [j, i, k] semiring(max_plus) : (tensor<7x?xf32>, tensor<?x9xf32>) -> tensor<9x7x?xf64>
// CHECK:         %[[OLD:.*]] = tensor.extract_slice %[[ACC]][0, 0, 0] [9, 7, %[[NK]]]
// CHECK:         %[[NEW:.*]] = linalg.generic {{.*}} ins(%[[PART]] : tensor<9x7x?xf64>) outs(%[[OLD]] : tensor<9x7x?xf64>)
// CHECK:           arith.maximumf
// CHECK:         tensor.insert_slice %[[NEW]] into %[[ACC]][0, 0, 0] [9, 7, %[[NK]]]
// CHECK:       tn.contract (%[[SUMS]][j, i, k]) -> [j, i] semiring(max_plus) accumulate(f64) : (tensor<9x7x2xf64>) -> tensor<9x7xf32>
func.func @loop(%a: tensor<7x5xf32>, %b: tensor<5x9xf32>) -> tensor<9x7xf32> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] semiring(max_plus) accumulate(f64) {tag = "loop"} : (tensor<7x5xf32>, tensor<5x9xf32>) -> tensor<9x7xf32>
  return %r : tensor<9x7xf32>
}

// Loops over two of three summed indices, one of them a diagonal; the third is summed within a tile.
// CHECK-LABEL: func.func @two_loops(
// CHECK:       outs(%{{.*}} : tensor<3x2x3xi64>)
// CHECK:       tn.contract (%{{.*}}[i, k, k], %{{.*}}[k, m, l], %{{.*}}[l]) -> [i, k, l] unsigned
// CHECK:       tn.contract (%{{.*}}[i, k, l]) -> [i] unsigned : (tensor<3x2x3xi64>) -> tensor<3xi64>
func.func @two_loops(%a: tensor<3x5x5xi32>, %b: tensor<5x6x4xi16>, %c: tensor<4xi64>) -> tensor<3xi64> {
  %r = tn.contract (%a[i, k, k], %b[k, m, l], %c[l]) -> [i] unsigned {tag = "two"} : (tensor<3x5x5xi32>, tensor<5x6x4xi16>, tensor<4xi64>) -> tensor<3xi64>
  return %r : tensor<3xi64>
}

// Three workers, each with a sum of its own.
// CHECK-LABEL: func.func @parallel(
// CHECK:       %[[INIT:.*]] = linalg.fill {{.*}} tensor<7x3xi32>
// CHECK:       %[[SUMS:.*]] = scf.forall (%[[T:.*]]) in (3) shared_outs(%[[ACC:.*]] = %[[INIT]])
// CHECK:         %[[PART:.*]] = tn.contract (%{{.*}}[i, k], %{{.*}}[k]) -> [i]
// CHECK:         %[[NEW:.*]] = linalg.generic {{.*}} ins(%[[PART]] : tensor<7xi32>)
// CHECK:         tensor.parallel_insert_slice %[[NEW]] into %[[ACC]][0, %[[T]]] [7, 1] [1, 1] : tensor<7xi32> into tensor<7x3xi32>
// CHECK:       tn.contract (%[[SUMS]][i, k]) -> [i] : (tensor<7x3xi32>) -> tensor<7xi32>
func.func @parallel(%a: tensor<7x11xi32>, %b: tensor<11xi32>) -> tensor<7xi32> {
  %r = tn.contract (%a[i, k], %b[k]) -> [i] {tag = "parallel"} : (tensor<7x11xi32>, tensor<11xi32>) -> tensor<7xi32>
  return %r : tensor<7xi32>
}

// A result of rank 0: every loop is summed.
// CHECK-LABEL: func.func @scalar(
// CHECK:       tn.contract (%{{.*}}[i, k], %{{.*}}[k, i]) -> [i, k]
// CHECK:       tn.contract (%{{.*}}[i, k]) -> [] : (tensor<2x3xi32>) -> tensor<i32>
func.func @scalar(%a: tensor<7x5xi32>, %b: tensor<5x7xi32>) -> tensor<i32> {
  %r = tn.contract (%a[i, k], %b[k, i]) -> [] {tag = "scalar"} : (tensor<7x5xi32>, tensor<5x7xi32>) -> tensor<i32>
  return %r : tensor<i32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %loop = transform.structured.match ops{["tn.contract"]} attributes{tag = "loop"} in %root : (!transform.any_op) -> !transform.any_op
    %l0, %l1, %l2, %l3 = transform.structured.tile_reduction_using_for %loop by tile_sizes = [0, 0, 2]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    %two = transform.structured.match ops{["tn.contract"]} attributes{tag = "two"} in %root : (!transform.any_op) -> !transform.any_op
    %t0, %t1, %t2, %t3 = transform.structured.tile_reduction_using_for %two reduction_dims = [1, 3] by tile_sizes = [0, 2, 0, 3]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    %parallel = transform.structured.match ops{["tn.contract"]} attributes{tag = "parallel"} in %root : (!transform.any_op) -> !transform.any_op
    %p0, %p1, %p2, %p3 = transform.structured.tile_reduction_using_forall %parallel by num_threads = [0, 3]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    %scalar = transform.structured.match ops{["tn.contract"]} attributes{tag = "scalar"} in %root : (!transform.any_op) -> !transform.any_op
    %s0, %s1, %s2, %s3 = transform.structured.tile_reduction_using_for %scalar by tile_sizes = [2, 3]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}
