// Blocks of n are whole tiles: here a tile has 24 columns (f64, AVX-512), and runs come in groups of 128.

// RUN: tenon-run %s --random=1 --threads=1 --check | FileCheck %s
// CHECK: result 0: agrees

func.func @main(%a: tensor<19x19xf64>, %b: tensor<24x19x19xf64>) -> tensor<19x19x24xf64> {
  %0 = tn.contract (%a[d, a], %b[c, d, b]) -> [b, a, c] : (tensor<19x19xf64>, tensor<24x19x19xf64>) -> tensor<19x19x24xf64>
  return %0 : tensor<19x19x24xf64>
}
