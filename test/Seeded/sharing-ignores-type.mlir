// Equal steps of different semirings are computed once.

// RUN: %python %S/Inputs/prove.py %s --passes=--tn-plan --results=2

func.func @main(%a: tensor<3x4xi32>, %b: tensor<4x6xi32>, %c: tensor<6x2xi32>) -> (tensor<3x2xi32>, tensor<3x2xi32>) {
  %r = tn.contract (%a[i, k], %b[k, j], %c[j, l]) -> [i, l] : (tensor<3x4xi32>, tensor<4x6xi32>, tensor<6x2xi32>) -> tensor<3x2xi32>
  %s = tn.contract (%a[i, k], %b[k, j], %c[j, l]) -> [i, l] semiring(max_times) : (tensor<3x4xi32>, tensor<4x6xi32>, tensor<6x2xi32>) -> tensor<3x2xi32>
  return %r, %s : tensor<3x2xi32>, tensor<3x2xi32>
}
