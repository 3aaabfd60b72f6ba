// A delta compares its first position with its last one only.

// RUN: %python %S/Inputs/prove.py %s --passes=--convert-tn-to-linalg

func.func @main(%x: tensor<3x4xi32>) -> tensor<3x3x4xi32> {
  %d = tn.delta : tensor<3x3x3xi32>
  %r = tn.contract (%d[i, j, k], %x[i, l]) -> [j, k, l] : (tensor<3x3x3xi32>, tensor<3x4xi32>) -> tensor<3x3x4xi32>
  return %r : tensor<3x3x4xi32>
}
