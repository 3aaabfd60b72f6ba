// i and k are summed within their only operands, before any step of the given path. A slice of them was no slice of a step: the
// result came out once for each.
// RUN: not tenon-opt %s --tn-plan=min-slices=4 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: tenon-opt %s --tn-plan=min-slices=3 | FileCheck %s
// RUN: tenon-run %s --plan=min-slices=3 --random=3 --check | FileCheck %s --check-prefix=VALUE

// NONE: found no slicing into at least 4 slices that keeps the other limits: the most that was reached is 3
// CHECK: tn.slice (%{{.*}} in 3) ->
// VALUE: result 0: agrees
func.func @main(%a: tensor<4x3xf64>, %b: tensor<3x9xf64>, %c: tensor<f64>) -> tensor<f64> {
  %0 = tn.contract (%a[i, j], %b[j, k], %c[]) -> [] {tn.path = array<i64: 0, 1, 3, 2>}
       : (tensor<4x3xf64>, tensor<3x9xf64>, tensor<f64>) -> tensor<f64>
  return %0 : tensor<f64>
}
