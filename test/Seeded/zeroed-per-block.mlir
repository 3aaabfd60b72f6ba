// Each block of k overwrites the sums of the one before.

// RUN: %python %S/Inputs/prove.py %s --native=--threads=1

func.func @main(%a: tensor<12x2100xf32>, %b: tensor<2100x20xf32>) -> tensor<12x20xf32> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [i, j] : (tensor<12x2100xf32>, tensor<2100x20xf32>) -> tensor<12x20xf32>
  return %r : tensor<12x20xf32>
}
