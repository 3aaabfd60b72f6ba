// A delta of another semiring's zero and one counts as the contraction's.

// RUN: %python %S/Inputs/prove.py %s --passes=--tn-simplify

func.func @main(%x: tensor<3x4xi32>) -> tensor<3x4xi32> {
  %d = tn.delta semiring(max_plus) : tensor<3x3xi32>
  %r = tn.contract (%d[i, j], %x[j, k]) -> [i, k] : (tensor<3x3xi32>, tensor<3x4xi32>) -> tensor<3x4xi32>
  return %r : tensor<3x4xi32>
}
