// RUN: tenon-opt %s --tn-plan=min-slices=2 | FileCheck %s --check-prefix=SLICED
// RUN: tenon-opt %s --tn-plan=min-slices=2 | tenon-run - --random=1 --check | FileCheck %s --check-prefix=AGREES
// RUN: tenon-opt %s --tn-plan | FileCheck %s

// The path of one operand has no step. Writing down its slices crashed.

// SLICED: tn.slice (%[[P:.*]] in {{[45]}}) -> (tensor<4x5xf32> [{{[01]}}])
// SLICED: tensor.extract_slice
// SLICED: tn.contract
// AGREES: check: result 0: agrees: max error 0, bound there 0
// CHECK: tn.contract (%{{.*}}[i, j, j]) -> [j, i]
func.func @main(%a: tensor<5x4x4xf32>) -> tensor<4x5xf32> {
  %r = tn.contract (%a[i, j, j]) -> [j, i] {tn.path = array<i64>} : (tensor<5x4x4xf32>) -> tensor<4x5xf32>
  return %r : tensor<4x5xf32>
}
