// A schedule that calls another one: its call had no argument for the arena.
// RUN: not tenon-opt %s --pass-pipeline='builtin.module(tenon-kernel-stage)' 2>&1 | FileCheck %s

// CHECK: error: tenon-outline-kernels: expected schedules that call none but kernels, found a call of 'copy'; inline it first (--inline)
// CHECK-NOT: error:
func.func @copy(%a: memref<4xi32>, %b: memref<4xi32>) {
  memref.copy %a, %b : memref<4xi32> to memref<4xi32>
  return
}
func.func @main(%a: memref<4xi32>, %b: memref<4xi32>) {
  call @copy(%a, %b) : (memref<4xi32>, memref<4xi32>) -> ()
  return
}
