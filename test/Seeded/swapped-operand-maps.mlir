// The indexing maps of two operands of one type are exchanged.

// RUN: %python %S/Inputs/prove.py %s --passes=--convert-tn-to-linalg

func.func @main(%a: tensor<3x3xi32>, %b: tensor<3x3xi32>) -> tensor<3x3xi32> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [i, j] : (tensor<3x3xi32>, tensor<3x3xi32>) -> tensor<3x3xi32>
  return %r : tensor<3x3xi32>
}
