// Two map kernels of the same types and maps are one, whatever they compute.

// RUN: %python %S/Inputs/prove.py %s --native=--threads=1

#id = affine_map<(d0) -> (d0)>
func.func @main(%a: tensor<5xi32>, %b: tensor<5xi32>) -> (tensor<5xi32>, tensor<5xi32>) {
  %e = tensor.empty() : tensor<5xi32>
  %r = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]} ins(%a, %b : tensor<5xi32>, tensor<5xi32>) outs(%e : tensor<5xi32>) {
  ^bb0(%x: i32, %y: i32, %z: i32):
    %s = arith.subi %x, %y : i32
    linalg.yield %s : i32
  } -> tensor<5xi32>
  %s = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]} ins(%a, %b : tensor<5xi32>, tensor<5xi32>) outs(%e : tensor<5xi32>) {
  ^bb0(%x: i32, %y: i32, %z: i32):
    %s = arith.maxsi %x, %y : i32
    linalg.yield %s : i32
  } -> tensor<5xi32>
  return %r, %s : tensor<5xi32>, tensor<5xi32>
}
