// An operand's first sliced dimension takes the first counter, whichever index it has.

// RUN: %python %S/Inputs/prove.py %s --passes=--tn-plan

func.func @main(%a: tensor<3x3xi32>, %b: tensor<3x4xi32>) -> tensor<3x4xi32> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [i, j] {tn.path = array<i64: 0, 1>, tn.sliced = array<i64: 0, 1>}
     : (tensor<3x3xi32>, tensor<3x4xi32>) -> tensor<3x4xi32>
  return %r : tensor<3x4xi32>
}
