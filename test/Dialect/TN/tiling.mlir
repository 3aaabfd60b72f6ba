// Upstream tiling of contractions: the loops are the output's indices in its order, then the summed ones by number.

// RUN: tenon-opt %s --transform-interpreter --canonicalize --cse --mlir-print-local-scope | FileCheck %s

// The tiled functions compute what the untiled ones do. The extents are no multiples of the tiles.
// RUN: rm -rf %t && mkdir %t
// RUN: tenon-opt %s --transform-interpreter -o %t/tiled.mlir
// RUN: tenon-run %s --reference --entry=binary --random=1 -o %t/binary.npy
// RUN: tenon-run %t/tiled.mlir --reference --entry=binary --random=1 -o %t/binary-tiled.npy
// RUN: cmp %t/binary.npy %t/binary-tiled.npy
// RUN: tenon-run %s --reference --entry=hyperedge --random=2 -o %t/hyperedge.npy
// RUN: tenon-run %t/tiled.mlir --reference --entry=hyperedge --random=2 -o %t/hyperedge-tiled.npy
// RUN: cmp %t/hyperedge.npy %t/hyperedge-tiled.npy
// RUN: tenon-run %s --reference --entry=tropical --random=3 -o %t/tropical.npy
// RUN: tenon-run %t/tiled.mlir --reference --entry=tropical --random=3 -o %t/tropical-tiled.npy
// RUN: cmp %t/tropical.npy %t/tropical-tiled.npy
// RUN: tenon-run %s --reference --entry=fused --random=4 -o %t/fused.npy
// RUN: tenon-run %t/tiled.mlir --reference --entry=fused --random=4 -o %t/fused-tiled.npy
// RUN: cmp %t/fused.npy %t/fused-tiled.npy
// RUN: tenon-run %s --reference --entry=dynamic --arg %t/binary.npy --arg %t/binary.npy -o %t/dynamic.npy
// RUN: tenon-run %t/tiled.mlir --reference --entry=dynamic --arg %t/binary.npy --arg %t/binary.npy -o %t/dynamic-tiled.npy
// RUN: cmp %t/dynamic.npy %t/dynamic-tiled.npy
// RUN: tenon-run %s --reference --entry=known --arg %t/dynamic.npy --arg %t/binary.npy -o %t/known.npy
// RUN: tenon-run %t/tiled.mlir --reference --entry=known --arg %t/dynamic.npy --arg %t/binary.npy -o %t/known-tiled.npy
// RUN: cmp %t/known.npy %t/known-tiled.npy

// Tiles of 4 × 3 of the transposed result [j, i]; the summed index is read whole.
// CHECK-LABEL: func.func @binary(
// CHECK-SAME:    %[[A:.*]]: tensor<7x5xi32>, %[[B:.*]]: tensor<5x9xi32>)
// CHECK:       %[[OUT:.*]] = tensor.empty() : tensor<9x7xi32>
// CHECK:       scf.for %[[J:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%[[OUTER:.*]] = %[[OUT]])
// CHECK:         scf.for %[[I:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%[[INNER:.*]] = %[[OUTER]])
// CHECK:           %[[NJ:.*]] = affine.min affine_map<(d0) -> (-d0 + 9, 4)>(%[[J]])
// CHECK:           %[[NI:.*]] = affine.min affine_map<(d0) -> (-d0 + 7, 3)>(%[[I]])
// CHECK:           %[[AT:.*]] = tensor.extract_slice %[[A]][%[[I]], 0] [%[[NI]], 5] [1, 1]
// CHECK:           %[[BT:.*]] = tensor.extract_slice %[[B]][0, %[[J]]] [5, %[[NJ]]] [1, 1]
// CHECK:           %[[T:.*]] = tn.contract (%[[AT]][i, k], %[[BT]][k, j]) -> [j, i] {{.*}} : (tensor<?x5xi32>, tensor<5x?xi32>) -> tensor<?x?xi32>
// CHECK:           tensor.insert_slice %[[T]] into %[[INNER]][%[[J]], %[[I]]] [%[[NJ]], %[[NI]]] [1, 1]
func.func @binary(%a: tensor<7x5xi32>, %b: tensor<5x9xi32>) -> tensor<9x7xi32> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] {tag = "binary"} : (tensor<7x5xi32>, tensor<5x9xi32>) -> tensor<9x7xi32>
  return %r : tensor<9x7xi32>
}

