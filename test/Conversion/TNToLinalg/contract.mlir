// RUN: tenon-opt %s -convert-tn-to-linalg -mlir-print-local-scope | FileCheck %s

// Loops are the output's indices in its order, and then the summed ones.
// CHECK-LABEL: func.func @matrix_product(
// CHECK-SAME:    %[[A:.*]]: tensor<4x5xf32>, %[[B:.*]]: tensor<5x6xf32>)
// CHECK-NOT:   tn.contract
// CHECK:       %[[EMPTY:.*]] = tensor.empty() : tensor<6x4xf32>
// CHECK:       %[[INIT:.*]] = linalg.fill {{.*}} outs(%[[EMPTY]] : tensor<6x4xf32>)
// CHECK:       %[[R:.*]] = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2)>,
// CHECK-SAME:    affine_map<(d0, d1, d2) -> (d2, d0)>, affine_map<(d0, d1, d2) -> (d0, d1)>]
// CHECK-SAME:    iterator_types = ["parallel", "parallel", "reduction"]
// CHECK-SAME:    ins(%[[A]], %[[B]] : tensor<4x5xf32>, tensor<5x6xf32>) outs(%[[INIT]] : tensor<6x4xf32>)
// CHECK:       return %[[R]]
func.func @matrix_product(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>) -> tensor<6x4xf32> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [k, i] : (tensor<4x5xf32>, tensor<5x6xf32>) -> tensor<6x4xf32>
  return %r : tensor<6x4xf32>
}

// An index of three operands, contracted as it stands: one loop nest over all of them, multiplied in the written order.
// CHECK-LABEL: func.func @hyperedge(
// CHECK:       linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2)>,
// CHECK-SAME:    affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>]
// CHECK-SAME:    iterator_types = ["parallel", "parallel", "reduction"]
// CHECK:       ^bb0(%[[A:.*]]: f32, %[[W:.*]]: f32, %[[B:.*]]: f32, %[[SUM:.*]]: f32):
// CHECK-NEXT:    %[[AW:.*]] = arith.mulf %[[A]], %[[W]] : f32
// CHECK-NEXT:    %[[AWB:.*]] = arith.mulf %[[AW]], %[[B]] : f32
// CHECK-NEXT:    arith.addf %[[SUM]], %[[AWB]] : f32
func.func @hyperedge(%a: tensor<4x5xf32>, %w: tensor<5xf32>, %b: tensor<5x6xf32>) -> tensor<4x6xf32> {
  %r = tn.contract (%a[i, j], %w[j], %b[j, k]) -> [i, k]
     : (tensor<4x5xf32>, tensor<5xf32>, tensor<5x6xf32>) -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}

// A repeated index reads a diagonal. Nothing is summed, so nothing is filled, and the buffer's old values are not read.
// CHECK-LABEL: func.func @diagonal(
// CHECK-NOT:   linalg.fill
// CHECK:       %[[EMPTY:.*]] = tensor.empty() : tensor<7x4xf32>
// CHECK:       linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>]
// CHECK-SAME:    iterator_types = ["parallel", "parallel"]
// CHECK-SAME:    outs(%[[EMPTY]] : tensor<7x4xf32>)
// CHECK:       ^bb0(%[[X:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT:    linalg.yield %[[X]] : f32
func.func @diagonal(%a: tensor<4x7x4xf32>) -> tensor<7x4xf32> {
  %r = tn.contract (%a[i, j, i]) -> [j, i] : (tensor<4x7x4xf32>) -> tensor<7x4xf32>
  return %r : tensor<7x4xf32>
}

// CHECK-LABEL: func.func @trace(
// CHECK:       linalg.generic {indexing_maps = [affine_map<(d0) -> (d0, d0)>, affine_map<(d0) -> ()>], iterator_types = ["reduction"]}
// CHECK:       ^bb0(%[[X:.*]]: f32, %[[SUM:.*]]: f32):
// CHECK-NEXT:    arith.addf %[[SUM]], %[[X]] : f32
func.func @trace(%a: tensor<4x4xf32>) -> tensor<f32> {
  %r = tn.contract (%a[i, i]) -> [] : (tensor<4x4xf32>) -> tensor<f32>
  return %r : tensor<f32>
}

// A product without a sum: no fill, and the body neither adds nor reads.
// CHECK-LABEL: func.func @outer_product(
// CHECK-NOT:   linalg.fill
// CHECK:       ^bb0(%[[A:.*]]: f32, %[[B:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT:    %[[AB:.*]] = arith.mulf %[[A]], %[[B]] : f32
// CHECK-NEXT:    linalg.yield %[[AB]] : f32
func.func @outer_product(%a: tensor<4xf32>, %b: tensor<5xf32>) -> tensor<5x4xf32> {
  %r = tn.contract (%a[i], %b[j]) -> [j, i] : (tensor<4xf32>, tensor<5xf32>) -> tensor<5x4xf32>
  return %r : tensor<5x4xf32>
}

// CHECK-LABEL: func.func @scalars(
// CHECK-NOT:   linalg.fill
// CHECK:       linalg.generic {indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>, affine_map<() -> ()>], iterator_types = []}
// CHECK:         arith.mulf
func.func @scalars(%a: tensor<f32>, %b: tensor<f32>) -> tensor<f32> {
  %r = tn.contract (%a[], %b[]) -> [] : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %r : tensor<f32>
}

// Extents that no type knows are asked of the operand that has them first.
// CHECK-LABEL: func.func @dynamic_extents(
// CHECK-SAME:    %[[A:.*]]: tensor<?x5xf32>, %[[B:.*]]: tensor<5x?xf32>)
// CHECK-DAG:   %[[ZERO:.*]] = arith.constant 0 : index
// CHECK-DAG:   %[[ONE:.*]] = arith.constant 1 : index
// CHECK-DAG:   %[[ROWS:.*]] = tensor.dim %[[A]], %[[ZERO]] : tensor<?x5xf32>
// CHECK-DAG:   %[[COLUMNS:.*]] = tensor.dim %[[B]], %[[ONE]] : tensor<5x?xf32>
// CHECK:       %[[EMPTY:.*]] = tensor.empty(%[[COLUMNS]], %[[ROWS]]) : tensor<?x?xf32>
// CHECK:       linalg.fill {{.*}} outs(%[[EMPTY]] : tensor<?x?xf32>)
func.func @dynamic_extents(%a: tensor<?x5xf32>, %b: tensor<5x?xf32>) -> tensor<?x?xf32> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [k, i] : (tensor<?x5xf32>, tensor<5x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// The operands know more than the type of the result says: computed with what they know, cast to what it says.
// CHECK-LABEL: func.func @result_knows_less(
// CHECK:       tensor.empty() : tensor<4xf32>
// CHECK:       %[[R:.*]] = linalg.generic
// CHECK:       %[[CAST:.*]] = tensor.cast %[[R]] : tensor<4xf32> to tensor<?xf32>
// CHECK:       return %[[CAST]] : tensor<?xf32>
func.func @result_knows_less(%a: tensor<4x5xf32>, %b: tensor<5xf32>) -> tensor<?xf32> {
  %r = tn.contract (%a[i, j], %b[j]) -> [i] : (tensor<4x5xf32>, tensor<5xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// Unused operations of the dialect do not survive.
// CHECK-LABEL: func.func @dead(
// CHECK-NEXT:    return
func.func @dead(%a: tensor<4x5xf32>) {
  %r = tn.contract (%a[i, j]) -> [j] : (tensor<4x5xf32>) -> tensor<5xf32>
  %c = tn.conj %r : tensor<5xf32>
  return
}
