// DEFINE: %{lower} = mlir-opt --convert-linalg-to-loops --lower-affine --convert-scf-to-cf --convert-vector-to-llvm \
// DEFINE:   --finalize-memref-to-llvm --convert-cf-to-llvm --convert-arith-to-llvm --convert-func-to-llvm --convert-ub-to-llvm --reconcile-unrealized-casts
// DEFINE: %{run} = mlir-runner -e main -entry-point-result=i32
// RUN: mlir-opt %s --linalg-generalize-named-ops --one-shot-bufferize="bufferize-function-boundaries=1" | %{lower} | %{run} | FileCheck %s --check-prefix=RIGHT
// RUN: mlir-opt %s --one-shot-bufferize="bufferize-function-boundaries=1" | FileCheck %s --check-prefix=WRONG

// Bufferization takes it that linalg.map does not read its init, and hands it a buffer that nobody has written where the
// init is needed later. What such a buffer holds is left to chance, so WRONG looks at the IR.
// A failure of WRONG means that MLIR has mended it: the guard in the catalog of passes can go.

// RIGHT: 12
// WRONG:     %[[NEW:.*]] = memref.alloc()
// WRONG-NOT: copy
// WRONG:     linalg.map {{.*}} outs(%[[NEW]] :

func.func @main() -> i32 {
  %one = arith.constant 1 : index
  %a = arith.constant dense<[1, 2, 3]> : tensor<3xi32>
  %b = arith.constant dense<[4, 5, 6]> : tensor<3xi32>
  %sums = linalg.map ins(%a : tensor<3xi32>) outs(%b : tensor<3xi32>) (%x: i32, %z: i32) {
    %s = arith.addi %x, %z : i32
    linalg.yield %s : i32
  }
  // 2 + 5 of the sums, and 5 of the init.
  %x = tensor.extract %sums[%one] : tensor<3xi32>
  %y = tensor.extract %b[%one] : tensor<3xi32>
  %r = arith.addi %x, %y : i32
  return %r : i32
}
