// RUN: not tenon-opt %s --tn-plan=min-slices=2 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: tenon-opt %s --tn-plan | FileCheck %s

// The path of one operand has no step, so there is nothing to slice. With min-slices it was sliced, and writing that plan down crashed.

// NONE: found no slicing into at least 2 slices that keeps the other limits: the most that was reached is 1
// CHECK: tn.contract (%{{.*}}[i, j]) -> [j, i]
func.func @main(%a: tensor<5x4xf32>) -> tensor<4x5xf32> {
  %r = tn.contract (%a[i, j]) -> [j, i] {tn.path = array<i64>} : (tensor<5x4xf32>) -> tensor<4x5xf32>
  return %r : tensor<4x5xf32>
}
