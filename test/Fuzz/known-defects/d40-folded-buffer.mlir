// RUN: not --crash mlir-opt %s --buffer-deallocation-simplification

// buffer-deallocation-simplification asks where buffers come from by an analysis that it makes before it folds operations away: here a selection
// that a branch yields. It reads values that are gone.
// A failure means that MLIR has mended it: the guard D40 may go (lib/Fuzz/Genome/PassCatalog.cpp).
func.func @main(%c: i1, %a: memref<2xi32>, %b: memref<2xi32>) -> i1 {
  %0 = scf.if %c -> (memref<2xi32>) {
    %1 = arith.select %c, %a, %a : memref<2xi32>
    scf.yield %1 : memref<2xi32>
  } else {
    scf.yield %b : memref<2xi32>
  }
  %2 = bufferization.dealloc (%0, %b : memref<2xi32>, memref<2xi32>) if (%c, %c) retain (%a : memref<2xi32>)
  return %2 : i1
}
