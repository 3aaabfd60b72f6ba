// RUN: tenon-opt %s -tenon-fold-loop-buffers | FileCheck %s

// CHECK-LABEL: func.func @carried(
// CHECK-SAME:    %[[N:.*]]: index, %[[BUFFER:.*]]: memref<4xf32>, %[[OTHER:.*]]: memref<4xf32>)
// CHECK:       scf.for %{{.*}} = %{{.*}} to %[[N]] step %{{[^ ]*}} {
// CHECK:         memref.copy %[[OTHER]], %[[BUFFER]]
// CHECK-NOT:     scf.yield %
// CHECK:       }
// CHECK:       memref.copy %[[BUFFER]], %[[OTHER]]
func.func @carried(%n: index, %buffer: memref<4xf32>, %other: memref<4xf32>) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %r = scf.for %i = %zero to %n step %one iter_args(%m = %buffer) -> (memref<4xf32>) {
    memref.copy %other, %m : memref<4xf32> to memref<4xf32>
    scf.yield %m : memref<4xf32>
  }
  memref.copy %r, %other : memref<4xf32> to memref<4xf32>
  return
}

// A value that changes is still carried; the attributes of the loop stay.
// CHECK-LABEL: func.func @mixed(
// CHECK-SAME:    %{{.*}}: index, %[[BUFFER:.*]]: memref<4xf32>, %[[X:.*]]: f32)
// CHECK:       %[[SUM:.*]] = scf.for %{{.*}} iter_args(%[[S:.*]] = %[[X]]) -> (f32) {
// CHECK:         %[[NEXT:.*]] = arith.addf %[[S]], %[[S]]
// CHECK:         memref.store %[[NEXT]], %[[BUFFER]]
// CHECK:         scf.yield %[[NEXT]] : f32
// CHECK:       } {note = "kept"}
// CHECK:       return %[[SUM]]
func.func @mixed(%n: index, %buffer: memref<4xf32>, %x: f32) -> f32 {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %r:2 = scf.for %i = %zero to %n step %one iter_args(%m = %buffer, %s = %x) -> (memref<4xf32>, f32) {
    %next = arith.addf %s, %s : f32
    memref.store %next, %m[%zero] : memref<4xf32>
    scf.yield %m, %next : memref<4xf32>, f32
  } {note = "kept"}
  return %r#1 : f32
}

// Two buffers that change places in each iteration are no invariants.
// CHECK-LABEL: func.func @swapped(
// CHECK:       scf.for {{.*}} iter_args(%[[P:.*]] = %{{.*}}, %[[Q:.*]] = %{{.*}}) -> (memref<4xf32>, memref<4xf32>)
// CHECK:         scf.yield %[[Q]], %[[P]]
func.func @swapped(%n: index, %a: memref<4xf32>, %b: memref<4xf32>) -> memref<4xf32> {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %r:2 = scf.for %i = %zero to %n step %one iter_args(%p = %a, %q = %b) -> (memref<4xf32>, memref<4xf32>) {
    memref.copy %p, %q : memref<4xf32> to memref<4xf32>
    scf.yield %q, %p : memref<4xf32>, memref<4xf32>
  }
  return %r#0 : memref<4xf32>
}

// CHECK-LABEL: func.func @nested(
// CHECK-SAME:    %{{.*}}: index, %[[BUFFER:.*]]: memref<4xf32>, %[[OTHER:.*]]: memref<4xf32>)
// CHECK:       scf.for %{{[^(]*}} {
// CHECK-NEXT:    scf.for %{{[^(]*}} {
// CHECK-NEXT:      memref.copy %[[OTHER]], %[[BUFFER]]
func.func @nested(%n: index, %buffer: memref<4xf32>, %other: memref<4xf32>) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %r = scf.for %i = %zero to %n step %one iter_args(%m = %buffer) -> (memref<4xf32>) {
    %s = scf.for %j = %zero to %n step %one iter_args(%k = %m) -> (memref<4xf32>) {
      memref.copy %other, %k : memref<4xf32> to memref<4xf32>
      scf.yield %k : memref<4xf32>
    }
    scf.yield %s : memref<4xf32>
  }
  return
}
