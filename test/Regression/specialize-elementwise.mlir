// RUN: tenon-opt %s --tenon-specialize | FileCheck %s
// RUN: tenon-opt %s --tenon-specialize --tn-plan | FileCheck %s --check-prefix=PLAN
// RUN: tenon-opt %s --tenon-specialize | tenon-run - --random=1 --check | FileCheck %s --check-prefix=AGREES

// Extents did not pass operations of arith, so that a contraction after them kept an open one and could not be planned.

// AGREES: check: result 0: agrees
// CHECK-LABEL: func.func @main(%{{.*}}: tensor<2x5xf32>, %{{.*}}: tensor<5x3xf32>, %{{.*}}: tensor<5xf32>)
// CHECK: arith.mulf %{{.*}}, %{{.*}} : tensor<2x5xf32>
// CHECK: arith.extf %{{.*}} : tensor<2x5xf32> to tensor<2x5xf64>
// CHECK: tn.contract {{.*}} : (tensor<2x5xf64>, tensor<5x3xf32>, tensor<5xf32>) -> tensor<2x3xf64>
// PLAN-COUNT-2: tn.contract
func.func @main(%a: tensor<2x?xf32> {tn.hint = array<i64: 2, 5>}, %b: tensor<5x3xf32>, %c: tensor<5xf32>) -> tensor<2x3xf64> {
  %0 = arith.mulf %a, %a : tensor<2x?xf32>
  %1 = arith.extf %0 : tensor<2x?xf32> to tensor<2x?xf64>
  %r = tn.contract (%1[i, j], %b[j, k], %c[j]) -> [i, k] : (tensor<2x?xf64>, tensor<5x3xf32>, tensor<5xf32>) -> tensor<2x3xf64>
  return %r : tensor<2x3xf64>
}
