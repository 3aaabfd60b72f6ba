// A schedule that another one calls or names, where the arena is planned by itself: it got one more argument, and the caller did not.
// RUN: split-file %s %t
// RUN: not tenon-opt %t/call.mlir --pass-pipeline='builtin.module(func.func(tenon-plan-arena))' 2>&1 | FileCheck %s
// RUN: not tenon-opt %t/name.mlir --pass-pipeline='builtin.module(func.func(tenon-plan-arena))' 2>&1 | FileCheck %s
// RUN: not tenon-opt %t/private.mlir --pass-pipeline='builtin.module(func.func(tenon-plan-arena))' 2>&1 | FileCheck %s
// RUN: not tenon-opt %t/kernel.mlir --pass-pipeline='builtin.module(func.func(tenon-plan-arena))' 2>&1 | FileCheck %s

// CHECK: error: tenon-plan-arena: expected a function that calls and names none but private ones, found 'copy'; inline it first (--inline)
// CHECK-NOT: error:

//--- call.mlir
func.func @copy(%a: memref<4xi32>, %b: memref<4xi32>) {
  memref.copy %a, %b : memref<4xi32> to memref<4xi32>
  return
}
func.func @main(%a: memref<4xi32>, %b: memref<4xi32>) {
  call @copy(%a, %b) : (memref<4xi32>, memref<4xi32>) -> ()
  return
}

//--- name.mlir
func.func @copy(%a: memref<4xi32>, %b: memref<4xi32>) {
  memref.copy %a, %b : memref<4xi32> to memref<4xi32>
  return
}
func.func @main(%a: memref<4xi32>, %b: memref<4xi32>) {
  %f = func.constant @copy : (memref<4xi32>, memref<4xi32>) -> ()
  return
}

//--- private.mlir
func.func @copy(%a: memref<4xi32>, %b: memref<4xi32>) {
  memref.copy %a, %b : memref<4xi32> to memref<4xi32>
  return
}
func.func private @helper(%a: memref<4xi32>, %b: memref<4xi32>) {
  call @copy(%a, %b) : (memref<4xi32>, memref<4xi32>) -> ()
  return
}

//--- kernel.mlir
func.func @copy(%a: memref<4xi32>, %b: memref<4xi32>) {
  memref.copy %a, %b : memref<4xi32> to memref<4xi32>
  return
}
func.func @kernel(%a: memref<4xi32>, %b: memref<4xi32>) attributes {tn.kernel} {
  call @copy(%a, %b) : (memref<4xi32>, memref<4xi32>) -> ()
  return
}
