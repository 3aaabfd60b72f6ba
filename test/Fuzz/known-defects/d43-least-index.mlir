// RUN: mlir-opt %s --pass-pipeline='builtin.module(func.func(affine-raise-from-memref))' | not mlir-opt 2>&1 | FileCheck %s

// Affine maps may have the least number that an index holds; their text, which negates its magnitude, cannot be read back.
// A failure means that MLIR has mended it: such programs can go through round trips again (lib/Fuzz/Judge/RoundTrip.cpp).

// CHECK: constant too large for index
func.func @main(%a: memref<4xf32>, %x: f32) {
  %least = arith.constant -9223372036854775808 : index
  memref.store %x, %a[%least] : memref<4xf32>
  return
}
