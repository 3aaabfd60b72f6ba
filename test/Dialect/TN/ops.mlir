// RUN: tenon-opt %s | tenon-opt | FileCheck %s
// RUN: tenon-opt %s --mlir-print-op-generic | tenon-opt | FileCheck %s
// RUN: tenon-opt %s --emit-bytecode | tenon-opt | FileCheck %s
// RUN: tenon-opt %s --mlir-print-debuginfo | tenon-opt | FileCheck %s

// CHECK-LABEL: func.func @constants
func.func @constants() -> (tensor<2x3xi8>, tensor<2xcomplex<f32>>, tensor<3xi1>, tensor<3xi32>) {
  // CHECK: tn.constant dense<{{\[\[}}1, 2, 3], [-4, 5, 6]]> : tensor<2x3xi8>
  %a = tn.constant dense<[[1, 2, 3], [-4, 5, 6]]> : tensor<2x3xi8>
  // CHECK: tn.constant dense<[(1.000000e+00,2.000000e+00), (3.000000e+00,-4.000000e+00)]> : tensor<2xcomplex<f32>>
  %b = tn.constant dense<[(1.0, 2.0), (3.0, -4.0)]> : tensor<2xcomplex<f32>>
  // CHECK: tn.constant dense<[true, false, true]> : tensor<3xi1>
  %c = tn.constant dense<[true, false, true]> : tensor<3xi1>
  // CHECK: tn.constant dense_resource<weights> : tensor<3xi32>
  %d = tn.constant dense_resource<weights> : tensor<3xi32>
  return %a, %b, %c, %d : tensor<2x3xi8>, tensor<2xcomplex<f32>>, tensor<3xi1>, tensor<3xi32>
}

// CHECK-LABEL: func.func @deltas
// CHECK-SAME: (%[[N:.*]]: index)
func.func @deltas(%n: index) -> (tensor<3x3x3xf32>, tensor<?x4xi16>, tensor<f64>) {
  // CHECK: tn.delta : tensor<3x3x3xf32>
  %a = tn.delta : tensor<3x3x3xf32>
  // CHECK: tn.delta %[[N]] semiring(max_plus) : tensor<?x4xi16>
  %b = tn.delta %n semiring(max_plus) : tensor<?x4xi16>
  // CHECK: tn.delta : tensor<f64>
  %c = tn.delta : tensor<f64>
  return %a, %b, %c : tensor<3x3x3xf32>, tensor<?x4xi16>, tensor<f64>
}

// CHECK-LABEL: func.func @conj
func.func @conj(%a: tensor<2x?xcomplex<f64>>) -> tensor<2x?xcomplex<f64>> {
  // CHECK: tn.conj %{{.*}} : tensor<2x?xcomplex<f64>>
  %b = tn.conj %a : tensor<2x?xcomplex<f64>>
  return %b : tensor<2x?xcomplex<f64>>
}

// CHECK-LABEL: func.func @slice
func.func @slice(%a: tensor<4x5xi32>) -> (tensor<5xi32>, tensor<6x5x4xi32>) {
  // CHECK: tn.slice (%[[I:.*]] in 4, %{{.*}} in 6) -> (tensor<5xi32> [sum, sum], tensor<6x5x4xi32> [2, 0]) semiring(max_plus) unsigned {
  %r:2 = tn.slice (%i in 4, %j in 6) -> (tensor<5xi32> [sum, sum], tensor<6x5x4xi32> [2, 0]) semiring(max_plus) unsigned {
    // CHECK: tensor.extract_slice %{{.*}}[%[[I]], 0] [1, 5] [1, 1]
    %x = tensor.extract_slice %a[%i, 0] [1, 5] [1, 1] : tensor<4x5xi32> to tensor<5xi32>
    // CHECK: tn.yield %{{.*}}, %{{.*}} : tensor<5xi32>, tensor<5xi32>
    tn.yield %x, %x : tensor<5xi32>, tensor<5xi32>
  }
  return %r#0, %r#1 : tensor<5xi32>, tensor<6x5x4xi32>
}

