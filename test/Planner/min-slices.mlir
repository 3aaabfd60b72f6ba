// RUN: tenon-opt %s -tn-plan=min-slices=6 | FileCheck %s
// RUN: tenon-opt %s "-tn-plan=min-slices=6 method=greedy minimize=size seed=3" | FileCheck %s
// RUN: tenon-opt %s "-tn-plan=min-slices=6 seed=5 method=random-greedy" -o %t.first
// RUN: tenon-opt %s "-tn-plan=min-slices=6 seed=5 method=random-greedy" -o %t.second
// RUN: diff %t.first %t.second

// At least six slices, whatever the strategy; equal seeds give equal plans.
// CHECK-LABEL: func.func @ladder(
// CHECK-SAME:    \22slices\22:{{([6-9]|[1-9][0-9]+)}}}"
// CHECK:       = tn.slice (
// CHECK:       tn.yield
func.func @ladder(%a: tensor<4x5xf32>, %b: tensor<5x6x3xf32>, %c: tensor<6x7xf32>, %d: tensor<3x2xf32>, %e: tensor<2x8xf32>)
    -> tensor<4x7x8xf32> {
  %r = tn.contract (%a[i, j], %b[j, k, m], %c[k, l], %d[m, n], %e[n, o]) -> [i, l, o]
     : (tensor<4x5xf32>, tensor<5x6x3xf32>, tensor<6x7xf32>, tensor<3x2xf32>, tensor<2x8xf32>) -> tensor<4x7x8xf32>
  return %r : tensor<4x7x8xf32>
}
