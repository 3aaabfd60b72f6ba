// RUN: mlir-opt %s | tenon-run --reference | FileCheck %s --check-prefix=RIGHT
// RUN: mlir-opt %s --linalg-specialize-generic-ops | tenon-run --reference | FileCheck %s --check-prefix=WRONG

// linalg-specialize-generic-ops takes factors that are extended without a sign for signed ones.
// A failure of WRONG means that MLIR has mended it: the guard in the catalog of passes can go.

// RIGHT:      {{\[\[ *}}255  510]
// RIGHT-NEXT: {{\[ *}}762 1016]]
// WRONG:      {{\[\[ *}}-1 -2]
// WRONG-NEXT: {{\[ *}}-6 -8]]

func.func @main() -> tensor<2x2xi32> {
  %a = arith.constant dense<[[-1, 0], [0, -2]]> : tensor<2x2xi8>
  %b = arith.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi8>
  %c = arith.constant dense<0> : tensor<2x2xi32>
  %r = linalg.generic {
      indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (k, j)>, affine_map<(i, j, k) -> (i, j)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<2x2xi8>, tensor<2x2xi8>) outs(%c : tensor<2x2xi32>) {
  ^bb0(%x: i8, %y: i8, %z: i32):
    %wx = arith.extui %x : i8 to i32
    %wy = arith.extui %y : i8 to i32
    %p = arith.muli %wx, %wy : i32
    %s = arith.addi %z, %p : i32
    linalg.yield %s : i32
  } -> tensor<2x2xi32>
  return %r : tensor<2x2xi32>
}
