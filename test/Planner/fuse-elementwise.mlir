// Elementwise operations and sums beside a contraction: they read, or make, a tile of it that a cache holds.

// RUN: tenon-opt %s -tn-fuse=tiles=3,4 | FileCheck %s
// RUN: tenon-opt %s -tn-fuse=tiles=3,4 --tn-stats -o %t.mlir 2>&1 | FileCheck %s --check-prefix=SAID
// RUN: rm -rf %t && mkdir %t
// RUN: tenon-opt %s -tn-fuse=tiles=3,4 -o %t/serial.mlir && tenon-opt %s -tn-fuse='tiles=3,2 threads=2' -o %t/lanes.mlir
// RUN: tenon-opt %t/serial.mlir -tenon-tensor-stage -o %t/one.mlir && tenon-opt %t/lanes.mlir -tenon-tensor-stage=threads=2 -o %t/two.mlir
// RUN: tenon-run %s --entry=activated --reference --random=21 -o %t/activated.npy
// RUN: tenon-run %t/serial.mlir --entry=activated --reference --random=21 -o %t/x.npy && cmp %t/activated.npy %t/x.npy
// RUN: tenon-run %t/lanes.mlir --entry=activated --reference --random=21 -o %t/x.npy && cmp %t/activated.npy %t/x.npy
// RUN: tenon-run %t/one.mlir --entry=activated --random=21 --check --threads=1 | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %t/two.mlir --entry=activated --random=21 --check --threads=2 | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %s --entry=scaled --reference --random=22 -o %t/scaled.npy
// RUN: tenon-run %t/serial.mlir --entry=scaled --reference --random=22 -o %t/x.npy && cmp %t/scaled.npy %t/x.npy
// RUN: tenon-run %t/lanes.mlir --entry=scaled --reference --random=22 -o %t/x.npy && cmp %t/scaled.npy %t/x.npy
// RUN: tenon-run %t/one.mlir --entry=scaled --random=22 --check --threads=1 | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %t/two.mlir --entry=scaled --random=22 --check --threads=2 | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %s --entry=widened --reference --random=23 -o %t/widened.npy
// RUN: tenon-run %t/serial.mlir --entry=widened --reference --random=23 -o %t/x.npy && cmp %t/widened.npy %t/x.npy
// RUN: tenon-run %t/lanes.mlir --entry=widened --reference --random=23 -o %t/x.npy && cmp %t/widened.npy %t/x.npy
// RUN: tenon-run %t/one.mlir --entry=widened --random=23 --check --threads=1 | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %t/two.mlir --entry=widened --random=23 --check --threads=2 | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %s --entry=summed --reference --random=24 -o %t/summed.npy
// RUN: tenon-run %t/serial.mlir --entry=summed --reference --random=24 -o %t/x.npy && cmp %t/summed.npy %t/x.npy
// RUN: tenon-run %t/lanes.mlir --entry=summed --reference --random=24 -o %t/x.npy && cmp %t/summed.npy %t/x.npy
// RUN: tenon-run %t/one.mlir --entry=summed --random=24 --check --threads=1 | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %t/two.mlir --entry=summed --random=24 --check --threads=2 | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %s --entry=added --reference --random=25 -o %t/added.npy
// RUN: tenon-run %t/serial.mlir --entry=added --reference --random=25 -o %t/x.npy && cmp %t/added.npy %t/x.npy
// RUN: tenon-run %t/lanes.mlir --entry=added --reference --random=25 -o %t/x.npy && cmp %t/added.npy %t/x.npy
// RUN: tenon-run %t/one.mlir --entry=added --random=25 --check --threads=1 | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %t/two.mlir --entry=added --random=25 --check --threads=2 | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %s --entry=conjugate --reference --random=26 -o %t/conjugate.npy
// RUN: tenon-run %t/serial.mlir --entry=conjugate --reference --random=26 -o %t/x.npy && cmp %t/conjugate.npy %t/x.npy
// RUN: tenon-run %t/lanes.mlir --entry=conjugate --reference --random=26 -o %t/x.npy && cmp %t/conjugate.npy %t/x.npy
// RUN: tenon-run %t/one.mlir --entry=conjugate --random=26 --check --threads=1 | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %t/two.mlir --entry=conjugate --random=26 --check --threads=2 | FileCheck %s --check-prefix=EXEC
// EXEC: check: result 0: agrees
// SAID: 6 fused

