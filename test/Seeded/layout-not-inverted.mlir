// A permutation that a reader takes over is not inverted, where the extents agree.

// RUN: %python %S/Inputs/prove.py %s --passes=--tn-propagate-layouts

func.func @main(%a: tensor<3x3x3xi32>, %x: tensor<3x4xi32>) -> tensor<3x3x4xi32> {
  %p = tn.contract (%a[i, j, k]) -> [j, k, i] : (tensor<3x3x3xi32>) -> tensor<3x3x3xi32>
  %r = tn.contract (%p[i, j, k], %x[k, l]) -> [i, j, l] : (tensor<3x3x3xi32>, tensor<3x4xi32>) -> tensor<3x3x4xi32>
  return %r : tensor<3x3x4xi32>
}
