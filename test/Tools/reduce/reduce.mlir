// tenon-reduce knows tn, and reduces a module to what a test finds interesting.

// RUN: cd %S/Inputs && tenon-reduce %s -reduction-tree='traversal-mode=0 test=./has-conj.sh' | FileCheck %s
// CHECK-NOT: @other
// CHECK: tn.conj
// CHECK-NOT: @other

func.func @other(%a: tensor<3x4xf32>) -> tensor<4xf32> {
  %r = tn.contract (%a[i, k]) -> [k] : (tensor<3x4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

func.func @interesting(%a: tensor<3x4xcomplex<f32>>) -> tensor<3x4xcomplex<f32>> {
  %r = tn.conj %a : tensor<3x4xcomplex<f32>>
  return %r : tensor<3x4xcomplex<f32>>
}
