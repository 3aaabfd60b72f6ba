// The zeros of a diagonal fact tie indices where the semiring's zero is no 0.

// RUN: %python %S/Inputs/prove.py %s --passes=--tn-simplify

func.func @main(%d: tensor<4x4xi32> {tn.facts = #tn.facts<diagonal>}, %x: tensor<4x3xi32>) -> tensor<4x3xi32> {
  %r = tn.contract (%d[i, j], %x[j, k]) -> [i, k] semiring(max_plus) : (tensor<4x4xi32>, tensor<4x3xi32>) -> tensor<4x3xi32>
  return %r : tensor<4x3xi32>
}
