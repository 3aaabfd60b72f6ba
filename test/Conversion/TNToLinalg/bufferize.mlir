// One-shot bufferization of tn operations that were not lowered before: the loops that convert-tn-to-linalg makes, on buffers.

// RUN: tenon-opt %s --one-shot-bufferize='bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map' --canonicalize --mlir-print-local-scope | FileCheck %s

// Buffers between the tensors of a function's boundary, which is what tenon-run takes, compute what the interpreter does.
// RUN: rm -rf %t && mkdir %t
// RUN: tenon-opt %s --one-shot-bufferize --canonicalize | sed 's/\(bufferization.to_tensor %[a-z0-9_]*\) :/\1 restrict :/' > %t/buffers.mlir
// RUN: FileCheck %s --check-prefix=RUN-INPUT --input-file=%t/buffers.mlir
// RUN-INPUT-NOT: {{ tn\.}}
// RUN-INPUT-NOT: {{tensor\.(extract|insert|empty)}}
// RUN: tenon-run %s --reference --entry=contract --random=1 --print > %t/contract
// RUN: tenon-run %t/buffers.mlir --entry=contract --random=1 --print > %t/contract-buffers
// RUN: diff %t/contract %t/contract-buffers
// RUN: tenon-run %s --reference --entry=accumulate --random=2 --print > %t/accumulate
// RUN: tenon-run %t/buffers.mlir --entry=accumulate --random=2 --print > %t/accumulate-buffers
// RUN: diff %t/accumulate %t/accumulate-buffers
// RUN: tenon-run %s --reference --entry=conj --random=3 --print > %t/conj
// RUN: tenon-run %t/buffers.mlir --entry=conj --random=3 --print > %t/conj-buffers
// RUN: diff %t/conj %t/conj-buffers
// RUN: tenon-run %s --reference --entry=delta --random=4 --print > %t/delta
// RUN: tenon-run %t/buffers.mlir --entry=delta --random=4 --print > %t/delta-buffers
// RUN: diff %t/delta %t/delta-buffers
// RUN: tenon-run %s --reference --entry=slice --random=5 --print > %t/slice
// RUN: tenon-run %t/buffers.mlir --entry=slice --random=5 --print > %t/slice-buffers
// RUN: diff %t/slice %t/slice-buffers
// RUN: tenon-run %s --reference --entry=concatenate --random=6 --print > %t/concatenate
// RUN: tenon-run %t/buffers.mlir --entry=concatenate --random=6 --print > %t/concatenate-buffers
// RUN: diff %t/concatenate %t/concatenate-buffers
// RUN: tenon-run %s --reference --entry=write_in_body --random=7 --print > %t/write_in_body
// RUN: tenon-run %t/buffers.mlir --entry=write_in_body --random=7 --print > %t/write_in_body-buffers
// RUN: diff %t/write_in_body %t/write_in_body-buffers
// RUN: tenon-run %s --reference --entry=no_slices --random=8 --print > %t/no_slices
// RUN: tenon-run %t/buffers.mlir --entry=no_slices --random=8 --print > %t/no_slices-buffers
// RUN: diff %t/no_slices %t/no_slices-buffers
// RUN: tenon-run %s --reference --entry=no_index --random=9 --print > %t/no_index
// RUN: tenon-run %t/buffers.mlir --entry=no_index --random=9 --print > %t/no_index-buffers
// RUN: diff %t/no_index %t/no_index-buffers

// CHECK-LABEL: func.func @contract(
// CHECK-SAME:    %[[A:.*]]: memref<4x5xi32>, %[[B:.*]]: memref<5x6xi32>) -> memref<6x4xi32>
// CHECK:       %[[R:.*]] = memref.alloc() {{.*}} : memref<6x4xi32>
// CHECK:       linalg.fill ins(%c0_i32 : i32) outs(%[[R]] : memref<6x4xi32>)
// CHECK:       linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction"]} ins(%[[A]], %[[B]] : {{.*}}) outs(%[[R]] :
// CHECK:       return %[[R]]
func.func @contract(%a: tensor<4x5xi32>, %b: tensor<5x6xi32>) -> tensor<6x4xi32> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] : (tensor<4x5xi32>, tensor<5x6xi32>) -> tensor<6x4xi32>
  return %r : tensor<6x4xi32>
}

