// RUN: tenon-opt %s -tn-fuse=tiles=3,2 --mlir-print-local-scope | FileCheck %s
// RUN: tenon-opt %s -tn-fuse='tiles=3,2 threads=2' --mlir-print-local-scope | FileCheck %s --check-prefix=LANES
// RUN: tenon-opt %s -tn-fuse=tiles=3,2 --tn-stats --tn-debug=fusion -o %t.mlir 2>&1 | FileCheck %s --check-prefix=SAID
// What fits the second cache stays whole.
// RUN: tenon-opt %s -tn-fuse | FileCheck %s --check-prefix=WHOLE

// The interpreter gets the same bits of what is fused: no sum is cut.
// RUN: rm -rf %t && mkdir %t
// RUN: tenon-opt %s -tn-fuse=tiles=3,2 -o %t/serial.mlir && tenon-opt %s -tn-fuse='tiles=2,3 threads=2' -o %t/lanes.mlir
// RUN: tenon-run %s --entry=rows --reference --random=1 -o %t/rows.npy
// RUN: tenon-run %t/serial.mlir --entry=rows --reference --random=1 -o %t/serial.npy && cmp %t/rows.npy %t/serial.npy
// RUN: tenon-run %t/lanes.mlir --entry=rows --reference --random=1 -o %t/lanes.npy && cmp %t/rows.npy %t/lanes.npy
// More rows are left over by the threads than a tile has: their loop begins behind those of the threads.
// RUN: tenon-opt %s -tn-fuse='tiles=1,0 threads=4' -o %t/left.mlir
// RUN: tenon-run %t/left.mlir --entry=rows --reference --random=1 -o %t/left.npy && cmp %t/rows.npy %t/left.npy
// RUN: tenon-run %s --entry=batches --reference --random=2 -o %t/batches.npy
// RUN: tenon-run %t/serial.mlir --entry=batches --reference --random=2 -o %t/serial.npy && cmp %t/batches.npy %t/serial.npy
// RUN: tenon-run %t/lanes.mlir --entry=batches --reference --random=2 -o %t/lanes.npy && cmp %t/batches.npy %t/lanes.npy
// RUN: tenon-run %s --entry=half --reference --random=3 -o %t/half.npy
// RUN: tenon-run %t/lanes.mlir --entry=half --reference --random=3 -o %t/lanes.npy && cmp %t/half.npy %t/lanes.npy
// RUN: tenon-run %s --entry=integers --reference --random=4 -o %t/integers.npy
// RUN: tenon-run %t/serial.mlir --entry=integers --reference --random=4 -o %t/serial.npy && cmp %t/integers.npy %t/serial.npy
// RUN: tenon-run %s --entry=tropical --reference --random=5 -o %t/tropical.npy
// RUN: tenon-run %t/lanes.mlir --entry=tropical --reference --random=5 -o %t/lanes.npy && cmp %t/tropical.npy %t/lanes.npy

// Compiled, on one thread and two.
// RUN: tenon-opt %t/serial.mlir -tenon-tensor-stage -o %t/one.mlir && tenon-opt %t/lanes.mlir -tenon-tensor-stage=threads=2 -o %t/two.mlir
// RUN: tenon-run %t/one.mlir --entry=rows --random=6 --check --threads=1 | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %t/two.mlir --entry=rows --random=7 --check --threads=2 | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %t/one.mlir --entry=batches --random=8 --check --threads=2 | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %t/two.mlir --entry=batches --random=9 --check --threads=2 | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %t/one.mlir --entry=half --random=10 --check | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %t/two.mlir --entry=half --random=11 --check --threads=2 | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %t/one.mlir --entry=integers --random=12 --check | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %t/two.mlir --entry=integers --random=13 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %t/two.mlir --entry=tropical --random=14 --check --threads=2 | FileCheck %s --check-prefix=EXEC
// Tiles are no slices: they do not count as progress.
// RUN: tenon-run %t/one.mlir --entry=rows --random=15 --progress=always 2>&1 | FileCheck %s --check-prefix=PROGRESS
// PROGRESS: [6/6] load
// PROGRESS-NOT: slices
// EXEC: check: result 0: agrees
// EXACT: check: result 0: equal

// SAID-DAG: fusion: {{.*}}fuse.mlir:{{[0-9]+}}:{{[0-9]+}}: tiles of i 3/7: 72 of 168 bytes between two operations, 3 tiles, estimated
// SAID-DAG: 6 chains
// SAID-DAG: 5 fused
// WHOLE-NOT: scf.for

