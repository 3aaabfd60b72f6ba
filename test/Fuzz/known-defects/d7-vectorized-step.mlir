// DEFINE: %{lower} = mlir-opt --convert-linalg-to-loops --lower-affine --convert-scf-to-cf --convert-vector-to-llvm \
// DEFINE:   --finalize-memref-to-llvm --convert-cf-to-llvm --convert-arith-to-llvm --convert-func-to-llvm --convert-ub-to-llvm --reconcile-unrealized-casts
// DEFINE: %{run} = mlir-runner -e main -entry-point-result=i32
// RUN: %{lower} %s | %{run} | FileCheck %s --check-prefix=RIGHT
// RUN: mlir-opt %s --affine-super-vectorize=virtual-vector-size=4 | %{lower} | %{run} | FileCheck %s --check-prefix=WRONG

// affine-super-vectorize takes neighbours where the loop has a step.
// A failure of WRONG means that MLIR has mended it: the guard in the catalog of passes can go.

// RIGHT: 10101010
// WRONG: 11110000

func.func @main() -> i32 {
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %first = arith.constant 0 : index
  %a = memref.alloc() : memref<8xi32>
  %r = memref.alloc() : memref<8xi32>
  linalg.fill ins(%one : i32) outs(%a : memref<8xi32>)
  linalg.fill ins(%zero : i32) outs(%r : memref<8xi32>)
  affine.for %i = 0 to 8 step 2 {
    %x = affine.load %a[%i] : memref<8xi32>
    affine.store %x, %r[%i] : memref<8xi32>
  }
  // A digit for each element that was written.
  %ten = arith.constant 10 : i32
  %digits = affine.for %i = 0 to 8 iter_args(%sum = %zero) -> i32 {
    %shifted = arith.muli %sum, %ten : i32
    %x = affine.load %r[%i] : memref<8xi32>
    %next = arith.addi %shifted, %x : i32
    affine.yield %next : i32
  }
  memref.dealloc %a : memref<8xi32>
  memref.dealloc %r : memref<8xi32>
  return %digits : i32
}
