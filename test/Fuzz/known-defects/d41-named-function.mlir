// RUN: not mlir-opt %s --one-shot-bufferize=bufferize-function-boundaries=1 2>&1 | FileCheck %s

// one-shot-bufferize across functions changes their types, but not those of the operations that name them.
// A failure means that MLIR has mended it: the guard D41 may go (lib/Fuzz/Text/Guards.cpp).

// CHECK: 'func.constant' op reference to function with mismatched type
func.func @called(%a: tensor<2xi32>) -> tensor<2xi32> {
  return %a : tensor<2xi32>
}

func.func @main(%a: tensor<2xi32>) -> tensor<2xi32> {
  %f = func.constant @called : (tensor<2xi32>) -> tensor<2xi32>
  return %a : tensor<2xi32>
}
