// RUN: tenon-opt %s | FileCheck %s
// RUN: tenon-opt %s --mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC
// RUN: tenon-opt %s --mlir-print-op-generic | tenon-opt | FileCheck %s --check-prefix=UNNAMED
// RUN: tenon-opt %s --emit-bytecode | tenon-opt | FileCheck %s

// CHECK-LABEL: func.func @chain
// GENERIC: indices = array<i64: 0, 1, 1, 2, 2>, result_indices = array<i64: 0>
// UNNAMED: tn.contract (%{{.*}}[i0, i1], %{{.*}}[i1, i2], %{{.*}}[i2]) -> [i0]
func.func @chain(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6xf32>) -> tensor<4xf32> {
  // CHECK: tn.contract (%{{.*}}[row, mid], %{{.*}}[mid, k], %{{.*}}[k]) -> [row] :
  %r = tn.contract (%a[row, mid], %b[mid, k], %c[k]) -> [row]
     : (tensor<4x5xf32>, tensor<5x6xf32>, tensor<6xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: func.func @clauses
func.func @clauses(%a: tensor<4x4xi8>, %s: tensor<i32>) -> tensor<4xi32> {
  // CHECK: tn.contract (%{{.*}}[i, i], %{{.*}}[]) -> [i] semiring(max_plus) accumulate(i32) unsigned
  %r = tn.contract (%a[i, i], %s[]) -> [i] semiring(max_plus) accumulate(i32) unsigned
     : (tensor<4x4xi8>, tensor<i32>) -> tensor<4xi32>
  return %r : tensor<4xi32>
}

// A name that is no bare word is written as a string.
// CHECK-LABEL: func.func @strings
func.func @strings(%a: tensor<4x?xcomplex<f32>>) -> tensor<?xcomplex<f64>> {
  // CHECK: tn.contract (%{{.*}}["q 0", j]) -> [j]
  %r = tn.contract (%a["q 0", "j"]) -> [j] : (tensor<4x?xcomplex<f32>>) -> tensor<?xcomplex<f64>>
  return %r : tensor<?xcomplex<f64>>
}
