// Constants are multiplied ahead though the product leaves the range of the type.

// RUN: %python %S/Inputs/prove.py %s --passes=--tn-simplify

// 10⁻³⁰ x 10³⁰ 10⁻³⁰: the product of the two constants is none of the type. The result is scaled up again.
func.func @main(%x: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %large = arith.constant dense<1.0e30> : tensor<3x4xf32>
  %y = arith.mulf %x, %large : tensor<3x4xf32>
  %c = tn.constant dense<[1.0e-30, 2.0e-30, 3.0e-30]> : tensor<3xf32>
  %d = tn.constant dense<[2.0e-30, 3.0e-30, 1.0e-30]> : tensor<3xf32>
  %r = tn.contract (%c[i], %y[i, j], %d[i]) -> [i, j] : (tensor<3xf32>, tensor<3x4xf32>, tensor<3xf32>) -> tensor<3x4xf32>
  %s = arith.mulf %r, %large : tensor<3x4xf32>
  return %s : tensor<3x4xf32>
}