// Two tiles of three rows, and one row that is left over. Columns are of the other operand: they are not cut.
// CHECK-LABEL: func.func @rows(
// CHECK-SAME:    %[[A:.*]]: tensor<7x5xf32>, %[[B:.*]]: tensor<5x6xf32>, %[[C:.*]]: tensor<6x8xf32>)
// CHECK:       %[[E:.*]] = tensor.empty() : tensor<7x8xf32>
// CHECK:       %[[L:.*]] = scf.for %[[T:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%[[R:.*]] = %[[E]]) -> (tensor<7x8xf32>) {
// CHECK-NEXT:    %[[I:.*]] = affine.apply affine_map<(d0) -> (d0 * 3)>(%[[T]])
// CHECK-NEXT:    %[[X:.*]] = tensor.extract_slice %[[A]][%[[I]], 0] [3, 5] [1, 1] : tensor<7x5xf32> to tensor<3x5xf32>
// CHECK-NEXT:    %[[P:.*]] = tn.contract (%[[X]][i, j], %[[B]][j, k]) -> [i, k] : (tensor<3x5xf32>, tensor<5x6xf32>) -> tensor<3x6xf32>
// CHECK-NEXT:    %[[Q:.*]] = tn.contract (%[[P]][i, k], %[[C]][k, l]) -> [i, l] : (tensor<3x6xf32>, tensor<6x8xf32>) -> tensor<3x8xf32>
// CHECK-NEXT:    %[[S:.*]] = tensor.insert_slice %[[Q]] into %[[R]][%[[I]], 0] [3, 8] [1, 1]
// CHECK-NEXT:    scf.yield %[[S]]
// CHECK-NEXT:  } {tn.fused}
// CHECK-NEXT:  %[[X:.*]] = tensor.extract_slice %[[A]][6, 0] [1, 5] [1, 1]
// CHECK-NEXT:  %[[P:.*]] = tn.contract (%[[X]][i, j], %[[B]][j, k]) -> [i, k]
// CHECK-NEXT:  %[[Q:.*]] = tn.contract (%[[P]][i, k], %[[C]][k, l]) -> [i, l]
// CHECK-NEXT:  %[[S:.*]] = tensor.insert_slice %[[Q]] into %[[L]][6, 0] [1, 8] [1, 1]
// CHECK-NEXT:  return %[[S]]
// Each thread has one tile; what is left over is the caller's.
// LANES-LABEL: func.func @rows(
// LANES:       %[[F:.*]] = scf.forall (%[[T:.*]]) in (2) shared_outs(%[[O:.*]] = %{{.*}}) -> (tensor<7x8xf32>) {
// LANES-NEXT:    %[[I:.*]] = affine.apply affine_map<(d0) -> (d0 * 3)>(%[[T]])
// LANES:         %[[S:.*]] = tn.contract (%{{.*}}[i, k], %{{.*}}[k, l]) -> [i, l]
// LANES:           tensor.parallel_insert_slice %[[S]] into %[[O]][%[[I]], 0] [3, 8] [1, 1]
// LANES:       tensor.insert_slice %{{.*}} into %[[F]][6, 0] [1, 8] [1, 1]
func.func @rows(%a: tensor<7x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x8xf32>) -> tensor<7x8xf32> {
  %0 = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<7x5xf32>, tensor<5x6xf32>) -> tensor<7x6xf32>
  %1 = tn.contract (%0[i, k], %c[k, l]) -> [i, l] : (tensor<7x6xf32>, tensor<6x8xf32>) -> tensor<7x8xf32>
  return %1 : tensor<7x8xf32>
}

// Two indices are cut, one of them a batch of all; the tensor between is the second operand.
// CHECK-LABEL: func.func @batches(
// CHECK-COUNT-2: scf.for
// CHECK:       tn.contract (%{{.*}}[b, i, j], %{{.*}}[b, j, k]) -> [k, b, i] : (tensor<3x2x5xcomplex<f64>>, tensor<3x5x6xcomplex<f64>>) -> tensor<6x3x2xcomplex<f64>>
// CHECK:       tn.contract (%{{.*}}[l, b, k], %{{.*}}[k, b, i]) -> [b, i, l]
func.func @batches(%a: tensor<7x9x5xcomplex<f64>>, %b: tensor<7x5x6xcomplex<f64>>, %c: tensor<4x7x6xcomplex<f64>>) -> tensor<7x9x4xcomplex<f64>> {
  %0 = tn.contract (%a[b, i, j], %b[b, j, k]) -> [k, b, i] : (tensor<7x9x5xcomplex<f64>>, tensor<7x5x6xcomplex<f64>>) -> tensor<6x7x9xcomplex<f64>>
  %1 = tn.contract (%c[l, b, k], %0[k, b, i]) -> [b, i, l] : (tensor<4x7x6xcomplex<f64>>, tensor<6x7x9xcomplex<f64>>) -> tensor<7x9x4xcomplex<f64>>
  return %1 : tensor<7x9x4xcomplex<f64>>
}

