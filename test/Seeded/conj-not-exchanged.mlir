// Where operands change places, their conjugates do not.

// RUN: %python %S/Inputs/prove.py %s --native=--threads=1

// The result lies along the first operand's index: the operands change places.
func.func @main(%a: tensor<3x4xcomplex<f64>>, %b: tensor<4x5xcomplex<f64>>) -> tensor<5x3xcomplex<f64>> {
  %x = tn.conj %a : tensor<3x4xcomplex<f64>>
  %r = tn.contract (%x[i, k], %b[k, j]) -> [j, i] : (tensor<3x4xcomplex<f64>>, tensor<4x5xcomplex<f64>>) -> tensor<5x3xcomplex<f64>>
  return %r : tensor<5x3xcomplex<f64>>
}
