// RUN: tenon-opt %s -canonicalize | FileCheck %s
// RUN: tenon-opt %s -loop-invariant-code-motion | FileCheck %s --check-prefix=LICM
// RUN: tenon-opt %s -cse | FileCheck %s --check-prefix=CSE

// CHECK-LABEL: func.func @identity_contraction
// CHECK-SAME: (%[[A:.*]]: tensor<4x5xf32>)
func.func @identity_contraction(%a: tensor<4x5xf32>) -> tensor<4x5xf32> {
  // CHECK-NEXT: return %[[A]]
  %r = tn.contract (%a[i, j]) -> [i, j] accumulate(f64) : (tensor<4x5xf32>) -> tensor<4x5xf32>
  return %r : tensor<4x5xf32>
}

// CHECK-LABEL: func.func @no_identity
func.func @no_identity(%a: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4xf32>, tensor<4x4xf64>) {
  // CHECK: tn.contract (%{{.*}}[i, j]) -> [j, i]
  %transposed = tn.contract (%a[i, j]) -> [j, i] : (tensor<4x4xf32>) -> tensor<4x4xf32>
  // CHECK: tn.contract (%{{.*}}[i, i]) -> [i]
  %diagonal = tn.contract (%a[i, i]) -> [i] : (tensor<4x4xf32>) -> tensor<4xf32>
  // CHECK: tn.contract (%{{.*}}[i, j]) -> [i, j] : (tensor<4x4xf32>) -> tensor<4x4xf64>
  %widened = tn.contract (%a[i, j]) -> [i, j] : (tensor<4x4xf32>) -> tensor<4x4xf64>
  return %transposed, %diagonal, %widened : tensor<4x4xf32>, tensor<4xf32>, tensor<4x4xf64>
}

// CHECK-LABEL: func.func @conj
// CHECK-SAME: (%[[R:.*]]: tensor<4xf32>, %[[Z:.*]]: tensor<5xcomplex<f32>>)
func.func @conj(%r: tensor<4xf32>, %z: tensor<5xcomplex<f32>>)
    -> (tensor<4xf32>, tensor<5xcomplex<f32>>, tensor<2xcomplex<f32>>) {
  // CHECK: %[[C:.*]] = tn.constant dense<[(1.000000e+00,-2.000000e+00), (3.000000e+00,4.000000e+00)]>
  %real = tn.conj %r : tensor<4xf32>
  %once = tn.conj %z : tensor<5xcomplex<f32>>
  %twice = tn.conj %once : tensor<5xcomplex<f32>>
  %k = tn.constant dense<[(1.0, 2.0), (3.0, -4.0)]> : tensor<2xcomplex<f32>>
  %constant = tn.conj %k : tensor<2xcomplex<f32>>
  // CHECK: return %[[R]], %[[Z]], %[[C]]
  return %real, %twice, %constant : tensor<4xf32>, tensor<5xcomplex<f32>>, tensor<2xcomplex<f32>>
}

// CHECK-LABEL: func.func @refine
// CHECK-SAME: (%[[A:.*]]: tensor<4x?xf32>, %[[B:.*]]: tensor<6x5xf32>)
func.func @refine(%a: tensor<4x?xf32>, %b: tensor<6x5xf32>) -> tensor<?x?x?xf32> {
  // CHECK: %[[R:.*]] = tn.contract (%[[A]][i, j], %[[B]][k, j]) -> [k, i, j] : (tensor<4x?xf32>, tensor<6x5xf32>) -> tensor<6x4x5xf32>
  // CHECK: tensor.cast %[[R]] : tensor<6x4x5xf32> to tensor<?x?x?xf32>
  %c = tensor.cast %b : tensor<6x5xf32> to tensor<?x5xf32>
  %r = tn.contract (%a[i, j], %c[k, j]) -> [k, i, j] : (tensor<4x?xf32>, tensor<?x5xf32>) -> tensor<?x?x?xf32>
  return %r : tensor<?x?x?xf32>
}

