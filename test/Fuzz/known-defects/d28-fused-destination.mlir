// RUN: mlir-opt %s | tenon-run --reference | FileCheck %s --check-prefix=RIGHT
// RUN: mlir-opt %s --linalg-fuse-elementwise-ops | tenon-run --reference | FileCheck %s --check-prefix=WRONG

// linalg-fuse-elementwise-ops fuses an operation that reads its destination into one with more loops: each iteration of these updates the
// destination once more.
// A failure of WRONG means that MLIR has mended it: the guard in the catalog of passes can go.

// Of a = [2, 3], b = [10, 20] and c = [1, 100]: the sum of (a_i + b_i) c_j.
// RIGHT: 3535
// WRONG: 4035

#row = affine_map<(i, j) -> (i)>
#column = affine_map<(i, j) -> (j)>
#all = affine_map<(i, j) -> ()>
#id = affine_map<(i) -> (i)>
func.func @main() -> tensor<i32> {
  %a = arith.constant dense<[2, 3]> : tensor<2xi32>
  %b = arith.constant dense<[10, 20]> : tensor<2xi32>
  %c = arith.constant dense<[1, 100]> : tensor<2xi32>
  %zero = arith.constant dense<0> : tensor<i32>
  %d = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : tensor<2xi32>) outs(%b : tensor<2xi32>) {
  ^bb0(%x: i32, %z: i32):
    %s = arith.addi %x, %z : i32
    linalg.yield %s : i32
  } -> tensor<2xi32>
  %r = linalg.generic {indexing_maps = [#row, #column, #all], iterator_types = ["reduction", "reduction"]}
      ins(%d, %c : tensor<2xi32>, tensor<2xi32>) outs(%zero : tensor<i32>) {
  ^bb0(%x: i32, %y: i32, %z: i32):
    %p = arith.muli %x, %y : i32
    %s = arith.addi %z, %p : i32
    linalg.yield %s : i32
  } -> tensor<i32>
  return %r : tensor<i32>
}
