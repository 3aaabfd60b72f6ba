// With `deterministic`, threads share single contractions and no slices: the plan and the order of sums are those of one thread.

// RUN: tenon-opt %s "-tenon-cpu-pipeline=threads=3 target=avx512" | FileCheck %s --check-prefix=SHARES
// RUN: tenon-opt %s "-tenon-cpu-pipeline=threads=3 deterministic=true target=avx512" | FileCheck %s

// SHARES: scf.forall
// SHARES-NOT: split {{.*}} into 3

// CHECK-LABEL: func.func @network(
// CHECK-NOT:   scf.forall
// CHECK:       scf.for
// CHECK:       tn.call_contraction
// CHECK-SAME:  into 3
// CHECK-NOT:   scf.forall
func.func @network(%a: tensor<3x90x80xf32>, %b: tensor<80x3x100xf32>) -> tensor<90x100xf32> {
  %r = tn.slice (%s in 3) -> (tensor<90x100xf32> [sum]) {
    %x = tensor.extract_slice %a[%s, 0, 0] [1, 90, 80] [1, 1, 1] : tensor<3x90x80xf32> to tensor<90x80xf32>
    %y = tensor.extract_slice %b[0, %s, 0] [80, 1, 100] [1, 1, 1] : tensor<80x3x100xf32> to tensor<80x100xf32>
    %z = tn.contract (%x[i, j], %y[j, k]) -> [i, k] : (tensor<90x80xf32>, tensor<80x100xf32>) -> tensor<90x100xf32>
    tn.yield %z : tensor<90x100xf32>
  }
  return %r : tensor<90x100xf32>
}
