// A sum whose innermost index has the extent 1 is taken for a product: its last term stays.

// RUN: %python %S/Inputs/prove.py %s --passes=--convert-tn-to-linalg

func.func @main(%a: tensor<3x4x1xi32>, %b: tensor<4x1x5xi32>) -> tensor<3x5xi32> {
  %r = tn.contract (%a[i, k, u], %b[k, u, j]) -> [i, j] : (tensor<3x4x1xi32>, tensor<4x1x5xi32>) -> tensor<3x5xi32>
  return %r : tensor<3x5xi32>
}
