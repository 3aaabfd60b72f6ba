// A factor 0 makes the network 0, infinite and NaN operands or not.

// RUN: %python %S/Inputs/prove.py %s --passes=--tn-simplify

func.func @main(%x: tensor<3xf32>) -> tensor<3xf32> {
  %zero = tn.constant dense<0.0> : tensor<f32>
  %infinite = arith.constant dense<0x7F800000> : tensor<3xf32>
  %y = arith.mulf %x, %infinite : tensor<3xf32>
  %r = tn.contract (%zero[], %y[i]) -> [i] : (tensor<f32>, tensor<3xf32>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}
