// RUN: not --crash mlir-opt %s --pass-pipeline='builtin.module(func.func(affine-loop-unroll))'

// An affine loop may have a step of 0: it verifies, and passes that count iterations (affine-loop-unroll) divide by the step.
// A failure means that MLIR has mended it: texts with such loops can be tried (lib/Fuzz/Text/DivisionByZero.h).
func.func @main(%a: memref<8xi32>, %x: i32) {
  affine.for %i = 0 to 8 step 0 {
    affine.store %x, %a[%i] : memref<8xi32>
  }
  return
}
