// RUN: tenon-opt %s -tn-plan -o %t.planned
// RUN: tenon-opt %t.planned -tn-simplify -o %t.simplified
// RUN: diff %t.planned %t.simplified
// RUN: FileCheck %s < %t.simplified

// tn-simplify joins contractions, but not those of a plan.
// CHECK-COUNT-2: tn.contract
// CHECK-NOT: tn.contract
func.func @net(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x7xf32>) -> tensor<4x7xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l]
     : (tensor<4x5xf32>, tensor<5x6xf32>, tensor<6x7xf32>) -> tensor<4x7xf32>
  return %r : tensor<4x7xf32>
}
