// A conjugate of a contraction that is joined is lost.

// RUN: %python %S/Inputs/prove.py %s --passes=--tn-simplify

func.func @main(%a: tensor<3x4xcomplex<f64>>, %b: tensor<4x5xcomplex<f64>>, %c: tensor<5x2xcomplex<f64>>) -> tensor<3x2xcomplex<f64>> {
  %p = tn.contract (%a[i, k], %b[k, j]) -> [i, j] : (tensor<3x4xcomplex<f64>>, tensor<4x5xcomplex<f64>>) -> tensor<3x5xcomplex<f64>>
  %q = tn.conj %p : tensor<3x5xcomplex<f64>>
  %r = tn.contract (%q[i, j], %c[j, l]) -> [i, l] : (tensor<3x5xcomplex<f64>>, tensor<5x2xcomplex<f64>>) -> tensor<3x2xcomplex<f64>>
  return %r : tensor<3x2xcomplex<f64>>
}