// A diagonal is cut along both of its dimensions, a hyperedge in all of its operands. An operand that no tiled
// index has is read whole. Tiles of known size keep it.
// CHECK-LABEL: func.func @hyperedge(
// CHECK-SAME:    %[[A:.*]]: tensor<6x6x4xi64>, %[[B:.*]]: tensor<4x6x5xi64>, %[[C:.*]]: tensor<4x3xi64>, %[[D:.*]]: tensor<3xi64>)
// CHECK:       scf.forall (%{{.*}}, %{{.*}}) in (3, 2) shared_outs
// CHECK:         tensor.extract_slice %[[A]][%[[I:.*]], %[[I]], %[[H:.*]]] [2, 2, 2] [1, 1, 1] : tensor<6x6x4xi64> to tensor<2x2x2xi64>
// CHECK:         tensor.extract_slice %[[B]][%[[H]], %[[I]], 0] [2, 2, 5] [1, 1, 1] : tensor<4x6x5xi64> to tensor<2x2x5xi64>
// CHECK:         tensor.extract_slice %[[C]][%[[H]], 0] [2, 3] [1, 1] : tensor<4x3xi64> to tensor<2x3xi64>
// CHECK:         tn.contract (%{{.*}}[i, i, h], %{{.*}}[h, i, j], %{{.*}}[h, k], %[[D]][k]) -> [j, i, h]
// CHECK-SAME:      -> tensor<5x2x2xi64>
// CHECK:         tensor.parallel_insert_slice %{{.*}} into %{{.*}}[0, %[[I]], %[[H]]] [5, 2, 2] [1, 1, 1]
func.func @hyperedge(%a: tensor<6x6x4xi64>, %b: tensor<4x6x5xi64>, %c: tensor<4x3xi64>, %d: tensor<3xi64>) -> tensor<5x6x4xi64> {
  %r = tn.contract (%a[i, i, h], %b[h, i, j], %c[h, k], %d[k]) -> [j, i, h] {tag = "hyperedge"}
     : (tensor<6x6x4xi64>, tensor<4x6x5xi64>, tensor<4x3xi64>, tensor<3xi64>) -> tensor<5x6x4xi64>
  return %r : tensor<5x6x4xi64>
}

// Semiring, accumulation type and signedness stay with the tile.
// CHECK-LABEL: func.func @tropical(
// CHECK:       tn.contract (%{{.*}}[i, k], %{{.*}}[k]) -> [i] semiring(max_plus) accumulate(i32) unsigned {{.*}} : (tensor<?x5xi8>, tensor<5xi16>) -> tensor<?xi32>
func.func @tropical(%a: tensor<7x5xi8>, %b: tensor<5xi16>) -> tensor<7xi32> {
  %r = tn.contract (%a[i, k], %b[k]) -> [i] semiring(max_plus) accumulate(i32) unsigned {tag = "tropical"} : (tensor<7x5xi8>, tensor<5xi16>) -> tensor<7xi32>
  return %r : tensor<7xi32>
}

// The producers, a contraction and a conjugation, move into the loop: each tile computes the part of them that it reads.
// CHECK-LABEL: func.func @fused(
// CHECK-SAME:    %[[A:.*]]: tensor<7x3xcomplex<f64>>, %[[B:.*]]: tensor<3x4xcomplex<f64>>, %[[C:.*]]: tensor<4x5xcomplex<f64>>)
// CHECK-NOT:   tn.
// CHECK:       scf.for %[[I:[a-z0-9]+]] =
// CHECK:         %[[AT:.*]] = tensor.extract_slice %[[A]][%[[I]], 0]
// CHECK:         %[[X:.*]] = tn.contract (%[[AT]][i, k], %[[B]][k, l]) -> [i, l]
// CHECK:         %[[Y:.*]] = tn.conj %[[X]] : tensor<?x4xcomplex<f64>>
// CHECK:         tn.contract (%[[Y]][i, l], %[[C]][l, j]) -> [i, j]
// CHECK:         scf.yield
func.func @fused(%a: tensor<7x3xcomplex<f64>>, %b: tensor<3x4xcomplex<f64>>, %c: tensor<4x5xcomplex<f64>>) -> tensor<7x5xcomplex<f64>> {
  %x = tn.contract (%a[i, k], %b[k, l]) -> [i, l] : (tensor<7x3xcomplex<f64>>, tensor<3x4xcomplex<f64>>) -> tensor<7x4xcomplex<f64>>
  %y = tn.conj %x : tensor<7x4xcomplex<f64>>
  %r = tn.contract (%y[i, l], %c[l, j]) -> [i, j] {tag = "fused"} : (tensor<7x4xcomplex<f64>>, tensor<4x5xcomplex<f64>>) -> tensor<7x5xcomplex<f64>>
  return %r : tensor<7x5xcomplex<f64>>
}

