// RUN: tenon-run %s --random=1 --check | FileCheck %s
// RUN: tenon-opt %s --tenon-plan-stage --tenon-tensor-stage | FileCheck %s --check-prefix=TENSOR

// Elementwise operations of arith and math on tensors are compiled as linalg operations.

// CHECK: check: result 0: agrees
// TENSOR-NOT: arith.mulf {{.*}} : tensor
// TENSOR: linalg.generic
func.func @main(%a: tensor<2x5xf32>, %b: tensor<5x3xf32>) -> tensor<2x3xf32> {
  %0 = arith.mulf %a, %a : tensor<2x5xf32>
  %1 = arith.negf %b : tensor<5x3xf32>
  %r = tn.contract (%0[i, j], %1[j, k]) -> [i, k] : (tensor<2x5xf32>, tensor<5x3xf32>) -> tensor<2x3xf32>
  %s = math.absf %r : tensor<2x3xf32>
  return %s : tensor<2x3xf32>
}
