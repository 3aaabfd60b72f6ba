// RUN: tenon-opt %s -convert-tn-to-linalg -mlir-print-local-scope | FileCheck %s

// A conjugation that a contraction reads happens in its body; no conjugated tensor is made.
// CHECK-LABEL: func.func @conj_folds(
// CHECK-SAME:    %[[A:.*]]: tensor<4x5xcomplex<f32>>, %[[B:.*]]: tensor<5xcomplex<f32>>)
// CHECK:       linalg.generic
// CHECK-SAME:    ins(%[[A]], %[[B]] :
// CHECK:       ^bb0(%[[X:.*]]: complex<f32>, %[[Y:.*]]: complex<f32>, %[[SUM:.*]]: complex<f32>):
// CHECK-NEXT:    %[[CY:.*]] = complex.conj %[[Y]] : complex<f32>
// CHECK-NEXT:    %[[P:.*]] = complex.mul %[[X]], %[[CY]] : complex<f32>
// CHECK-NEXT:    complex.add %[[SUM]], %[[P]]
// CHECK-NOT:   linalg.generic
// CHECK:       return
func.func @conj_folds(%a: tensor<4x5xcomplex<f32>>, %b: tensor<5xcomplex<f32>>) -> tensor<4xcomplex<f32>> {
  %c = tn.conj %b : tensor<5xcomplex<f32>>
  %r = tn.contract (%a[i, j], %c[j]) -> [i]
     : (tensor<4x5xcomplex<f32>>, tensor<5xcomplex<f32>>) -> tensor<4xcomplex<f32>>
  return %r : tensor<4xcomplex<f32>>
}

// CHECK-LABEL: func.func @conj_is_a_map(
// CHECK:       ^bb0(%[[X:.*]]: complex<f64>, %{{.*}}: complex<f64>):
// CHECK-NEXT:    %[[CX:.*]] = complex.conj %[[X]] : complex<f64>
// CHECK-NEXT:    linalg.yield %[[CX]]
func.func @conj_is_a_map(%a: tensor<4x5xcomplex<f64>>) -> tensor<4x5xcomplex<f64>> {
  %c = tn.conj %a : tensor<4x5xcomplex<f64>>
  return %c : tensor<4x5xcomplex<f64>>
}

// A real tensor is its own conjugate.
// CHECK-LABEL: func.func @conj_of_real(
// CHECK-SAME:    %[[A:.*]]: tensor<4x5xf64>)
// CHECK-NEXT:  return %[[A]]
func.func @conj_of_real(%a: tensor<4x5xf64>) -> tensor<4x5xf64> {
  %c = tn.conj %a : tensor<4x5xf64>
  return %c : tensor<4x5xf64>
}

// CHECK-LABEL: func.func @delta(
// CHECK-DAG:   %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
// CHECK-DAG:   %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK:       linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>]
// CHECK-SAME:    iterator_types = ["parallel", "parallel", "parallel"]
// CHECK:         %[[I:.*]] = linalg.index 0
// CHECK:         %[[J:.*]] = linalg.index 1
// CHECK:         %[[IJ:.*]] = arith.cmpi eq, %[[I]], %[[J]]
// CHECK:         %[[K:.*]] = linalg.index 2
// CHECK:         %[[IK:.*]] = arith.cmpi eq, %[[I]], %[[K]]
// CHECK:         %[[ALL:.*]] = arith.andi %[[IJ]], %[[IK]]
// CHECK:         arith.select %[[ALL]], %[[ONE]], %[[ZERO]]
func.func @delta() -> tensor<5x5x5xf32> {
  %d = tn.delta : tensor<5x5x5xf32>
  return %d : tensor<5x5x5xf32>
}

// In (max, +) the zero is -inf and the one is 0.
// CHECK-LABEL: func.func @delta_of_semiring(
// CHECK-DAG:   %[[ONE:.*]] = arith.constant 0.000000e+00 : f32
// CHECK-DAG:   %[[ZERO:.*]] = arith.constant 0xFF800000 : f32
// CHECK:         arith.select %{{.*}}, %[[ONE]], %[[ZERO]]
func.func @delta_of_semiring() -> tensor<5x5xf32> {
  %d = tn.delta semiring(max_plus) : tensor<5x5xf32>
  return %d : tensor<5x5xf32>
}

// A delta of rank 1 is all ones.
// CHECK-LABEL: func.func @delta_of_rank_1(
// CHECK-NOT:     arith.select
// CHECK:         linalg.yield
// CHECK-NOT:     arith.select
// CHECK:         return
func.func @delta_of_rank_1() -> tensor<5xf32> {
  %d = tn.delta : tensor<5xf32>
  return %d : tensor<5xf32>
}

// CHECK-LABEL: func.func @constant(
// CHECK-NEXT:  %[[C:.*]] = arith.constant dense<{{\[\[}}1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>
// CHECK-NEXT:  return %[[C]]
func.func @constant() -> tensor<2x3xi32> {
  %c = tn.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>
  return %c : tensor<2x3xi32>
}
