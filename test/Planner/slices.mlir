// RUN: tenon-opt %s -split-input-file "-tn-plan=memory-limit=1000 packing=none" | FileCheck %s
// RUN: tenon-opt %s -split-input-file -tn-plan | FileCheck %s --check-prefix=ANY

// ab takes 16 * 18 * 4 = 1152 bytes: i is sliced, and cd, which does not depend on it, is computed once before. The plan promises
// 18 floats and the 15 of cd, each in whole units of 64 bytes.
// CHECK-LABEL: func.func @hoisted(
// CHECK-SAME:    %[[A:.*]]: tensor<16x64xf32>, %[[B:.*]]: tensor<64x18xf32>, %[[C:.*]]: tensor<5x7xf32>, %[[D:.*]]: tensor<7x3xf32>)
// CHECK-SAME:    \22peak_bytes\22:192,\22results\22:[0],\22sliced\22:[\22i\22],\22slices\22:16
// CHECK-NEXT:  %[[CD:.*]] = tn.contract (%[[C]][l, m], %[[D]][m, n]) -> [l, n]
// CHECK-NEXT:  tn.slice (%[[I:.*]] in 16) -> (tensor<16x18x5x3xf32> [0])
// CHECK-NEXT:    %[[AI:.*]] = tensor.extract_slice %[[A]][%[[I]], 0] [1, 64] [1, 1]
// CHECK-NEXT:    %[[AB:.*]] = tn.contract (%[[AI]][j], %[[B]][j, k]) -> [k]
// CHECK-NEXT:    %[[R:.*]] = tn.contract (%[[AB]][k], %[[CD]][l, n]) -> [k, l, n]
// CHECK-NEXT:    tn.yield %[[R]]
// ANY-LABEL: func.func @hoisted(
// ANY-NOT:   tn.slice
// ANY:       return
func.func @hoisted(%a: tensor<16x64xf32>, %b: tensor<64x18xf32>, %c: tensor<5x7xf32>, %d: tensor<7x3xf32>)
    -> tensor<16x18x5x3xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[l, m], %d[m, n]) -> [i, k, l, n]
     : (tensor<16x64xf32>, tensor<64x18xf32>, tensor<5x7xf32>, tensor<7x3xf32>) -> tensor<16x18x5x3xf32>
  return %r : tensor<16x18x5x3xf32>
}

// -----

// A given path without slices gets them where the limit asks: the path stays.
// CHECK-LABEL: func.func @given_path(
// CHECK-SAME:    \22path\22:{{\[\[}}0,1],[3,2]]
// CHECK-SAME:    \22slices\22:{{([2-9]|[1-9][0-9]+)}}}"
// CHECK:       tn.slice
func.func @given_path(%a: tensor<16x64xf32>, %b: tensor<64x18xf32>, %c: tensor<18x3xf32>) -> tensor<16x3xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] {tn.path = array<i64: 0, 1, 3, 2>}
     : (tensor<16x64xf32>, tensor<64x18xf32>, tensor<18x3xf32>) -> tensor<16x3xf32>
  return %r : tensor<16x3xf32>
}
