// RUN: not --crash mlir-opt %s --int-range-optimizations

// The analysis of ranges takes the bounds of an affine loop for constants, and reads what is not there. Other
// programs and passes that use it (arith-unsigned-when-equivalent) go on with what was there.
// A failure means that MLIR has mended it: the guard in the catalog of passes can go.
func.func @main(%a: memref<?xi32>, %n: index) {
  %one = arith.constant 1 : index
  affine.for %i = 0 to %n {
    %j = arith.addi %i, %one : index
    %x = arith.index_cast %j : index to i32
    affine.store %x, %a[%i] : memref<?xi32>
  }
  return
}
