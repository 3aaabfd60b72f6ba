// DEFINE: %{lower} = mlir-opt --convert-linalg-to-loops --lower-affine --convert-scf-to-cf --convert-vector-to-llvm \
// DEFINE:   --finalize-memref-to-llvm --convert-cf-to-llvm --convert-arith-to-llvm --convert-func-to-llvm --convert-ub-to-llvm --reconcile-unrealized-casts
// DEFINE: %{run} = mlir-runner -e main -entry-point-result=i32
// RUN: %{lower} %s | %{run} | FileCheck %s --check-prefix=RIGHT
// RUN: mlir-opt %s --affine-loop-fusion="mode=producer maximal=true" | %{lower} | %{run} | FileCheck %s --check-prefix=WRONG

// affine-loop-fusion{maximal} puts a sum into the loop that reads it, which goes on with it in each iteration.
// A failure of WRONG means that MLIR has mended it: the guard in the catalog of passes can go.

// RIGHT: 555
// WRONG: 615

func.func private @scale(%a: memref<3xi32>, %terms: memref<1xi32>) -> memref<3xi32> {
  %zero = arith.constant 0 : i32
  %squares = memref.alloc() : memref<3xi32>
  affine.for %i = 0 to 3 {
    %x = affine.load %a[%i] : memref<3xi32>
    %y = arith.muli %x, %x : i32
    affine.store %y, %squares[%i] : memref<3xi32>
  }
  %sum = memref.alloc() : memref<i32>
  affine.store %zero, %sum[] : memref<i32>
  affine.for %i = 0 to 1 {
    %x = affine.load %terms[%i] : memref<1xi32>
    %y = affine.load %sum[] : memref<i32>
    %z = arith.addi %y, %x : i32
    affine.store %z, %sum[] : memref<i32>
  }
  %r = memref.alloc() : memref<3xi32>
  affine.for %i = 0 to 3 {
    %x = affine.load %squares[%i] : memref<3xi32>
    %y = affine.load %sum[] : memref<i32>
    %z = arith.muli %x, %y : i32
    affine.store %z, %r[%i] : memref<3xi32>
  }
  return %r : memref<3xi32>
}

func.func @main() -> i32 {
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %five = arith.constant 5 : i32
  %ones = memref.alloc() : memref<3xi32>
  %terms = memref.alloc() : memref<1xi32>
  linalg.fill ins(%one : i32) outs(%ones : memref<3xi32>)
  linalg.fill ins(%five : i32) outs(%terms : memref<1xi32>)
  %r = func.call @scale(%ones, %terms) : (memref<3xi32>, memref<1xi32>) -> memref<3xi32>
  // A digit for each element.
  %ten = arith.constant 10 : i32
  %digits = affine.for %i = 0 to 3 iter_args(%all = %zero) -> i32 {
    %shifted = arith.muli %all, %ten : i32
    %x = affine.load %r[%i] : memref<3xi32>
    %next = arith.addi %shifted, %x : i32
    affine.yield %next : i32
  }
  return %digits : i32
}