// A buffer of the accumulation type and one of the result; without a sum, nothing is filled.
// CHECK-LABEL: func.func @accumulate(
// CHECK-NOT:   linalg.fill
// CHECK:       %[[SUMS:.*]] = memref.alloc() {{.*}} : memref<4x5xf64>
// CHECK:       linalg.generic {{.*}} outs(%[[SUMS]] :
// CHECK:       %[[R:.*]] = memref.alloc() {{.*}} : memref<4x5xf32>
// CHECK:       linalg.generic {{.*}} ins(%[[SUMS]] : {{.*}}) outs(%[[R]] :
// CHECK:         arith.truncf
func.func @accumulate(%a: tensor<4x5xf32>, %b: tensor<4xf32>) -> tensor<4x5xf32> {
  %r = tn.contract (%a[i, j], %b[i]) -> [i, j] accumulate(f64) : (tensor<4x5xf32>, tensor<4xf32>) -> tensor<4x5xf32>
  return %r : tensor<4x5xf32>
}

// CHECK-LABEL: func.func @dynamic(
// CHECK-SAME:    %[[A:.*]]: memref<?x?xi32>, %[[B:.*]]: memref<?x?xi32>)
// CHECK-DAG:   %[[I:.*]] = memref.dim %[[A]], %c0
// CHECK-DAG:   %[[J:.*]] = memref.dim %[[B]], %c1
// CHECK:       %[[R:.*]] = memref.alloc(%[[J]], %[[I]]) {{.*}} : memref<?x?xi32>
// CHECK:       linalg.fill ins(%c2147483647_i32 : i32) outs(%[[R]] :
// CHECK:         arith.addi
// CHECK:         arith.minsi
func.func @dynamic(%a: tensor<?x?xi32>, %b: tensor<?x?xi32>) -> tensor<?x?xi32> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] semiring(min_plus) : (tensor<?x?xi32>, tensor<?x?xi32>) -> tensor<?x?xi32>
  return %r : tensor<?x?xi32>
}

// The conjugate has a buffer of its own: the operand is still read.
// CHECK-LABEL: func.func @conj(
// CHECK-SAME:    %[[A:.*]]: memref<2x3xcomplex<f32>>)
// CHECK:       %[[C:.*]] = memref.alloc()
// CHECK:       linalg.generic {{.*}} ins(%[[A]] : {{.*}}) outs(%[[C]] :
// CHECK:         complex.conj
// CHECK:       return %[[C]], %[[A]]
func.func @conj(%a: tensor<2x3xcomplex<f32>>) -> (tensor<2x3xcomplex<f32>>, tensor<2x3xcomplex<f32>>) {
  %c = tn.conj %a : tensor<2x3xcomplex<f32>>
  return %c, %a : tensor<2x3xcomplex<f32>>, tensor<2x3xcomplex<f32>>
}

// CHECK-LABEL: func.func @delta(
// CHECK:       %[[D:.*]] = memref.alloc() {{.*}} : memref<3x3xi16>
// CHECK:       linalg.generic {{.*}} outs(%[[D]] : memref<3x3xi16>)
// CHECK:         arith.cmpi eq
// CHECK:         arith.select
func.func @delta(%a: tensor<3xi16>) -> tensor<3x3xi16> {
  %d = tn.delta semiring(max_plus) : tensor<3x3xi16>
  %r = tn.contract (%d[i, j], %a[j]) -> [i, j] semiring(max_plus) : (tensor<3x3xi16>, tensor<3xi16>) -> tensor<3x3xi16>
  return %r : tensor<3x3xi16>
}

// A constant is a global; what writes to it takes a copy.
// CHECK-LABEL: func.func @constant(
// CHECK:       %[[G:.*]] = memref.get_global @[[NAME:.*]] : memref<3xi32>
// CHECK:       %[[COPY:.*]] = memref.alloc()
// CHECK:       memref.copy %[[G]], %[[COPY]]
// CHECK:       memref.store %{{.*}}, %[[COPY]]
// CHECK:       return %[[COPY]], %[[G]]
func.func @constant(%i: index, %v: i32) -> (tensor<3xi32>, tensor<3xi32>) {
  %c = tn.constant dense<[7, 8, 9]> : tensor<3xi32>
  %r = tensor.insert %v into %c[%i] : tensor<3xi32>
  return %r, %c : tensor<3xi32>, tensor<3xi32>
}

