// RUN: tenon-opt %s -convert-tn-to-linalg -mlir-print-local-scope | FileCheck %s
// RUN: tenon-opt %s -convert-tn-to-linalg=threads=2 -mlir-print-local-scope | FileCheck %s --check-prefix=TWO

// One loop over all 4 * 5 slices. The first result is a contraction and adds to its place directly; the second is added by a map.
// CHECK-LABEL: func.func @placed_and_summed(
// CHECK-SAME:    %[[A:.*]]: tensor<4x5xf32>, %[[B:.*]]: tensor<5x6xf32>)
// CHECK-NOT:   scf.forall
// CHECK-DAG:   %[[FIRST:.*]] = arith.constant 0 : index
// CHECK-DAG:   %[[COUNT:.*]] = arith.constant 20 : index
// CHECK-DAG:   %[[STEP:.*]] = arith.constant 1 : index
// CHECK:       %[[R:.*]]:2 = scf.for %[[S:.*]] = %[[FIRST]] to %[[COUNT]] step %[[STEP]] iter_args(%[[P:.*]] = %{{.*}}, %[[Q:.*]] = %{{.*}})
// CHECK:         %[[C:.*]]:2 = affine.delinearize_index %[[S]] into (4, 5)
// CHECK:         %[[X:.*]] = tensor.extract_slice %[[A]][%[[C]]#0, %[[C]]#1]
// CHECK:         %[[Y:.*]] = tensor.extract_slice %[[B]][%[[C]]#1, 0]
// CHECK:         %[[OLD:.*]] = tensor.extract_slice %[[P]][%[[C]]#0, 0] [1, 6]
// CHECK:         %[[NEW:.*]] = linalg.generic {{.*}} ins(%[[X]], %[[Y]] : tensor<f32>, tensor<6xf32>) outs(%[[OLD]] : tensor<6xf32>)
// CHECK:           arith.mulf
// CHECK:           arith.addf
// CHECK:         %[[PNEXT:.*]] = tensor.insert_slice %[[NEW]] into %[[P]][%[[C]]#0, 0]
// CHECK:         %[[OLDQ:.*]] = tensor.extract_slice %[[Q]][0, %[[C]]#0] [6, 1]
// CHECK:         %[[NEWQ:.*]] = linalg.generic {{.*}} ins(%[[Y]] : tensor<6xf32>) outs(%[[OLDQ]] : tensor<6xf32>)
// CHECK:           arith.addf
// CHECK:         %[[QNEXT:.*]] = tensor.insert_slice %[[NEWQ]] into %[[Q]][0, %[[C]]#0]
// CHECK:         scf.yield %[[PNEXT]], %[[QNEXT]]
// CHECK:       return %[[R]]#0, %[[R]]#1

// Two shares of ten slices, each with buffers of its own, summed in order at the end.
// TWO-LABEL: func.func @placed_and_summed(
// TWO-DAG:   %[[P:.*]] = tensor.empty() : tensor<2x4x6xf32>
// TWO-DAG:   %[[Q:.*]] = tensor.empty() : tensor<2x6x4xf32>
// TWO:       %[[R:.*]]:2 = scf.forall (%[[T:.*]]) in (2) shared_outs(%[[SP:.*]] = %{{.*}}, %[[SQ:.*]] = %{{.*}})
// TWO:         %[[BEGIN:.*]] = affine.min affine_map<(d0) -> (d0 * 10, 20)>(%[[T]])
// TWO:         %[[END:.*]] = affine.min affine_map<(d0) -> (d0 * 10 + 10, 20)>(%[[T]])
// TWO:         linalg.fill {{.*}} tensor<4x6xf32>
// TWO:         linalg.fill {{.*}} tensor<6x4xf32>
// TWO:         %[[SUM:.*]]:2 = scf.for %{{.*}} = %[[BEGIN]] to %[[END]]
// TWO:         scf.forall.in_parallel
// TWO-NEXT:      tensor.parallel_insert_slice %[[SUM]]#0 into %[[SP]][%[[T]], 0, 0] [1, 4, 6]
// TWO-NEXT:      tensor.parallel_insert_slice %[[SUM]]#1 into %[[SQ]][%[[T]], 0, 0] [1, 6, 4]
// TWO:       linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>]
// TWO-SAME:    iterator_types = ["reduction", "parallel", "parallel"]
// TWO-SAME:    ins(%[[R]]#0 : tensor<2x4x6xf32>)
// TWO:         arith.addf
// TWO:       linalg.generic {{.*}} ins(%[[R]]#1 : tensor<2x6x4xf32>)
// TWO:         arith.addf
func.func @placed_and_summed(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>) -> (tensor<4x6xf32>, tensor<6x4xf32>) {
  %r:2 = tn.slice (%i in 4, %j in 5) -> (tensor<4x6xf32> [0, sum], tensor<6x4xf32> [1, sum]) {
    %x = tensor.extract_slice %a[%i, %j] [1, 1] [1, 1] : tensor<4x5xf32> to tensor<f32>
    %y = tensor.extract_slice %b[%j, 0] [1, 6] [1, 1] : tensor<5x6xf32> to tensor<6xf32>
    %p = tn.contract (%x[], %y[k]) -> [k] : (tensor<f32>, tensor<6xf32>) -> tensor<6xf32>
    tn.yield %p, %y : tensor<6xf32>, tensor<6xf32>
  }
  return %r#0, %r#1 : tensor<4x6xf32>, tensor<6x4xf32>
}

