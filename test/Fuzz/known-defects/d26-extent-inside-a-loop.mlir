// RUN: not mlir-opt %s --convert-linalg-to-affine-loops 2>&1 | FileCheck %s

// convert-linalg-to-affine-loops takes extents where the operation is, inside a loop too, where they are no dimensions of affine maps.
// A failure means that MLIR has mended it: the guard in the catalog of passes can go.

// CHECK: 'affine.for' op operand cannot be used as a dimension id
func.func @main(%r: memref<?x4xf32>, %n: index) {
  %z = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %part = memref.subview %r[0, 0] [%i, 4] [1, 1] : memref<?x4xf32> to memref<?x4xf32, strided<[4, 1]>>
    linalg.fill ins(%z : f32) outs(%part : memref<?x4xf32, strided<[4, 1]>>)
  }
  return
}