// One loop over 4 * 5 slices; each adds to its places.
// CHECK-LABEL: func.func @slice(
// CHECK-DAG:   %[[P:.*]] = memref.alloc() {{.*}} : memref<4x6xi32>
// CHECK-DAG:   %[[Q:.*]] = memref.alloc() {{.*}} : memref<6x4xi32>
// CHECK:       scf.for %[[S:[a-z0-9]+]] = %c0 to %c20 step %c1 {
// CHECK:         %[[C:.*]]:2 = affine.delinearize_index %[[S]] into (4, 5)
// CHECK:         %[[X:.*]] = memref.alloc() {{.*}} : memref<6xi32>
// CHECK:         linalg.generic {{.*}} outs(%[[X]] :
// CHECK:         %[[PX:.*]] = memref.subview %[[P]][%[[C]]#0, 0] [1, 6]
// CHECK:         linalg.generic {{.*}} ins(%[[X]] : {{.*}}) outs(%[[PX]] :
// CHECK:           arith.addi
// CHECK:         %[[QX:.*]] = memref.subview %[[Q]][0, %[[C]]#0] [6, 1]
// CHECK:         linalg.generic {{.*}} outs(%[[QX]] :
func.func @slice(%a: tensor<4x5xi32>, %b: tensor<5x6xi32>) -> (tensor<4x6xi32>, tensor<6x4xi32>) {
  %r:2 = tn.slice (%i in 4, %j in 5) -> (tensor<4x6xi32> [0, sum], tensor<6x4xi32> [1, sum]) {
    %x = tensor.extract_slice %a[%i, %j] [1, 1] [1, 1] : tensor<4x5xi32> to tensor<i32>
    %y = tensor.extract_slice %b[%j, 0] [1, 6] [1, 1] : tensor<5x6xi32> to tensor<6xi32>
    %p = tn.contract (%x[], %y[k]) -> [k] : (tensor<i32>, tensor<6xi32>) -> tensor<6xi32>
    tn.yield %p, %y : tensor<6xi32>, tensor<6xi32>
  }
  return %r#0, %r#1 : tensor<4x6xi32>, tensor<6x4xi32>
}

// Slices that nothing is added to are copied, and nothing is filled.
// CHECK-LABEL: func.func @concatenate(
// CHECK-NOT:   linalg.fill
// CHECK:       scf.for
// CHECK:         memref.copy
// CHECK:       return
func.func @concatenate(%a: tensor<4x5xi32>) -> tensor<5x4xi32> {
  %r = tn.slice (%i in 4) -> (tensor<5x4xi32> [1]) {
    %x = tensor.extract_slice %a[%i, 0] [1, 5] [1, 1] : tensor<4x5xi32> to tensor<5xi32>
    tn.yield %x : tensor<5xi32>
  }
  return %r : tensor<5x4xi32>
}

// No slice, and so no counters: the sums are zeros.
// CHECK-LABEL: func.func @no_slices(
// CHECK-NOT:   scf.for
// CHECK:       linalg.fill
// CHECK-NOT:   scf.for
// CHECK:       return
func.func @no_slices(%a: tensor<0x5x3xi32>) -> tensor<5x3xi32> {
  %r = tn.slice (%i in 0, %j in 5) -> (tensor<5x3xi32> [sum, 0]) semiring(min_plus) {
    %x = tensor.extract_slice %a[%i, %j, 0] [1, 1, 3] [1, 1, 1] : tensor<0x5x3xi32> to tensor<3xi32>
    tn.yield %x : tensor<3xi32>
  }
  return %r : tensor<5x3xi32>
}

// One slice that is the whole result.
// CHECK-LABEL: func.func @no_index(
func.func @no_index(%a: tensor<3x4xi32>) -> tensor<3xi32> {
  %r = tn.slice () -> (tensor<3xi32> []) {
    %t = tn.contract (%a[i, j]) -> [i] : (tensor<3x4xi32>) -> tensor<3xi32>
    tn.yield %t : tensor<3xi32>
  }
  return %r : tensor<3xi32>
}

// The body runs many times: what it writes is a buffer of its own, made anew for each slice.
// CHECK-LABEL: func.func @write_in_body(
// CHECK:       %[[X:.*]] = memref.alloc() {{.*}} : memref<4xi32>
// CHECK:       linalg.generic {{.*}} outs(%[[X]] :
// CHECK:       scf.for
// CHECK:         %[[COPY:.*]] = memref.alloc() {{.*}} : memref<4xi32>
// CHECK:         linalg.add ins(%[[X]], %{{.*}} : {{.*}}) outs(%[[COPY]] :
// CHECK:         linalg.generic {{.*}} ins(%[[COPY]] :
func.func @write_in_body(%a: tensor<4x5xi32>) -> tensor<4xi32> {
  %x = tn.contract (%a[i, j]) -> [i] : (tensor<4x5xi32>) -> tensor<4xi32>
  %r = tn.slice (%i in 4) -> (tensor<4xi32> [sum]) {
    %part = tensor.extract_slice %a[0, %i] [4, 1] [1, 1] : tensor<4x5xi32> to tensor<4xi32>
    %y = linalg.add ins(%x, %part : tensor<4xi32>, tensor<4xi32>) outs(%x : tensor<4xi32>) -> tensor<4xi32>
    tn.yield %y : tensor<4xi32>
  }
  return %r : tensor<4xi32>
}
