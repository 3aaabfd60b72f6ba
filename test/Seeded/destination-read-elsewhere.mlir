// Tiles overwrite a destination that later tiles still read.

// RUN: %python %S/Inputs/prove.py %s --passes=--tn-fuse=tiles=3,3

#id = affine_map<(d0, d1) -> (d0, d1)>
#turned = affine_map<(d0, d1) -> (d1, d0)>
func.func @main(%a: tensor<6x2xi32>, %b: tensor<2x6xi32>, %x: tensor<6x6xi32>) -> tensor<6x6xi32> {
  %p = tn.contract (%a[i, k], %b[k, j]) -> [i, j] : (tensor<6x2xi32>, tensor<2x6xi32>) -> tensor<6x6xi32>
  %r = linalg.generic {indexing_maps = [#id, #turned, #id], iterator_types = ["parallel", "parallel"]}
       ins(%p, %x : tensor<6x6xi32>, tensor<6x6xi32>) outs(%x : tensor<6x6xi32>) {
  ^bb0(%u: i32, %v: i32, %w: i32):
    %s = arith.addi %u, %v : i32
    %t = arith.subi %s, %w : i32
    linalg.yield %t : i32
  } -> tensor<6x6xi32>
  return %r : tensor<6x6xi32>
}
