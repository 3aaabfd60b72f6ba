// A compilation that is interrupted leaves nothing, in the output's folder and among temporary files.

// RUN: rm -rf %t
// RUN: %python %S/Inputs/interrupt.py %s %t/int SIGINT | FileCheck %s
// RUN: %python %S/Inputs/interrupt.py %s %t/term SIGTERM | FileCheck %s
// CHECK: tenon-compile: error: interrupted
// CHECK-NEXT: status 130
// CHECK-NEXT: left [] []

func.func @main(%a: tensor<3x4xf32>) -> tensor<4xf32> {
  %r = tn.contract (%a[i, k]) -> [k] : (tensor<3x4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
