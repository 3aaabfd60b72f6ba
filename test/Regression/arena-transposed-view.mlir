// A transposed view of a buffer is a view, though memref.transpose does not say so by an interface.
// RUN: tenon-opt --tenon-cpu-pipeline %s | FileCheck %s
// CHECK: memref.transpose
// CHECK: memref.copy
func.func @main(%a: tensor<7x1x2xf64>) -> tensor<2x1x7xf64> {
  %r = tn.contract (%a[i, j, k]) -> [k, j, i] : (tensor<7x1x2xf64>) -> tensor<2x1x7xf64>
  return %r : tensor<2x1x7xf64>
}
