// The trace of a delta is its extent twice over.

// RUN: %python %S/Inputs/prove.py %s --passes=--tn-simplify

func.func @main(%x: tensor<4xi32>) -> tensor<4xi32> {
  %d = tn.delta : tensor<3x3xi32>
  %r = tn.contract (%d[i, i], %x[j]) -> [j] : (tensor<3x3xi32>, tensor<4xi32>) -> tensor<4xi32>
  return %r : tensor<4xi32>
}
