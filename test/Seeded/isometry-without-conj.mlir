// A complex isometry is cancelled with itself instead of its conjugate.

// RUN: %python %S/Inputs/prove.py %s --passes=--tn-simplify

func.func @main(%u: tensor<4x3xcomplex<f64>> {tn.facts = #tn.facts<isometric([1])>}, %a: tensor<3x5xcomplex<f64>>) -> tensor<3x5xcomplex<f64>> {
  %r = tn.contract (%u[i, j], %u[i, k], %a[k, l]) -> [j, l]
     : (tensor<4x3xcomplex<f64>>, tensor<4x3xcomplex<f64>>, tensor<3x5xcomplex<f64>>) -> tensor<3x5xcomplex<f64>>
  return %r : tensor<3x5xcomplex<f64>>
}
