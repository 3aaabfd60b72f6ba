// RUN: not mlir-opt %s --affine-loop-invariant-code-motion 2>&1 | FileCheck %s

// affine-loop-invariant-code-motion moves a condition out of a loop though the regions read what the loop carries: it looks at operands alone.
// A failure means that MLIR has mended it: the guard in the catalog of passes can go.

// CHECK: does not dominate this use
func.func @main(%c: i1, %zero: i32) -> i32 {
  %r = affine.for %i = 0 to 8 iter_args(%sum = %zero) -> (i32) {
    %x = scf.if %c -> (i32) {
      %twice = arith.addi %sum, %sum : i32
      scf.yield %twice : i32
    } else {
      scf.yield %zero : i32
    }
    affine.yield %x : i32
  }
  return %r : i32
}