// Dynamic extents: loops run to the operands' dimensions, and the summed index, dynamic too, stays whole. Tiles are tiled again.
// CHECK-LABEL: func.func @dynamic(
// CHECK-SAME:    %[[A:.*]]: tensor<?x?xi32>, %[[B:.*]]: tensor<?x?xi32>)
// CHECK-DAG:   %[[N:.*]] = tensor.dim %[[A]], %c0
// CHECK-DAG:   %[[K:.*]] = tensor.dim %[[A]], %c1
// CHECK-DAG:   %[[M:.*]] = tensor.dim %[[B]], %c0
// CHECK:       tensor.empty(%[[N]], %[[M]]) : tensor<?x?xi32>
// CHECK:       scf.for %[[I:.*]] = %c0 to %[[N]] step %c2
// CHECK:         scf.for %[[J:.*]] = %c0 to %[[M]] step %c4
// CHECK:           tensor.extract_slice %[[A]][%[[I]], 0] [%{{.*}}, %[[K]]]
// CHECK:           tensor.extract_slice %[[B]][%[[J]], 0] [%{{.*}}, %[[K]]]
// CHECK:           scf.for
// CHECK:             scf.for
// CHECK:               tn.contract
func.func @dynamic(%a: tensor<?x?xi32>, %b: tensor<?x?xi32>) -> tensor<?x?xi32> {
  %r = tn.contract (%a[i, k], %b[j, k]) -> [i, j] {tag = "dynamic"} : (tensor<?x?xi32>, tensor<?x?xi32>) -> tensor<?x?xi32>
  return %r : tensor<?x?xi32>
}

// The result's type does not know an extent that an operand knows: the destination has the result's type.
// CHECK-LABEL: func.func @known(
// CHECK:       scf.for {{.*}} -> (tensor<?x7xi32>)
// CHECK:         tn.contract {{.*}} : (tensor<?x9xi32>, tensor<9x?xi32>) -> tensor<?x?xi32>
// CHECK:       tensor.cast %{{.*}} : tensor<?x7xi32> to tensor<?x?xi32>
func.func @known(%a: tensor<?x9xi32>, %b: tensor<9x7xi32>) -> tensor<?x?xi32> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [i, j] {tag = "known"} : (tensor<?x9xi32>, tensor<9x7xi32>) -> tensor<?x?xi32>
  return %r : tensor<?x?xi32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %binary = transform.structured.match ops{["tn.contract"]} attributes{tag = "binary"} in %root : (!transform.any_op) -> !transform.any_op
    %b0, %b1:2 = transform.structured.tile_using_for %binary tile_sizes [4, 3] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    %hyperedge = transform.structured.match ops{["tn.contract"]} attributes{tag = "hyperedge"} in %root : (!transform.any_op) -> !transform.any_op
    %h0, %h1 = transform.structured.tile_using_forall %hyperedge tile_sizes [0, 2, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %tropical = transform.structured.match ops{["tn.contract"]} attributes{tag = "tropical"} in %root : (!transform.any_op) -> !transform.any_op
    %t0, %t1 = transform.structured.tile_using_for %tropical tile_sizes [4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %fused = transform.structured.match ops{["tn.contract"]} attributes{tag = "fused"} in %root : (!transform.any_op) -> !transform.any_op
    %f0, %f1 = transform.structured.fuse %fused tile_sizes [3] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %dynamic = transform.structured.match ops{["tn.contract"]} attributes{tag = "dynamic"} in %root : (!transform.any_op) -> !transform.any_op
    %d0, %d1:2 = transform.structured.tile_using_for %dynamic tile_sizes [2, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    %d2, %d3:2 = transform.structured.tile_using_for %d0 tile_sizes [1, 3] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    %known = transform.structured.match ops{["tn.contract"]} attributes{tag = "known"} in %root : (!transform.any_op) -> !transform.any_op
    %k0, %k1 = transform.structured.tile_using_for %known tile_sizes [0, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
