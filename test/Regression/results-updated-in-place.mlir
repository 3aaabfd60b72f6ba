// RUN: tenon-run %s --random=1 --check | FileCheck %s

// A value that is a result is read and written again into itself. MLIR's eliminate-empty-tensors had both written where the second result goes,
// and bufferization refused: "cannot avoid RaW conflict".

// CHECK: check: result 0: equal
// CHECK: check: result 1: equal
func.func @main(%a: tensor<3x4xi32>, %b: tensor<3x4xi32>) -> (tensor<3x4xi32>, tensor<3x4xi32>) {
  %e = tensor.empty() : tensor<3x4xi32>
  %0 = linalg.add ins(%a, %b : tensor<3x4xi32>, tensor<3x4xi32>) outs(%e : tensor<3x4xi32>) -> tensor<3x4xi32>
  %1 = linalg.map ins(%0 : tensor<3x4xi32>) outs(%0 : tensor<3x4xi32>) (%x: i32, %y: i32) {
    %sum = arith.muli %x, %y : i32
    linalg.yield %sum : i32
  }
  return %1, %0 : tensor<3x4xi32>, tensor<3x4xi32>
}
