// The zero of an unsigned maximum or minimum over slices is the signed one.

// RUN: %python %S/Inputs/prove.py %s --passes=--convert-tn-to-linalg

func.func @main(%a: tensor<3x4xi8> {tn.unsigned}) -> (tensor<4xi8> {tn.unsigned}) {
  %r = tn.slice (%s in 3) -> (tensor<4xi8> [sum]) semiring(max_plus) unsigned {
    %x = tensor.extract_slice %a[%s, 0] [1, 4] [1, 1] : tensor<3x4xi8> to tensor<4xi8>
    tn.yield %x : tensor<4xi8>
  }
  return %r : tensor<4xi8>
}
