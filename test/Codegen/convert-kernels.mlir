// RUN: tenon-opt %s -tenon-convert-kernels-to-llvm | FileCheck %s --implicit-check-not=unrealized_conversion_cast

// A loop with a mask: lanes are counted in 32 bits, and nothing is promised of the address.
// CHECK-LABEL: llvm.func @copy(
// CHECK:       llvm.icmp "slt" %{{.*}}, %{{.*}} : i64
// CHECK:       llvm.cond_br
// CHECK:       %[[LEFT:.*]] = llvm.sub
// CHECK:       llvm.trunc %[[LEFT]] : i64 to i32
// CHECK:       %[[MASK:.*]] = llvm.icmp "s{{[lg]}}t" %{{.*}}, %{{.*}} : vector<16xi32>
// CHECK:       llvm.getelementptr %{{[^:]*}} : (!llvm.ptr, i64) -> !llvm.ptr, f32
// CHECK:       llvm.intr.masked.load %{{.*}}, %[[MASK]]
// CHECK:       llvm.intr.masked.store %{{.*}}, %{{.*}}, %[[MASK]]
// CHECK:       llvm.br
// CHECK:       llvm.return
// CHECK:       llvm.func @_mlir_ciface_copy(
func.func @copy(%from: memref<?xf32>, %to: memref<?xf32>, %count: index) attributes {llvm.emit_c_interface} {
  %first = arith.constant 0 : index
  %lanes = arith.constant 16 : index
  %zero = arith.constant dense<0.0> : vector<16xf32>
  scf.for %i = %first to %count step %lanes {
    %left = arith.subi %count, %i : index
    %mask = vector.create_mask %left : vector<16xi1>
    %value = vector.maskedload %from[%i], %mask, %zero : memref<?xf32>, vector<16xi1>, vector<16xf32> into vector<16xf32>
    vector.maskedstore %to[%i], %mask, %value : memref<?xf32>, vector<16xi1>, vector<16xf32>
  }
  return
}

// Values leave branches and loops, views begin anywhere in a buffer of bytes, and functions are called.
// CHECK-LABEL: llvm.func @table(
// CHECK:       llvm.call @fill(
// CHECK:       llvm.cond_br %{{.*}}, ^[[THEN:.*]], ^[[ELSE:.*]]
// CHECK:       llvm.mlir.constant(dense<[0, 1, 2, 3]> : vector<4xindex>) : vector<4xi64>
// CHECK:       llvm.return
func.func @table(%bytes: memref<?xi8>, %shift: index, %apart: i1) {
  %one = arith.constant 1 : index
  %three = arith.constant 3 : index
  %table = memref.view %bytes[%shift][%one] : memref<?xi8> to memref<?xindex>
  call @fill(%table, %three) : (memref<?xindex>, index) -> ()
  %stride = scf.if %apart -> index {
    scf.yield %three : index
  } else {
    %read = memref.load %table[%one] : memref<?xindex>
    scf.yield %read : index
  }
  %numbers = vector.step : vector<4xindex>
  %strides = vector.broadcast %stride : index to vector<4xindex>
  %offsets = arith.muli %numbers, %strides : vector<4xindex>
  vector.store %offsets, %table[%one] : memref<?xindex>, vector<4xindex>
  return
}

// CHECK-LABEL: llvm.func @fill(
// CHECK:       llvm.cond_br
// CHECK:       llvm.urem
func.func private @fill(%table: memref<?xindex>, %count: index) attributes {llvm.noinline} {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %last = scf.while (%i = %zero) : (index) -> index {
    %go = arith.cmpi slt, %i, %count : index
    scf.condition(%go) %i : index
  } do {
  ^bb0(%i: index):
    %digit = arith.remui %i, %count : index
    memref.store %digit, %table[%i] : memref<?xindex>
    %next = arith.addi %i, %one : index
    scf.yield %next : index
  }
  memref.store %last, %table[%zero] : memref<?xindex>
  return
}

// What is added to an index is a displacement from an address that neighbours share, but not where elements are apart. One lane is
// loaded as a scalar.
// CHECK-LABEL: llvm.func @neighbours(
// CHECK:       %[[AT:.*]] = llvm.getelementptr %{{[^:]*}} : (!llvm.ptr, i64) -> !llvm.ptr, f32
// CHECK:       %[[NEXT:.*]] = llvm.getelementptr %[[AT]][5] : (!llvm.ptr) -> !llvm.ptr, f32
// CHECK:       %[[LANE:.*]] = llvm.load %[[NEXT]] {alignment = 4 : i64} : !llvm.ptr -> f32
// CHECK:       %[[ONE:.*]] = llvm.insertelement %[[LANE]], %{{.*}} : vector<1xf32>
// CHECK:       %[[LAST:.*]] = llvm.getelementptr %{{.*}}[-3] : (!llvm.ptr) -> !llvm.ptr, f32
// CHECK:       llvm.store %[[ONE]], %[[LAST]] {alignment = 4 : i64} : vector<1xf32>, !llvm.ptr
// CHECK:       %[[ENTRY:.*]] = llvm.getelementptr %{{.*}}[5] : (!llvm.ptr) -> !llvm.ptr, i64
// CHECK:       %[[NUMBER:.*]] = llvm.load %[[ENTRY]] : !llvm.ptr -> i64
// CHECK:       llvm.store %[[NUMBER]], %{{.*}} : i64, !llvm.ptr
// CHECK:       %[[INDEX:.*]] = llvm.mul %{{.*}}, %{{.*}} : i64
// CHECK:       %[[APART:.*]] = llvm.getelementptr %{{.*}}[%[[INDEX]]] : (!llvm.ptr, i64) -> !llvm.ptr, i64
// CHECK:       llvm.load %[[APART]] : !llvm.ptr -> i64
func.func @neighbours(%from: memref<?xf32>, %to: memref<?xf32, strided<[1], offset: ?>>, %table: memref<?xindex>,
                      %columns: memref<?xindex, strided<[2]>>, %at: index) -> index {
  %five = arith.constant 5 : index
  %before = arith.constant -3 : index
  %next = arith.addi %at, %five : index
  %last = arith.addi %at, %before : index
  %one = vector.load %from[%next] : memref<?xf32>, vector<1xf32>
  vector.store %one, %to[%last] : memref<?xf32, strided<[1], offset: ?>>, vector<1xf32>
  %number = memref.load %table[%next] : memref<?xindex>
  memref.store %number, %table[%last] : memref<?xindex>
  %apart = memref.load %columns[%next] : memref<?xindex, strided<[2]>>
  return %apart : index
}
