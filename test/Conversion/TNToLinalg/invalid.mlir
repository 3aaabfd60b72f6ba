// RUN: tenon-opt %s -convert-tn-to-linalg=threads=0 -split-input-file -verify-diagnostics

// expected-error @below {{convert-tn-to-linalg: threads must be at least 1, found 0}}
func.func @no_threads(%a: tensor<4x5xf32>) -> tensor<5xf32> {
  %r = tn.contract (%a[i, j]) -> [j] : (tensor<4x5xf32>) -> tensor<5xf32>
  return %r : tensor<5xf32>
}
