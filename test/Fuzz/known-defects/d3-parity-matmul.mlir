// RUN: mlir-opt %s | tenon-run --reference | FileCheck %s --check-prefix=RIGHT
// RUN: mlir-opt %s --linalg-specialize-generic-ops | tenon-run --reference | FileCheck %s --check-prefix=WRONG

// linalg-specialize-generic-ops makes sums modulo 2 of i1 a matmul, which is a disjunction there.
// A failure of WRONG means that MLIR has mended it: the guard in the catalog of passes can go.

// RIGHT:      {{\[\[ *}}false  true]
// RIGHT-NEXT: {{\[ *}}true false]]
// WRONG:      {{\[\[ *}}true  true]
// WRONG-NEXT: {{\[ *}}true false]]

func.func @main() -> tensor<2x2xi1> {
  %a = arith.constant dense<[[true, true], [true, false]]> : tensor<2x2xi1>
  %b = arith.constant dense<[[true, false], [true, true]]> : tensor<2x2xi1>
  %c = arith.constant dense<false> : tensor<2x2xi1>
  %r = linalg.generic {
      indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (k, j)>, affine_map<(i, j, k) -> (i, j)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<2x2xi1>, tensor<2x2xi1>) outs(%c : tensor<2x2xi1>) {
  ^bb0(%x: i1, %y: i1, %z: i1):
    %p = arith.muli %x, %y : i1
    %s = arith.addi %z, %p : i1
    linalg.yield %s : i1
  } -> tensor<2x2xi1>
  return %r : tensor<2x2xi1>
}
