// RUN: tenon-run %s --random=1 --check | FileCheck %s

// Elementwise operations are given their operand as a destination. Where that is a result too, bufferization refused: "cannot avoid RaW conflict".

// CHECK: check: result 0: equal
// CHECK: check: result 1: equal
func.func @main(%a: tensor<3x2xi32>) -> (tensor<2x3xi32>, tensor<2x3xi32>) {
  %0 = tn.contract (%a[i, j]) -> [j, i] : (tensor<3x2xi32>) -> tensor<2x3xi32>
  %1 = arith.addi %0, %0 : tensor<2x3xi32>
  return %1, %0 : tensor<2x3xi32>, tensor<2x3xi32>
}
