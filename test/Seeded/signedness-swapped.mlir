// Unsigned integers are widened with their sign.

// RUN: %python %S/Inputs/prove.py %s --passes=--convert-tn-to-linalg

// The arguments are drawn with signs, and read without.
func.func @main(%a: tensor<3x4xi8>, %b: tensor<4x5xi8>) -> tensor<3x5xi32> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [i, j] unsigned : (tensor<3x4xi8>, tensor<4x5xi8>) -> tensor<3x5xi32>
  return %r : tensor<3x5xi32>
}
