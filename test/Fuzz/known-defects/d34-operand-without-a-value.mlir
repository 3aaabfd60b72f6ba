// RUN: not mlir-opt %s --remove-dead-values 2>&1 | FileCheck %s

// remove-dead-values erases what a call passes to an argument that is not used, but not the operand, where the callee is public.
// A failure means that MLIR has mended it: the guard in the catalog of passes can go.

// CHECK: null operand found
func.func @main(%x: tensor<2xf32>) -> tensor<2xf32> {
  %c = arith.constant dense<0.0> : tensor<2xf32>
  %unused = call @first(%x, %c) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %x : tensor<2xf32>
}
func.func @first(%a: tensor<2xf32>, %b: tensor<2xf32>) -> tensor<2xf32> {
  return %a : tensor<2xf32>
}