#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d1)>
// Bias and rectification behind a product.
// CHECK-LABEL: func.func @activated(
// CHECK:       scf.for
// CHECK:         %[[P:.*]] = tn.contract {{.*}} -> tensor<3x4xf32>
// CHECK:         %[[B:.*]] = tensor.extract_slice %{{.*}}[{{.*}}] [4] [1] : tensor<6xf32> to tensor<4xf32>
// CHECK:         linalg.generic {{.*}} ins(%[[P]], %[[B]] : tensor<3x4xf32>, tensor<4xf32>)
func.func @activated(%a: tensor<7x5xf32>, %b: tensor<5x6xf32>, %bias: tensor<6xf32>) -> tensor<7x6xf32> {
  %0 = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<7x5xf32>, tensor<5x6xf32>) -> tensor<7x6xf32>
  %e = tensor.empty() : tensor<7x6xf32>
  %r = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
       ins(%0, %bias : tensor<7x6xf32>, tensor<6xf32>) outs(%e : tensor<7x6xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %s = arith.addf %x, %y : f32
    %zero = arith.constant 0.0 : f32
    %m = arith.maximumf %s, %zero : f32
    linalg.yield %m : f32
  } -> tensor<7x6xf32>
  return %r : tensor<7x6xf32>
}

// CHECK-LABEL: func.func @scaled(
// CHECK:       scf.for
func.func @scaled(%a: tensor<7x5xi16>, %b: tensor<5x6xi16>) -> tensor<6x7xf32> {
  %0 = tn.contract (%a[i, j], %b[j, k]) -> [i, k] accumulate(i32) : (tensor<7x5xi16>, tensor<5x6xi16>) -> tensor<7x6xi32>
  %e = tensor.empty() : tensor<6x7xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, #id], iterator_types = ["parallel", "parallel"]}
       ins(%0 : tensor<7x6xi32>) outs(%e : tensor<6x7xf32>) {
  ^bb0(%x: i32, %z: f32):
    %half = arith.constant 0.5 : f32
    %f = arith.sitofp %x : i32 to f32
    %s = arith.mulf %f, %half : f32
    linalg.yield %s : f32
  } -> tensor<6x7xf32>
  return %r : tensor<6x7xf32>
}

// Conversion in front of one.
// CHECK-LABEL: func.func @widened(
// CHECK:       scf.for
// CHECK:         %[[W:.*]] = linalg.generic {{.*}} ins(%{{.*}} : tensor<3x5xf32>)
// CHECK:         tn.contract (%[[W]][i, j]
func.func @widened(%a: tensor<7x5xf32>, %b: tensor<5x6xf64>) -> tensor<6x7xf64> {
  %e = tensor.empty() : tensor<7x5xf64>
  %w = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
       ins(%a : tensor<7x5xf32>) outs(%e : tensor<7x5xf64>) {
  ^bb0(%x: f32, %z: f64):
    %s = arith.extf %x : f32 to f64
    linalg.yield %s : f64
  } -> tensor<7x5xf64>
  %0 = tn.contract (%w[i, j], %b[j, k]) -> [k, i] : (tensor<7x5xf64>, tensor<5x6xf64>) -> tensor<6x7xf64>
  return %0 : tensor<6x7xf64>
}

