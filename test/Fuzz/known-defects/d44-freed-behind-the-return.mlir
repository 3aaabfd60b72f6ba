// RUN: not mlir-opt %s --pass-pipeline='builtin.module(func.func(optimize-allocation-liveness))' 2>&1 | FileCheck %s

// optimize-allocation-liveness frees a buffer behind what reads it last, though that is the end of the block, to which a freed buffer is handed.
// A failure means that MLIR has mended it: the guard D44 may go (lib/Fuzz/Genome/PassCatalog.cpp).

// CHECK: 'func.return' op must be the last operation in the parent block
func.func @main() -> memref<3xi32> {
  %0 = memref.alloc() : memref<3xi32>
  memref.dealloc %0 : memref<3xi32>
  return %0 : memref<3xi32>
}