// No slice at all: an extent of 0 beside extents whose product passes 2^63 (S1).
// CHECK-LABEL: func.func @empty_slice
func.func @empty_slice(%a: tensor<5xf32>) -> tensor<5xf32> {
  // CHECK: tn.slice (%{{.*}} in 4294967296, %{{.*}} in 4294967296, %{{.*}} in 0)
  %r = tn.slice (%i in 4294967296, %j in 4294967296, %k in 0) -> (tensor<5xf32> [sum, sum, sum]) {
    tn.yield %a : tensor<5xf32>
  }
  return %r : tensor<5xf32>
}

// CHECK-LABEL: func.func @attributes
// CHECK-SAME: tensor<?x5xi32> {tn.hint = array<i64: 4, 5>, tn.name = "psi", tn.unsigned}
// CHECK-SAME: -> (tensor<?x5xi32> {tn.name = "phi", tn.unsigned})
func.func @attributes(%a: tensor<?x5xi32> {tn.hint = array<i64: 4, 5>, tn.name = "psi", tn.unsigned})
    -> (tensor<?x5xi32> {tn.name = "phi", tn.unsigned}) {
  return %a : tensor<?x5xi32>
}

// No index and no name.
// CHECK-LABEL: func.func @scalars
func.func @scalars(%a: tensor<f32>, %b: tensor<f32>) -> tensor<f32> {
  // CHECK: tn.contract (%{{.*}}[], %{{.*}}[]) -> []
  %r = tn.contract (%a[], %b[]) -> [] : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %r : tensor<f32>
}

// A literal of another element type than the accumulation type's, at every level that widens.
// CHECK-LABEL: func.func @widening
func.func @widening(%a: tensor<4xbf16>, %b: tensor<4x5xf32>, %c: tensor<5xcomplex<f32>>) -> tensor<complex<f32>> {
  // CHECK: accumulate(complex<f64>) : (tensor<4xbf16>, tensor<4x5xf32>, tensor<5xcomplex<f32>>) -> tensor<complex<f32>>
  %r = tn.contract (%a[i], %b[i, j], %c[j]) -> [] accumulate(complex<f64>)
     : (tensor<4xbf16>, tensor<4x5xf32>, tensor<5xcomplex<f32>>) -> tensor<complex<f32>>
  return %r : tensor<complex<f32>>
}

{-# dialect_resources: { builtin: { weights: "0x04000000010000000200000003000000" } } #-}

// Lists that are left out stay out, and an order is the order of the kinds.
// CHECK-LABEL: func.func @facts
// CHECK-SAME: tensor<4x4x4xf32> {tn.facts = #tn.facts<diagonal, isometric([0])>}
// CHECK-SAME: tensor<2x3x2x3xf64> {tn.facts = #tn.facts<diagonal([0, 2]), diagonal([1, 3]), sparse(1.250000e-01)>}
// CHECK-SAME: tensor<?x6xf32> {tn.facts = #tn.facts<permutation, isometric([0]), isometric([1])>}
// CHECK-SAME: tensor<4xf32> {tn.facts = #tn.facts<sparse(1.000000e+00)>}
// CHECK-SAME: tensor<5xf32> {tn.facts = #tn.facts<sparse(0.000000e+00)>}
func.func @facts(%a: tensor<4x4x4xf32> {tn.facts = #tn.facts<diagonal, isometric([0])>},
                 %b: tensor<2x3x2x3xf64> {tn.facts = #tn.facts<sparse(0.125), diagonal([0, 2]), diagonal([1, 3])>},
                 %c: tensor<?x6xf32> {tn.facts = #tn.facts<isometric([0]), permutation, isometric([1])>},
                 %d: tensor<4xf32> {tn.facts = #tn.facts<sparse(1)>}, %e: tensor<5xf32> {tn.facts = #tn.facts<sparse(0)>}) -> tensor<2x3x1x2xi32> {
  // CHECK: tn.constant {facts = #tn.facts<permutation([0, 2])>} dense<{{.*}}> : tensor<2x2x1x1xi32>
  // CHECK: tn.constant {facts = #tn.facts<sparse(0.000000e+00)>} dense<0>
  %p = tn.constant {facts = #tn.facts<permutation([0, 2])>} dense<[[[[0]], [[1]]], [[[1]], [[0]]]]> : tensor<2x2x1x1xi32>
  %z = tn.constant {facts = #tn.facts<sparse(0.0)>} dense<0> : tensor<2x3x1x2xi32>
  return %z : tensor<2x3x1x2xi32>
}
