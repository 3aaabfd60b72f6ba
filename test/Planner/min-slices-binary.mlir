// Slices that are asked for are made of a contraction of two operands too, where it is the only one.
// RUN: tenon-opt %s --tn-plan=min-slices=4 | FileCheck %s
// RUN: not tenon-opt %s --tn-plan=min-slices=400 2>&1 | FileCheck %s --check-prefix=TOO-MANY
// CHECK: tn.slice (%{{.*}} in 6)
// TOO-MANY: error: {{.*}} found no slicing into at least 400 slices {{.*}} the most that was reached is 120
func.func @main(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>) -> tensor<4x6xf32> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<4x5xf32>, tensor<5x6xf32>) -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}

// RUN: not tenon-opt %s --tn-plan=method=nope 2>&1 | FileCheck %s --check-prefix=METHOD
// METHOD: error: tn-plan: unknown strategy 'nope'; expected one of annealing, auto, bisection, elimination, greedy, optimal, random-greedy, reconfiguration