// One counter needs no division. A slice that nothing else adds to is inserted as it is.
// CHECK-LABEL: func.func @concatenated(
// CHECK:       scf.for %[[I:.*]] = {{.*}} iter_args(%[[R:.*]] = %{{.*}})
// CHECK-NOT:     affine.delinearize_index
// CHECK:         %[[ROW:.*]] = tensor.extract_slice %{{.*}}[%[[I]], 0] [1, 5]
// CHECK-NOT:     linalg.generic
// CHECK:         tensor.insert_slice %[[ROW]] into %[[R]][0, %[[I]]] [5, 1]
func.func @concatenated(%a: tensor<4x5xf32>) -> tensor<5x4xf32> {
  %r = tn.slice (%i in 4) -> (tensor<5x4xf32> [1]) {
    %row = tensor.extract_slice %a[%i, 0] [1, 5] [1, 1] : tensor<4x5xf32> to tensor<5xf32>
    tn.yield %row : tensor<5xf32>
  }
  return %r : tensor<5x4xf32>
}

// A whole result that is a sum is added to in place, without a slice of it.
// CHECK-LABEL: func.func @whole_sum(
// CHECK:       scf.for {{.*}} iter_args(%[[R:.*]] = %{{.*}})
// CHECK:         %[[NEXT:.*]] = linalg.generic {{.*}} outs(%[[R]] : tensor<6xf32>)
// CHECK:           arith.mulf
// CHECK:           arith.addf
// CHECK-NOT:     tensor.insert_slice
// CHECK:         scf.yield %[[NEXT]]
func.func @whole_sum(%a: tensor<5xf32>, %b: tensor<5x6xf32>) -> tensor<6xf32> {
  %r = tn.slice (%j in 5) -> (tensor<6xf32> [sum]) {
    %x = tensor.extract_slice %a[%j] [1] [1] : tensor<5xf32> to tensor<f32>
    %y = tensor.extract_slice %b[%j, 0] [1, 6] [1, 1] : tensor<5x6xf32> to tensor<6xf32>
    %p = tn.contract (%x[], %y[k]) -> [k] : (tensor<f32>, tensor<6xf32>) -> tensor<6xf32>
    tn.yield %p : tensor<6xf32>
  }
  return %r : tensor<6xf32>
}

// Slices add in their semiring, from its zero; a contraction of another semiring keeps a sum of its own.
// CHECK-LABEL: func.func @semiring_of_slices(
// CHECK:       %[[LOW:.*]] = arith.constant 0xFF800000 : f32
// CHECK:       %[[INIT:.*]] = linalg.fill ins(%[[LOW]] : f32)
// CHECK:       scf.for {{.*}} iter_args(%[[R:.*]] = %[[INIT]])
// CHECK:         arith.addf
// CHECK:         arith.maximumf
// TWO-LABEL: func.func @semiring_of_slices(
// TWO:         arith.maximumf
// TWO:       linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>], iterator_types = ["reduction"]}
// TWO:         arith.maximumf
func.func @semiring_of_slices(%a: tensor<5x6xf32>) -> tensor<f32> {
  %r = tn.slice (%j in 5) -> (tensor<f32> [sum]) semiring(max_plus) {
    %y = tensor.extract_slice %a[%j, 0] [1, 6] [1, 1] : tensor<5x6xf32> to tensor<6xf32>
    %s = tn.contract (%y[k]) -> [] : (tensor<6xf32>) -> tensor<f32>
    tn.yield %s : tensor<f32>
  }
  return %r : tensor<f32>
}

