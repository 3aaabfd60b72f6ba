// A result without elements is no reason to leave out the check of the operands' extents.
// RUN: tenon-opt %s --tn-simplify | FileCheck %s
// CHECK: tn.contract (%{{.*}}[i, j], %{{.*}}[j, k], %{{.*}}[l]) -> [i, k, l]
func.func @main(%a: tensor<?x5xi32> {tn.hint = array<i64: 4, 5>}, %b: tensor<5x1xi32>, %v: tensor<0xi32>) -> tensor<4x1x0xi32> {
  %s = tn.contract (%a[i, j], %b[j, k], %v[l]) -> [i, k, l] : (tensor<?x5xi32>, tensor<5x1xi32>, tensor<0xi32>) -> tensor<4x1x0xi32>
  return %s : tensor<4x1x0xi32>
}
