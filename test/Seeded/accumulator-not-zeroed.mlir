// The fill before a contraction is removed, and the contraction still adds.

// RUN: %python %S/Inputs/prove.py %s --native=--threads=1

// The intermediate of a slice lies where that of the slice before did.
func.func @main(%a: tensor<5x4x6xi32>, %b: tensor<5x6x3xi32>, %c: tensor<3x2xi32>) -> tensor<4x2xi32> {
  %r = tn.slice (%s in 5) -> (tensor<4x2xi32> [sum]) {
    %x = tensor.extract_slice %a[%s, 0, 0] [1, 4, 6] [1, 1, 1] : tensor<5x4x6xi32> to tensor<4x6xi32>
    %y = tensor.extract_slice %b[%s, 0, 0] [1, 6, 3] [1, 1, 1] : tensor<5x6x3xi32> to tensor<6x3xi32>
    %p = tn.contract (%x[i, k], %y[k, j]) -> [i, j] : (tensor<4x6xi32>, tensor<6x3xi32>) -> tensor<4x3xi32>
    %q = tn.contract (%p[i, j], %c[j, l]) -> [i, l] : (tensor<4x3xi32>, tensor<3x2xi32>) -> tensor<4x2xi32>
    tn.yield %q : tensor<4x2xi32>
  }
  return %r : tensor<4x2xi32>
}