// Inside a parallel loop slices run in sequence.
// TWO-LABEL: func.func @nested(
// TWO:       scf.forall (%{{.*}}) in (2)
// TWO-NOT:     scf.forall (
// TWO:         scf.for
// TWO-NOT:     scf.forall (
// TWO:           scf.for
// TWO:       return
func.func @nested(%a: tensor<4x5xf32>) -> tensor<f32> {
  %r = tn.slice (%i in 4) -> (tensor<f32> [sum]) {
    %s = tn.slice (%j in 5) -> (tensor<f32> [sum]) {
      %x = tensor.extract_slice %a[%i, %j] [1, 1] [1, 1] : tensor<4x5xf32> to tensor<f32>
      tn.yield %x : tensor<f32>
    }
    tn.yield %s : tensor<f32>
  }
  return %r : tensor<f32>
}

// Where one extent is 0 there is no slice: nothing is split into counters, and the results are zeros.
// CHECK-LABEL: func.func @no_slices(
// CHECK-NOT:   scf.for
// CHECK-NOT:   affine.delinearize_index
// CHECK:       %[[LARGEST:.*]] = arith.constant 2147483647 : i32
// CHECK:       %[[ZERO:.*]] = linalg.fill ins(%[[LARGEST]] : i32) outs(%{{.*}} : tensor<5x3xi32>)
// CHECK-NOT:   scf.for
// CHECK:       %[[EMPTY:.*]] = linalg.fill {{.*}} -> tensor<0x5x3xi32>
// CHECK:       return %[[ZERO]], %[[EMPTY]]
func.func @no_slices(%a: tensor<0x5x3xi32>) -> (tensor<5x3xi32>, tensor<0x5x3xi32>) {
  %r:2 = tn.slice (%i in 0, %j in 5) -> (tensor<5x3xi32> [sum, 0], tensor<0x5x3xi32> [0, 1]) semiring(min_plus) {
    %s = tensor.extract_slice %a[%i, %j, 0] [1, 1, 3] [1, 1, 1] : tensor<0x5x3xi32> to tensor<3xi32>
    tn.yield %s, %s : tensor<3xi32>, tensor<3xi32>
  }
  return %r#0, %r#1 : tensor<5x3xi32>, tensor<0x5x3xi32>
}

// Without a sliced index the body stands where the slice stood; also in the body of another slice.
// CHECK-LABEL: func.func @no_index(
// CHECK-SAME:    %[[A:.*]]: tensor<3x4xi32>, %[[B:.*]]: tensor<3xi32>)
// CHECK-NOT:   scf.for
// CHECK:       %[[SUM:.*]] = linalg.generic {{.*}} ins(%[[A]] : tensor<3x4xi32>)
// CHECK-NOT:   tensor.insert_slice
// CHECK:       return %[[SUM]], %[[B]]
// TWO-LABEL: func.func @no_index(
// TWO-NOT:   scf.
// TWO:       return
func.func @no_index(%a: tensor<3x4xi32>, %b: tensor<3xi32>) -> (tensor<3xi32>, tensor<3xi32>) {
  %r:2 = tn.slice () -> (tensor<3xi32> [], tensor<3xi32> []) {
    %t = tn.contract (%a[i, j]) -> [i] : (tensor<3x4xi32>) -> tensor<3xi32>
    tn.yield %t, %b : tensor<3xi32>, tensor<3xi32>
  }
  return %r#0, %r#1 : tensor<3xi32>, tensor<3xi32>
}

// CHECK-LABEL: func.func @no_index_inside(
// CHECK:       scf.for {{.*}} iter_args(%[[R:.*]] = %{{.*}})
// CHECK-NOT:     scf.for
// CHECK:         %[[NEXT:.*]] = linalg.generic {{.*}} outs(%[[R]] : tensor<6xi32>)
// CHECK:         scf.yield %[[NEXT]]
func.func @no_index_inside(%a: tensor<5x6xi32>) -> tensor<6xi32> {
  %r = tn.slice (%j in 5) -> (tensor<6xi32> [sum]) {
    %s = tn.slice () -> (tensor<6xi32> []) {
      %y = tensor.extract_slice %a[%j, 0] [1, 6] [1, 1] : tensor<5x6xi32> to tensor<6xi32>
      tn.yield %y : tensor<6xi32>
    }
    tn.yield %s : tensor<6xi32>
  }
  return %r : tensor<6xi32>
}
