// RUN: not mlir-opt %s --affine-data-copy-generate 2>&1 | FileCheck %s

// affine-data-copy-generate copies a buffer before it is made.
// A failure means that MLIR has mended it: the guard in the catalog of passes can go.

// CHECK: does not dominate this use
func.func @main(%from: memref<1xi32>) -> i32 {
  %zero = arith.constant 0 : index
  %x = affine.load %from[%zero] : memref<1xi32>
  %made = memref.alloc() : memref<1xi32>
  affine.store %x, %made[%zero] : memref<1xi32>
  %y = affine.load %made[%zero] : memref<1xi32>
  return %y : i32
}