// Sums stay in f32 between the two, and are rounded in the tile.
// CHECK-LABEL: func.func @half(
// CHECK:       tn.contract {{.*}} -> tensor<6x3x2xf32>
// CHECK:       tn.contract {{.*}} -> [i, j, l] accumulate(f32) : {{.*}} -> tensor<3x2x8xf16>
func.func @half(%a: tensor<7x5xf16>, %b: tensor<5x11x6xf16>, %c: tensor<6x8xf16>) -> tensor<7x11x8xf16> {
  %0 = tn.contract (%a[i, s], %b[s, j, k]) -> [k, i, j] : (tensor<7x5xf16>, tensor<5x11x6xf16>) -> tensor<6x7x11xf32>
  %1 = tn.contract (%0[k, i, j], %c[k, l]) -> [i, j, l] accumulate(f32) : (tensor<6x7x11xf32>, tensor<6x8xf16>) -> tensor<7x11x8xf16>
  return %1 : tensor<7x11x8xf16>
}

// Of four tiles of three rows each thread has two, in a loop of its own over its part of the result.
// CHECK-LABEL: func.func @integers(
// CHECK:       scf.for
// LANES-LABEL: func.func @integers(
// LANES:       scf.forall (%[[T:.*]]) in (2) shared_outs(%[[O:.*]] = %{{.*}}) -> (tensor<8x13xi32>) {
// LANES-NEXT:    %[[I:.*]] = affine.apply affine_map<(d0) -> (d0 * 6)>(%[[T]])
// LANES:         %[[PART:.*]] = tensor.extract_slice %[[O]][0, %[[I]]] [8, 6] [1, 1]
// LANES:         %[[L:.*]] = scf.for %{{.*}} iter_args(%[[R:.*]] = %[[PART]]) -> (tensor<8x6xi32>)
// LANES:           tensor.insert_slice %{{.*}} into %[[R]][0, %{{.*}}] [8, 3] [1, 1]
// LANES:           tensor.parallel_insert_slice %[[L]] into %[[O]][0, %[[I]]] [8, 6] [1, 1]
func.func @integers(%a: tensor<13x5xi16>, %b: tensor<5x6xi16>, %c: tensor<6x8xi16>) -> tensor<8x13xi32> {
  %0 = tn.contract (%a[i, j], %b[j, k]) -> [i, k] accumulate(i32) : (tensor<13x5xi16>, tensor<5x6xi16>) -> tensor<13x6xi32>
  %1 = tn.contract (%0[i, k], %c[k, l]) -> [l, i] : (tensor<13x6xi32>, tensor<6x8xi16>) -> tensor<8x13xi32>
  return %1 : tensor<8x13xi32>
}

// CHECK-LABEL: func.func @tropical(
// CHECK:       scf.for
func.func @tropical(%a: tensor<13x5xf64>, %b: tensor<5x6xf64>, %c: tensor<6x8xf64>) -> tensor<13x8xf64> {
  %0 = tn.contract (%a[i, j], %b[j, k]) -> [i, k] semiring(max_plus) : (tensor<13x5xf64>, tensor<5x6xf64>) -> tensor<13x6xf64>
  %1 = tn.contract (%0[i, k], %c[k, l]) -> [i, l] semiring(max_plus) : (tensor<13x6xf64>, tensor<6x8xf64>) -> tensor<13x8xf64>
  return %1 : tensor<13x8xf64>
}

// Read twice, or returned too: whole.
// CHECK-LABEL: func.func @shared(
// CHECK-NOT:   scf.for
func.func @shared(%a: tensor<7x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x8xf32>) -> (tensor<7x8xf32>, tensor<7x6xf32>) {
  %0 = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<7x5xf32>, tensor<5x6xf32>) -> tensor<7x6xf32>
  %1 = tn.contract (%0[i, k], %c[k, l]) -> [i, l] : (tensor<7x6xf32>, tensor<6x8xf32>) -> tensor<7x8xf32>
  return %1, %0 : tensor<7x8xf32>, tensor<7x6xf32>
}

// Nothing of what lies between is kept; nor would less memory do, where operands that are computed outlive a smaller result.
// CHECK-LABEL: func.func @summed(
// CHECK-NOT:   scf.for
func.func @summed(%a: tensor<7x5xf32>, %b: tensor<5x6xf32>, %c: tensor<7x6x8xf32>) -> (tensor<8xf32>, tensor<2x8xf32>) {
  %0 = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<7x5xf32>, tensor<5x6xf32>) -> tensor<7x6xf32>
  %1 = tn.contract (%0[i, k], %c[i, k, l]) -> [l] : (tensor<7x6xf32>, tensor<7x6x8xf32>) -> tensor<8xf32>
  %2 = tensor.extract_slice %a[1, 0] [2, 5] [1, 1] : tensor<7x5xf32> to tensor<2x5xf32>
  %3 = tn.contract (%2[i, j], %b[j, k]) -> [i] : (tensor<2x5xf32>, tensor<5x6xf32>) -> tensor<2xf32>
  %4 = tensor.extract_slice %c[0, 0, 0] [1, 1, 8] [1, 1, 1] : tensor<7x6x8xf32> to tensor<8xf32>
  %5 = tn.contract (%3[i], %4[l]) -> [i, l] : (tensor<2xf32>, tensor<8xf32>) -> tensor<2x8xf32>
  return %1, %5 : tensor<8xf32>, tensor<2x8xf32>
}
