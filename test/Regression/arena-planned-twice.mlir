// A schedule that had its arena got a second one, which counted as a result: the call expected one result too many.
// RUN: tenon-opt %s --tenon-cpu-pipeline=target=avx2 -o %t.once
// RUN: tenon-opt %t.once --tenon-plan-arena -o %t.twice
// RUN: diff %t.once %t.twice
// RUN: FileCheck %s < %t.twice
// CHECK: func.func @main({{.*}}, %{{[a-z0-9]+}}: memref<{{[0-9]+}}xi8>) attributes {tn.num_inputs = 2
// CHECK-NOT: xi8>, %{{[a-z0-9]+}}: memref<{{[0-9]+}}xi8>)
// A limit holds for the arena that is there.
// RUN: not tenon-opt %t.once --tenon-plan-arena=limit=1 2>&1 | FileCheck %s --check-prefix=LIMIT
// LIMIT: error: tenon-plan-arena: the buffers take {{[0-9]+}} bytes, the limit is 1;
func.func @main(%a: tensor<9x33xf32>, %b: tensor<33x8xf32>) -> (tensor<9x8xf32>, tensor<9xf32>) {
  %0 = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<9x33xf32>, tensor<33x8xf32>) -> tensor<9x8xf32>
  %1 = tn.contract (%0[i, k], %0[i, l]) -> [i] : (tensor<9x8xf32>, tensor<9x8xf32>) -> tensor<9xf32>
  %2 = tn.contract (%a[i, j], %b[j, k], %a[l, j]) -> [i, l] : (tensor<9x33xf32>, tensor<33x8xf32>, tensor<9x33xf32>) -> tensor<9x9xf32>
  %3 = tn.contract (%2[i, j], %0[j, k]) -> [i, k] : (tensor<9x9xf32>, tensor<9x8xf32>) -> tensor<9x8xf32>
  return %3, %1 : tensor<9x8xf32>, tensor<9xf32>
}
