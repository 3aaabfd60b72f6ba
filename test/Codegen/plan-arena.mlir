// RUN: tenon-opt %s -tenon-plan-arena -mlir-print-local-scope | FileCheck %s
// RUN: tenon-opt %s -tenon-plan-arena=limit=2048 -mlir-print-local-scope | FileCheck %s

// Two buffers that live together, 320 and 640 bytes: the larger lies first.
// CHECK-LABEL: func.func @by_falling_size(
// CHECK-SAME:    %[[IN:.*]]: memref<4x30xf32>, %[[OUT:.*]]: memref<4x40xf32>, %[[ARENA:.*]]: memref<960xi8>)
// CHECK-SAME:    tn.workspace = 960 : i64, tn.workspace_bound = 960 : i64
// CHECK-NOT:   memref.alloc
// CHECK:       %[[BEHIND:.*]] = arith.constant 640 : index
// CHECK:       memref.view %[[ARENA]][%[[BEHIND]]][] : memref<960xi8> to memref<4x20xf32>
// CHECK:       %[[START:.*]] = arith.constant 0 : index
// CHECK:       memref.view %[[ARENA]][%[[START]]][] : memref<960xi8> to memref<4x40xf32>
// CHECK:       return
func.func @by_falling_size(%in: memref<4x30xf32>, %out: memref<4x40xf32>) {
  %small = memref.alloc() : memref<4x20xf32>
  %large = memref.alloc() {alignment = 64 : i64} : memref<4x40xf32>
  call @map(%in, %small) : (memref<4x30xf32>, memref<4x20xf32>) -> ()
  call @map2(%small, %large) : (memref<4x20xf32>, memref<4x40xf32>) -> ()
  memref.copy %large, %out : memref<4x40xf32> to memref<4x40xf32>
  return
}
func.func private @map(memref<4x30xf32>, memref<4x20xf32>)
func.func private @map2(memref<4x20xf32>, memref<4x40xf32>)

// Three buffers in a row: the last shares bytes with the first. A use through a view is a use.
// CHECK-LABEL: func.func @chain(
// CHECK-SAME:    %[[ARENA:[^:,]*]]: memref<512xi8>)
// CHECK-SAME:    tn.workspace = 512 : i64, tn.workspace_bound = 512 : i64
// CHECK-DAG:   %[[AT:.*]] = arith.constant 320 : index
// CHECK-DAG:   memref.view %[[ARENA]][%{{.*}}][] : memref<512xi8> to memref<8x5xf64>
// CHECK-DAG:   memref.view %[[ARENA]][%[[AT]]][] : memref<512xi8> to memref<4x6xcomplex<f32>>
// CHECK-DAG:   memref.view %[[ARENA]][%{{.*}}][] : memref<512xi8> to memref<6x5xf64>
func.func @chain(%in: memref<8x5xf64>, %out: memref<6x5xf64>) {
  %first = memref.alloc() : memref<8x5xf64>
  memref.copy %in, %first : memref<8x5xf64> to memref<8x5xf64>
  %second = memref.alloc() : memref<4x6xcomplex<f32>>
  %row = memref.subview %first[7, 0] [1, 5] [1, 1] : memref<8x5xf64> to memref<5xf64, strided<[1], offset: 35>>
  call @use(%row, %second) : (memref<5xf64, strided<[1], offset: 35>>, memref<4x6xcomplex<f32>>) -> ()
  %third = memref.alloc() : memref<6x5xf64>
  call @use2(%second, %third) : (memref<4x6xcomplex<f32>>, memref<6x5xf64>) -> ()
  memref.copy %third, %out : memref<6x5xf64> to memref<6x5xf64>
  return
}
func.func private @use(memref<5xf64, strided<[1], offset: 35>>, memref<4x6xcomplex<f32>>)
func.func private @use2(memref<4x6xcomplex<f32>>, memref<6x5xf64>)

