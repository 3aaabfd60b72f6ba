// A strided view of an argument has the argument's strides.

// RUN: %python %S/Inputs/prove.py %s --native=--threads=1

func.func @main(%a: tensor<7x4xi32>, %b: tensor<4x5xi32>) -> tensor<3x5xi32> {
  %x = tensor.extract_slice %a[1, 0] [3, 4] [2, 1] : tensor<7x4xi32> to tensor<3x4xi32>
  %r = tn.contract (%x[i, k], %b[k, j]) -> [i, j] : (tensor<3x4xi32>, tensor<4x5xi32>) -> tensor<3x5xi32>
  return %r : tensor<3x5xi32>
}
