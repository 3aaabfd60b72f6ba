// A sum over no slices is the number 0 in every semiring.

// RUN: %python %S/Inputs/prove.py %s --passes=--convert-tn-to-linalg

func.func @main(%a: tensor<3xf32>) -> tensor<3xf32> {
  %r = tn.slice (%s in 0) -> (tensor<3xf32> [sum]) semiring(min_plus) {
    tn.yield %a : tensor<3xf32>
  }
  return %r : tensor<3xf32>
}