// A buffer that a loop uses lives through all of the loop: it must not share bytes with those inside.
// CHECK-LABEL: func.func @loop(
// CHECK-SAME:    %[[ARENA:[^:,]*]]: memref<448xi8>)
// CHECK-SAME:    tn.workspace = 448 : i64, tn.workspace_bound = 448 : i64
// CHECK:       arith.constant 5 : index
// CHECK-NEXT:  %[[OUTER:.*]] = arith.constant 0 : index
// CHECK-NEXT:  memref.view %[[ARENA]][%[[OUTER]]][] : memref<448xi8> to memref<10x6xf32>
// CHECK:       scf.for
// CHECK-NEXT:    %[[BASE:.*]] = arith.constant 256 : index
// CHECK:         memref.view %[[ARENA]][%[[BASE]]][] : memref<448xi8> to memref<10x3xf32>
// CHECK:         %[[NEXT:.*]] = affine.apply affine_map<(d0) -> (d0 + 128)>(%[[BASE]])
// CHECK:         memref.view %[[ARENA]][%[[NEXT]]][] : memref<448xi8> to memref<10xf32>
func.func @loop(%in: memref<10x3xf32>, %out: memref<10x6xf32>) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %count = arith.constant 5 : index
  %outer = memref.alloc() : memref<10x6xf32>
  scf.for %i = %zero to %count step %one {
    %inner = memref.alloc() : memref<10x3xf32>
    %small = memref.alloc() : memref<10xf32>
    func.call @step(%in, %inner, %small, %outer) : (memref<10x3xf32>, memref<10x3xf32>, memref<10xf32>, memref<10x6xf32>) -> ()
  }
  memref.copy %outer, %out : memref<10x6xf32> to memref<10x6xf32>
  return
}
func.func private @step(memref<10x3xf32>, memref<10x3xf32>, memref<10xf32>, memref<10x6xf32>)

// Iterations that may run at once have a copy each, in units of 128 bytes: 2 * 3 copies of 256 bytes (200 rounded up).
// CHECK-LABEL: func.func @parallel(
// CHECK-SAME:    %[[ARENA:[^:,]*]]: memref<1536xi8>)
// CHECK-SAME:    tn.workspace = 1536 : i64
// CHECK:       scf.forall (%[[I:.*]], %[[J:.*]]) in (2, 3)
// CHECK:         %[[BASE:.*]] = arith.constant 0 : index
// CHECK:         %[[MINE:.*]] = affine.apply affine_map<(d0, d1, d2) -> ((d0 * 3 + d1) * 256 + d2)>(%[[I]], %[[J]], %[[BASE]])
// CHECK:         memref.view %[[ARENA]][%[[MINE]]][] : memref<1536xi8> to memref<10x5xf32>
func.func @parallel(%in: memref<10x5xf32>) {
  scf.forall (%i, %j) in (2, 3) {
    %inner = memref.alloc() : memref<10x5xf32>
    memref.copy %in, %inner : memref<10x5xf32> to memref<10x5xf32>
  }
  return
}

// The arena owns what it holds.
// CHECK-LABEL: func.func @freed(
// CHECK-NOT:   memref.dealloc
// CHECK:       return
func.func @freed(%in: memref<10x5xf32>) {
  %buffer = memref.alloc() : memref<10x5xf32>
  memref.copy %in, %buffer : memref<10x5xf32> to memref<10x5xf32>
  memref.dealloc %buffer : memref<10x5xf32>
  return
}

// CHECK-LABEL: func.func @nothing_to_place(
// CHECK-SAME:    memref<0xi8>) attributes {tn.workspace = 0 : i64, tn.workspace_bound = 0 : i64}
func.func @nothing_to_place(%in: memref<10x5xf32>) {
  return
}

// Kernels get their memory from the call.
// CHECK-LABEL: func.func private @kernel(
// CHECK-SAME:    %{{[^,]*}}: memref<?xf32>) attributes {tn.kernel = "views"}
func.func private @kernel(%in: memref<?xf32>) attributes {tn.kernel = "views"} {
  return
}
