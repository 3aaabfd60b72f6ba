// Every extent is known from some operand, though not from %b's type: slices of %b take what it has.
// RUN: tenon-opt %s --tn-plan=min-slices=2 | FileCheck %s
// CHECK: tn.slice
// CHECK: tn.contract {{.*}}tensor<?xf32>

func.func @main(%a: tensor<3xf32>, %b: tensor<?x?xf32>, %c: tensor<2x3xf32>, %d: tensor<3x4xf32>) -> tensor<4xf32> {
  %0 = tn.contract (%a[i], %b[i, j], %c[j, k], %d[k, l]) -> [l]
       : (tensor<3xf32>, tensor<?x?xf32>, tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
