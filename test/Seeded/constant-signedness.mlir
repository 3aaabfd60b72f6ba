// Constants are read with their sign in unsigned contractions.

// RUN: %python %S/Inputs/prove.py %s --passes=--tn-simplify

func.func @main(%x: tensor<3x4xi32>) -> tensor<3x4xi32> {
  %c = tn.constant dense<[-1, 2, 3]> : tensor<3xi8>
  %d = tn.constant dense<[4, 5, -6]> : tensor<3xi8>
  %r = tn.contract (%c[i], %d[i], %x[i, j]) -> [i, j] unsigned : (tensor<3xi8>, tensor<3xi8>, tensor<3x4xi32>) -> tensor<3x4xi32>
  return %r : tensor<3x4xi32>
}
