// RUN: mlir-opt %s | tenon-run --reference | FileCheck %s --check-prefix=RIGHT
// RUN: mlir-opt %s --linalg-specialize-generic-ops | tenon-run --reference | FileCheck %s --check-prefix=WRONG

// linalg-specialize-generic-ops makes the product of a transposed matrix a plain product.
// A failure of WRONG means that MLIR has mended it: the guard in the catalog of passes can go.

// RIGHT:      {{\[\[ *}}26 30]
// RIGHT-NEXT: {{\[ *}}38 44]]
// WRONG:      {{\[\[ *}}19 22]
// WRONG-NEXT: {{\[ *}}43 50]]

func.func @main() -> tensor<2x2xf32> {
  %a = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %b = arith.constant dense<[[5.0, 6.0], [7.0, 8.0]]> : tensor<2x2xf32>
  %c = arith.constant dense<0.0> : tensor<2x2xf32>
  %r = linalg.generic {
      indexing_maps = [affine_map<(i, j, k) -> (k, i)>, affine_map<(i, j, k) -> (k, j)>, affine_map<(i, j, k) -> (i, j)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<2x2xf32>, tensor<2x2xf32>) outs(%c : tensor<2x2xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %z, %p : f32
    linalg.yield %s : f32
  } -> tensor<2x2xf32>
  return %r : tensor<2x2xf32>
}
