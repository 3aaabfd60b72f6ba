// A buffer in another memory space has no place in the arena: it was made a view of it that does not verify.
// RUN: not tenon-opt %s --pass-pipeline='builtin.module(func.func(tenon-plan-arena))' 2>&1 | FileCheck %s

// CHECK: error: tenon-plan-arena: expected a buffer in the default memory space, found 'memref<4xi32, 1>'
// CHECK-NOT: error:
func.func @main(%a: memref<4xi32>) {
  %x = memref.alloc() : memref<4xi32, 1>
  memref.copy %a, %x : memref<4xi32> to memref<4xi32, 1>
  memref.copy %x, %a : memref<4xi32, 1> to memref<4xi32>
  return
}