// CHECK-LABEL: func.func @summed(
// CHECK:       scf.for
// CHECK:         tn.contract {{.*}} -> tensor<3x6xf64>
// CHECK:         tn.contract {{.*}} -> tensor<3xf64>
func.func @summed(%a: tensor<7x5xf64>, %b: tensor<5x6xf64>) -> tensor<7xf64> {
  %0 = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<7x5xf64>, tensor<5x6xf64>) -> tensor<7x6xf64>
  %1 = tn.contract (%0[i, k]) -> [i] : (tensor<7x6xf64>) -> tensor<7xf64>
  return %1 : tensor<7xf64>
}

// A sum into what is there.
// CHECK-LABEL: func.func @added(
// CHECK:       scf.for %{{.*}} iter_args(%[[R:.*]] = %{{.*}}) -> (tensor<7xf64>)
// CHECK:         %[[S:.*]] = tensor.extract_slice %[[R]][%[[I:.*]]] [3] [1]
// CHECK:         linalg.generic {{.*}} outs(%[[S]] : tensor<3xf64>)
// The same offset, so that bufferization sees one place and copies nothing.
// CHECK:         tensor.insert_slice %{{.*}} into %[[R]][%[[I]]] [3] [1]
func.func @added(%a: tensor<7x5xf64>, %b: tensor<5x6xf64>, %c: tensor<7xf64>) -> tensor<7xf64> {
  %0 = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<7x5xf64>, tensor<5x6xf64>) -> tensor<7x6xf64>
  %r = linalg.generic {indexing_maps = [#id, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]}
       ins(%0 : tensor<7x6xf64>) outs(%c : tensor<7xf64>) {
  ^bb0(%x: f64, %z: f64):
    %s = arith.addf %x, %z : f64
    linalg.yield %s : f64
  } -> tensor<7xf64>
  return %r : tensor<7xf64>
}

// CHECK-LABEL: func.func @conjugate(
// CHECK:       scf.for
// CHECK:         %[[P:.*]] = tn.contract {{.*}} -> tensor<3x4xcomplex<f32>>
// CHECK:         tn.conj %[[P]]
func.func @conjugate(%a: tensor<7x5xcomplex<f32>>, %b: tensor<5x6xcomplex<f32>>) -> tensor<7x6xcomplex<f32>> {
  %0 = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<7x5xcomplex<f32>>, tensor<5x6xcomplex<f32>>) -> tensor<7x6xcomplex<f32>>
  %1 = tn.conj %0 : tensor<7x6xcomplex<f32>>
  return %1 : tensor<7x6xcomplex<f32>>
}

// The destination is read in another place too, where tiles would have overwritten it: no loop.
// CHECK-LABEL: func.func @read_elsewhere(
// CHECK-NOT:   scf.for
// CHECK:       return
func.func @read_elsewhere(%a: tensor<7x5xf32>, %b: tensor<5x7xf32>, %o: tensor<7x7xf32>) -> tensor<7x7xf32> {
  %0 = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<7x5xf32>, tensor<5x7xf32>) -> tensor<7x7xf32>
  %r = linalg.generic {indexing_maps = [#id, affine_map<(d0, d1) -> (d1, d0)>, #id], iterator_types = ["parallel", "parallel"]}
       ins(%0, %o : tensor<7x7xf32>, tensor<7x7xf32>) outs(%o : tensor<7x7xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %m = arith.mulf %x, %y : f32
    %s = arith.addf %m, %z : f32
    linalg.yield %s : f32
  } -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// CHECK-LABEL: func.func @residual(
// CHECK-NOT:   scf.for
// CHECK:       return
func.func @residual(%o: tensor<7x7xf32>, %b: tensor<7x7xf32>) -> tensor<7x7xf32> {
  %0 = tn.contract (%o[i, j], %b[j, k]) -> [i, k] : (tensor<7x7xf32>, tensor<7x7xf32>) -> tensor<7x7xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
       ins(%0 : tensor<7x7xf32>) outs(%o : tensor<7x7xf32>) {
  ^bb0(%x: f32, %z: f32):
    %s = arith.addf %x, %z : f32
    linalg.yield %s : f32
  } -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}