// A cast that asserts an extent is a check at run time, and stays.
// CHECK-LABEL: func.func @asserting_cast
func.func @asserting_cast(%a: tensor<?xf32>) -> tensor<f32> {
  // CHECK: tensor.cast %{{.*}} : tensor<?xf32> to tensor<7xf32>
  %c = tensor.cast %a : tensor<?xf32> to tensor<7xf32>
  %r = tn.contract (%c[i]) -> [] : (tensor<7xf32>) -> tensor<f32>
  return %r : tensor<f32>
}

// The static extents of its operand reach the users of a conjugate.
// CHECK-LABEL: func.func @conj_of_cast
func.func @conj_of_cast(%a: tensor<4x5xcomplex<f32>>) -> tensor<?x?xcomplex<f32>> {
  // CHECK: %[[C:.*]] = tn.conj %{{.*}} : tensor<4x5xcomplex<f32>>
  // CHECK: tensor.cast %[[C]] : tensor<4x5xcomplex<f32>> to tensor<?x?xcomplex<f32>>
  %b = tensor.cast %a : tensor<4x5xcomplex<f32>> to tensor<?x?xcomplex<f32>>
  %c = tn.conj %b : tensor<?x?xcomplex<f32>>
  return %c : tensor<?x?xcomplex<f32>>
}

// A copy tensor of constant extent is static, where it can be.
// CHECK-LABEL: func.func @constant_delta
func.func @constant_delta() -> (tensor<?x?xi32>, tensor<?x5xi32>) {
  %c4 = arith.constant 4 : index
  // CHECK-DAG: tn.delta semiring(max_plus) : tensor<4x4xi32>
  // CHECK-DAG: tn.delta %{{.*}} : tensor<?x5xi32>
  %d = tn.delta %c4 semiring(max_plus) : tensor<?x?xi32>
  %e = tn.delta %c4 : tensor<?x5xi32>
  return %d, %e : tensor<?x?xi32>, tensor<?x5xi32>
}

// What does not depend on a sliced index is computed once, outside.
// LICM-LABEL: func.func @hoist
func.func @hoist(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6xf32>) -> tensor<4xf32> {
  // LICM: %[[BC:.*]] = tn.contract (%{{.*}}[j, k], %{{.*}}[k]) -> [j]
  // LICM: tn.slice
  // LICM-NEXT: %[[ROW:.*]] = tensor.extract_slice
  // LICM-NEXT: %[[X:.*]] = tn.contract (%[[ROW]][j], %[[BC]][j]) -> []
  // LICM-NEXT: tn.yield %[[X]]
  %r = tn.slice (%i in 4) -> (tensor<4xf32> [0]) {
    %row = tensor.extract_slice %a[%i, 0] [1, 5] [1, 1] : tensor<4x5xf32> to tensor<5xf32>
    %bc = tn.contract (%b[j, k], %c[k]) -> [j] : (tensor<5x6xf32>, tensor<6xf32>) -> tensor<5xf32>
    %x = tn.contract (%row[j], %bc[j]) -> [] : (tensor<5xf32>, tensor<5xf32>) -> tensor<f32>
    tn.yield %x : tensor<f32>
  }
  return %r : tensor<4xf32>
}

// Names are no part of an operation: two contractions that differ in them only are one.
// CSE-LABEL: func.func @names
func.func @names(%a: tensor<4x5xf32>) -> (tensor<5xf32>, tensor<5xf32>) {
  // CSE: %[[R:.*]] = tn.contract
  // CSE-NOT: tn.contract
  // CSE: return %[[R]], %[[R]]
  %r = tn.contract (%a[i, j]) -> [j] : (tensor<4x5xf32>) -> tensor<5xf32>
  %s = tn.contract (%a[row, column]) -> [column] : (tensor<4x5xf32>) -> tensor<5xf32>
  return %r, %s : tensor<5xf32>, tensor<5xf32>
}
