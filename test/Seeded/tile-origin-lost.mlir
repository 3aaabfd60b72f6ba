// A loop over tiles that does not begin at 0 does.

// RUN: %python %S/Inputs/prove.py %s --passes=--tn-fuse='tiles=2 threads=3'

func.func @main(%a: tensor<10x5xi32>, %b: tensor<5x6xi32>, %c: tensor<6x8xi32>) -> tensor<10x8xi32> {
  %p = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<10x5xi32>, tensor<5x6xi32>) -> tensor<10x6xi32>
  %r = tn.contract (%p[i, k], %c[k, l]) -> [i, l] : (tensor<10x6xi32>, tensor<6x8xi32>) -> tensor<10x8xi32>
  return %r : tensor<10x8xi32>
}
