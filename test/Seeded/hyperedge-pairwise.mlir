// An index of three operands is summed where the first two meet.

// RUN: %python %S/Inputs/prove.py %s --passes=--tn-plan

func.func @main(%a: tensor<3x2xi32>, %b: tensor<3x4xi32>, %c: tensor<3x5xi32>) -> tensor<2x4x5xi32> {
  %r = tn.contract (%a[i, j], %b[i, k], %c[i, l]) -> [j, k, l] : (tensor<3x2xi32>, tensor<3x4xi32>, tensor<3x5xi32>) -> tensor<2x4x5xi32>
  return %r : tensor<2x4x5xi32>
}
