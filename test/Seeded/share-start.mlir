// A thread's first slice is found as if the first counter ran fastest.

// RUN: %python %S/Inputs/prove.py %s --native=--threads=2

func.func @main(%a: tensor<3x4x6xi32>, %b: tensor<6x4x3xi32>) -> tensor<4x6xi32> {
  %r = tn.slice (%s in 3, %t in 4) -> (tensor<4x6xi32> [sum, 0]) {
    %x = tensor.extract_slice %a[%s, %t, 0] [1, 1, 6] [1, 1, 1] : tensor<3x4x6xi32> to tensor<6xi32>
    %y = tensor.extract_slice %b[0, %t, %s] [6, 1, 1] [1, 1, 1] : tensor<6x4x3xi32> to tensor<6xi32>
    %p = tn.contract (%x[i], %y[i]) -> [i] : (tensor<6xi32>, tensor<6xi32>) -> tensor<6xi32>
    tn.yield %p : tensor<6xi32>
  }
  return %r : tensor<4x6xi32>
}
