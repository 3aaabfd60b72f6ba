// RUN: not mlir-opt %s --normalize-memrefs 2>&1 | FileCheck %s

// normalize-memrefs changes the type of an argument that has a layout, of a function that is only declared, but not the view that it is called with.
// A failure means that MLIR has mended it: the guard in the catalog of passes can go.

// CHECK: error: 'func.call' op operand type mismatch
func.func @main(%a: memref<8x5xf64>) {
  %row = memref.subview %a[7, 0] [1, 5] [1, 1] : memref<8x5xf64> to memref<5xf64, strided<[1], offset: 35>>
  call @use(%row) : (memref<5xf64, strided<[1], offset: 35>>) -> ()
  return
}
func.func private @use(memref<5xf64, strided<[1], offset: 35>>)
