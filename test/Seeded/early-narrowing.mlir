// Intermediates have the result's type instead of the accumulation type.

// RUN: %python %S/Inputs/prove.py %s --passes=--tn-plan

// The first product is too large for f16, the result is not.
func.func @main(%a: tensor<3x4xf16>, %b: tensor<4x3xf16>, %c: tensor<3x50xf16>) -> tensor<3x50xf16> {
  %large = arith.constant dense<1024.0> : tensor<3x4xf16>
  %also = arith.constant dense<1024.0> : tensor<4x3xf16>
  %small = arith.constant dense<0.0009765625> : tensor<3x50xf16>
  %x = arith.mulf %a, %large : tensor<3x4xf16>
  %y = arith.mulf %b, %also : tensor<4x3xf16>
  %z = arith.mulf %c, %small : tensor<3x50xf16>
  %r = tn.contract (%x[i, j], %y[j, k], %z[k, l]) -> [i, l] accumulate(f32) {tn.path = array<i64: 0, 1, 3, 2>}
     : (tensor<3x4xf16>, tensor<4x3xf16>, tensor<3x50xf16>) -> tensor<3x50xf16>
  return %r : tensor<3x50xf16>
}
