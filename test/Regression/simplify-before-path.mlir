// What a contraction with a path reads is simplified by itself: it cannot be joined into that.
// RUN: tenon-opt %s --tn-simplify | FileCheck %s --implicit-check-not=tn.constant
// CHECK: tn.contract (%{{.*}}[i], %{{.*}}[i, k], %{{.*}}[k, l]) -> [l] {tn.path = array<i64: 0, 1, 2, 3>}
func.func @main(%a: tensor<4x5x5xi32>, %b: tensor<5x5xi32>, %c: tensor<4x3xi32>, %e: tensor<3x2xi32>) -> tensor<2xi32> {
  %one = tn.constant dense<1> : tensor<5xi32>
  %x = tn.contract (%a[i, j, j], %b[j, j], %one[j]) -> [i] : (tensor<4x5x5xi32>, tensor<5x5xi32>, tensor<5xi32>) -> tensor<4xi32>
  %r = tn.contract (%x[i], %c[i, k], %e[k, l]) -> [l] {tn.path = array<i64: 0, 1, 2, 3>}
     : (tensor<4xi32>, tensor<4x3xi32>, tensor<3x2xi32>) -> tensor<2xi32>
  return %r : tensor<2xi32>
}
