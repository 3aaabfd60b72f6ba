// The sum over slices begins anew in each of them.

// RUN: %python %S/Inputs/prove.py %s --passes=--convert-tn-to-linalg

func.func @main(%a: tensor<5x4x6xi32>, %b: tensor<6x5x3xi32>) -> tensor<4x3xi32> {
  %r = tn.slice (%s in 5) -> (tensor<4x3xi32> [sum]) {
    %x = tensor.extract_slice %a[%s, 0, 0] [1, 4, 6] [1, 1, 1] : tensor<5x4x6xi32> to tensor<4x6xi32>
    %y = tensor.extract_slice %b[0, %s, 0] [6, 1, 3] [1, 1, 1] : tensor<6x5x3xi32> to tensor<6x3xi32>
    %p = tn.contract (%x[i, k], %y[k, j]) -> [i, j] : (tensor<4x6xi32>, tensor<6x3xi32>) -> tensor<4x3xi32>
    tn.yield %p : tensor<4x3xi32>
  }
  return %r : tensor<4x3xi32>
}
