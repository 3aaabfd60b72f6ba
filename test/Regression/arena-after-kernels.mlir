// Kernels whose bodies are written call functions of their own, which are no schedules.
// RUN: tenon-opt %s --tenon-cpu-pipeline=target=avx2 --tenon-generate-kernels --tenon-plan-arena -o %t
// RUN: FileCheck %s < %t
// CHECK: func.func private @tenon_periods_contiguous({{.*}}) -> i1
func.func @main(%a: tensor<9x33xf32>, %b: tensor<33x8xf32>) -> tensor<9x8xf32> {
  %0 = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<9x33xf32>, tensor<33x8xf32>) -> tensor<9x8xf32>
  return %0 : tensor<9x8xf32>
}
