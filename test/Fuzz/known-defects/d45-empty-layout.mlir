// RUN: not mlir-opt %s --normalize-memrefs 2>&1 | FileCheck %s

// normalize-memrefs takes the extents of an empty buffer that has a layout for open ones.
// A failure means that MLIR has mended it: the guard D45 may go (lib/Fuzz/Text/Guards.cpp).

// CHECK: 'memref.alloca' op incorrect number of dynamic sizes
func.func @main() {
  %0 = memref.alloca() : memref<0x5xf32, strided<[1, 4]>>
  return
}
