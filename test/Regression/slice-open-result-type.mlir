// RUN: tenon-opt %s --tn-plan=min-slices=3 | FileCheck %s
// RUN: tenon-opt %s --tn-plan=min-slices=3 | tenon-run --reference --random=1 > %t.sliced
// RUN: tenon-run %s --reference --random=1 > %t.whole
// RUN: diff %t.whole %t.sliced

// The type of the result leaves an extent open that the operands know. A plan with slices did not verify.

// CHECK: tn.slice (%{{.*}}) -> (tensor<4x3xi32> [
// CHECK: tensor.cast %{{.*}} : tensor<4x3xi32> to tensor<?x3xi32>
func.func @main(%a: tensor<4x5xi32>, %b: tensor<5x6xi32>, %c: tensor<6x3xi32>) -> tensor<?x3xi32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l]
       : (tensor<4x5xi32>, tensor<5x6xi32>, tensor<6x3xi32>) -> tensor<?x3xi32>
  return %r : tensor<?x3xi32>
}
