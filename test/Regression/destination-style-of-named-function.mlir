// A network that another one names: its type changed, and that of the name did not.
// RUN: not tenon-opt %s --pass-pipeline='builtin.module(func.func(tenon-destination-style))' 2>&1 | FileCheck %s

// CHECK: error: tenon-destination-style: a compiled network names no other, found the name of 'first'
// CHECK-NOT: error:
func.func @first(%a: tensor<4xi32>) -> tensor<4xi32> {
  return %a : tensor<4xi32>
}
func.func @main(%a: tensor<4xi32>) -> tensor<4xi32> {
  %f = func.constant @first : (tensor<4xi32>) -> tensor<4xi32>
  return %a : tensor<4xi32>
}
