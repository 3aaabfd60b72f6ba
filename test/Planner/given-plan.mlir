// RUN: tenon-opt %s -tn-plan | FileCheck %s

// The path says b with c first, though a with b is cheaper. Nothing of it stays on the operations.
// CHECK-LABEL: func.func @path(
// CHECK-SAME:    %[[A:.*]]: tensor<4x50xf32>, %[[B:.*]]: tensor<50x60xf32>, %[[C:.*]]: tensor<60x7xf32>)
// CHECK-SAME:    \22path\22:{{\[\[}}1,2],[0,3]]
// CHECK-NOT:   tn.path
// CHECK:       %[[BC:.*]] = tn.contract (%[[B]][j, k], %[[C]][k, l]) -> [j, l] : {{.*}} -> tensor<50x7xf32>
// CHECK-NEXT:  %[[R:.*]] = tn.contract (%[[A]][i, j], %[[BC]][j, l]) -> [i, l] : {{.*}} -> tensor<4x7xf32>
// CHECK-NEXT:  return %[[R]]
func.func @path(%a: tensor<4x50xf32>, %b: tensor<50x60xf32>, %c: tensor<60x7xf32>) -> tensor<4x7xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] {tn.path = array<i64: 1, 2, 0, 3>}
     : (tensor<4x50xf32>, tensor<50x60xf32>, tensor<60x7xf32>) -> tensor<4x7xf32>
  return %r : tensor<4x7xf32>
}

// Index 1 (j) is summed over the slices, index 3 (l) is placed in dimension 1 of the result.
// CHECK-LABEL: func.func @path_and_slices(
// CHECK-SAME:    %[[A:.*]]: tensor<4x5xf32>, %[[B:.*]]: tensor<5x6xf32>, %[[C:.*]]: tensor<6x7xf32>)
// CHECK-SAME:    \22sliced\22:[\22j\22,\22l\22],\22slices\22:35
// CHECK-NOT:   tn.sliced
// CHECK:       %[[R:.*]] = tn.slice (%[[J:.*]] in 5, %[[L:.*]] in 7) -> (tensor<4x7xf32> [sum, 1])
// CHECK-DAG:     %[[AJ:.*]] = tensor.extract_slice %[[A]][0, %[[J]]] [4, 1] [1, 1] : tensor<4x5xf32> to tensor<4xf32>
// CHECK-DAG:     %[[BJ:.*]] = tensor.extract_slice %[[B]][%[[J]], 0] [1, 6] [1, 1] : tensor<5x6xf32> to tensor<6xf32>
// CHECK-DAG:     %[[CL:.*]] = tensor.extract_slice %[[C]][0, %[[L]]] [6, 1] [1, 1] : tensor<6x7xf32> to tensor<6xf32>
// CHECK:         %[[BC:.*]] = tn.contract (%[[BJ]][k], %[[CL]][k]) -> []
// CHECK:         %[[ABC:.*]] = tn.contract (%[[AJ]][i], %[[BC]][]) -> [i]
// CHECK:         tn.yield %[[ABC]]
// CHECK:       return %[[R]]
func.func @path_and_slices(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x7xf32>) -> tensor<4x7xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] {tn.path = array<i64: 1, 2, 0, 3>, tn.sliced = array<i64: 1, 3>}
     : (tensor<4x5xf32>, tensor<5x6xf32>, tensor<6x7xf32>) -> tensor<4x7xf32>
  return %r : tensor<4x7xf32>
}

// A sum over slices is rounded once, behind them.
// CHECK-LABEL: func.func @rounded_once(
// CHECK:       %[[SUM:.*]] = tn.slice (%{{.*}} in 5) -> (tensor<4x7xf32> [sum])
// CHECK:       %[[R:.*]] = tn.contract (%[[SUM]][i, l]) -> [i, l] accumulate(f32) : (tensor<4x7xf32>) -> tensor<4x7xf16>
// CHECK:       return %[[R]]
func.func @rounded_once(%a: tensor<4x5xf16>, %b: tensor<5x6xf16>, %c: tensor<6x7xf16>) -> tensor<4x7xf16> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] accumulate(f32)
       {tn.path = array<i64: 0, 1, 2, 3>, tn.sliced = array<i64: 1>}
     : (tensor<4x5xf16>, tensor<5x6xf16>, tensor<6x7xf16>) -> tensor<4x7xf16>
  return %r : tensor<4x7xf16>
}

// A path that ends early is completed.
// CHECK-LABEL: func.func @short_path(
// CHECK-SAME:    \22path\22:{{\[\[}}1,2],[0,3]]
func.func @short_path(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x7xf32>) -> tensor<4x7xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] {tn.path = array<i64: 1, 2>}
     : (tensor<4x5xf32>, tensor<5x6xf32>, tensor<6x7xf32>) -> tensor<4x7xf32>
  return %r : tensor<4x7xf32>
}

// One operand has the empty path, and stays what it was: a transposition of equal extents must not vanish.
// CHECK-LABEL: func.func @one_operand(
// CHECK:       %[[R:.*]] = tn.contract (%{{.*}}[i, j]) -> [j, i] : (tensor<5x5xf32>) -> tensor<5x5xf32>
// CHECK-NEXT:  return %[[R]]
func.func @one_operand(%a: tensor<5x5xf32>) -> tensor<5x5xf32> {
  %r = tn.contract (%a[i, j]) -> [j, i] {tn.path = array<i64>} : (tensor<5x5xf32>) -> tensor<5x5xf32>
  return %r : tensor<5x5xf32>
}
