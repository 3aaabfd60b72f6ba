// A network with an extent of 0 computes nothing, and is not sliced.
// RUN: tenon-opt %s --tn-plan=min-slices=2 | FileCheck %s --implicit-check-not=tn.slice
// RUN: tenon-run %s --entry=open --random=1 --check --plan=min-slices=2
// RUN: tenon-run %s --entry=given --random=1 --check

// CHECK-LABEL: func.func @open
func.func @open(%a: tensor<4x0xf32>, %b: tensor<4x6xf32>, %c: tensor<6x5x4xf32>, %d: tensor<5x7xf32>) -> tensor<0x7xf32> {
  %r = tn.contract (%a[i, j], %b[i, k], %c[k, l, i], %d[l, m]) -> [j, m]
     : (tensor<4x0xf32>, tensor<4x6xf32>, tensor<6x5x4xf32>, tensor<5x7xf32>) -> tensor<0x7xf32>
  return %r : tensor<0x7xf32>
}

// CHECK-LABEL: func.func @given
func.func @given(%a: tensor<4x0xf32>, %b: tensor<0x6xf32>, %c: tensor<6x5xf32>) -> tensor<4x5xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] {tn.path = array<i64: 0, 1, 2, 3>, tn.sliced = array<i64: 2>}
     : (tensor<4x0xf32>, tensor<0x6xf32>, tensor<6x5xf32>) -> tensor<4x5xf32>
  return %r : tensor<4x5xf32>
}
