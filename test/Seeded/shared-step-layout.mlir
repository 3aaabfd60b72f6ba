// A value taken from another network is read as if its dimensions were in this one's order.

// RUN: %python %S/Inputs/prove.py %s --passes=--tn-plan --results=2

func.func @main(%a: tensor<3x4xi32>, %b: tensor<4x3xi32>, %c: tensor<3x2xi32>, %d: tensor<3x5xi32>) -> (tensor<3x2xi32>, tensor<3x5xi32>) {
  %r = tn.contract (%b[k, i], %a[j, k], %c[j, l]) -> [i, l] {tn.path = array<i64: 0, 1, 3, 2>} : (tensor<4x3xi32>, tensor<3x4xi32>, tensor<3x2xi32>) -> tensor<3x2xi32>
  %s = tn.contract (%a[i, k], %b[k, j], %d[j, l]) -> [i, l] {tn.path = array<i64: 0, 1, 3, 2>} : (tensor<3x4xi32>, tensor<4x3xi32>, tensor<3x5xi32>) -> tensor<3x5xi32>
  return %r, %s : tensor<3x2xi32>, tensor<3x5xi32>
}
