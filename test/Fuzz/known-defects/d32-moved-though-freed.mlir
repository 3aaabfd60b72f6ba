// RUN: mlir-opt %s --buffer-loop-hoisting | FileCheck %s --check-prefix=HOISTED
// RUN: mlir-opt %s --promote-buffers-to-stack | FileCheck %s --check-prefix=PROMOTED

// Passes that move allocations or change what they are do not look at how they are freed: a buffer is freed in each iteration, or freed though it
// lies on the stack. A failure means that MLIR has mended it: the guard D32 may go (lib/Fuzz/Genome/PassCatalog.cpp).

// HOISTED-LABEL: func.func @in_a_loop
// HOISTED: memref.alloc()
// HOISTED: scf.for
// HOISTED: memref.dealloc
func.func @in_a_loop(%a: memref<4xf32>, %out: memref<4xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %0 = memref.alloc() : memref<4xf32>
    memref.copy %a, %0 : memref<4xf32> to memref<4xf32>
    memref.copy %0, %out : memref<4xf32> to memref<4xf32>
    memref.dealloc %0 : memref<4xf32>
  }
  return
}

// PROMOTED-LABEL: func.func @once
// PROMOTED: %[[BUFFER:.*]] = memref.alloca()
// PROMOTED: bufferization.dealloc (%[[BUFFER]] : memref<4xf32>)
func.func @once(%a: memref<4xf32>, %out: memref<4xf32>) {
  %true = arith.constant true
  %0 = memref.alloc() : memref<4xf32>
  memref.copy %a, %0 : memref<4xf32> to memref<4xf32>
  memref.copy %0, %out : memref<4xf32> to memref<4xf32>
  bufferization.dealloc (%0 : memref<4xf32>) if (%true)
  return
}
