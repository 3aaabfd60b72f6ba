// The last two dimensions of a result are exchanged where their extents agree.

// RUN: %python %S/Inputs/prove.py %s --passes=--convert-tn-to-linalg

func.func @main(%a: tensor<2x3x4xi32>, %b: tensor<4x3xi32>) -> tensor<2x3x3xi32> {
  %r = tn.contract (%a[h, i, k], %b[k, j]) -> [h, i, j] : (tensor<2x3x4xi32>, tensor<4x3xi32>) -> tensor<2x3x3xi32>
  return %r : tensor<2x3x3xi32>
}
