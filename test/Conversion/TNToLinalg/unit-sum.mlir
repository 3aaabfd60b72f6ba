// An index of extent 1 that is summed changes nothing about another one: the sum stays a sum. tn-simplify would take the index away.

// RUN: rm -rf %t && mkdir %t
// RUN: tenon-opt %s -convert-tn-to-linalg -o %t/lowered.mlir && FileCheck %s --input-file=%t/lowered.mlir
// RUN: tenon-run %s --reference --random=1 -o %t/source.npy
// RUN: tenon-run %t/lowered.mlir --reference --random=1 -o %t/lowered.npy && cmp %t/source.npy %t/lowered.npy
// RUN: tenon-run %t/lowered.mlir --random=2 --check | FileCheck %s --check-prefix=EXEC
// EXEC: check: result 0: equal

// CHECK: linalg.fill
// CHECK: linalg.generic
// CHECK: arith.muli
// CHECK: arith.addi
func.func @main(%a: tensor<3x4x1xi32>, %b: tensor<4x1x5xi32>) -> tensor<3x5xi32> {
  %r = tn.contract (%a[i, k, u], %b[k, u, j]) -> [i, j] : (tensor<3x4x1xi32>, tensor<4x1x5xi32>) -> tensor<3x5xi32>
  return %r : tensor<3x5xi32>
}
