// A repeated index of a constant walks its first dimension alone.

// RUN: %python %S/Inputs/prove.py %s --passes=--tn-simplify

func.func @main(%x: tensor<3x4xi32>) -> tensor<4xi32> {
  %c = tn.constant dense<[[1, 2, 3], [4, 5, 6], [7, 8, 10]]> : tensor<3x3xi32>
  %r = tn.contract (%c[i, i], %x[i, j]) -> [j] : (tensor<3x3xi32>, tensor<3x4xi32>) -> tensor<4xi32>
  return %r : tensor<4xi32>
}
