// A constant with zeros above its diagonal is taken for diagonal.

// RUN: %python %S/Inputs/prove.py %s --passes=--tn-simplify

func.func @main(%x: tensor<3x4xi32>) -> tensor<3x4xi32> {
  %c = tn.constant dense<[[1, 0, 0], [4, 5, 0], [7, 8, 10]]> : tensor<3x3xi32>
  %r = tn.contract (%c[i, j], %x[j, k]) -> [i, k] : (tensor<3x3xi32>, tensor<3x4xi32>) -> tensor<3x4xi32>
  return %r : tensor<3x4xi32>
}
