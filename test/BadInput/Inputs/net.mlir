// Something of everything that a module of networks may hold.
#map = affine_map<(d0, d1) -> (d0, d1)>
module {
  func.func @main(%a: tensor<3x4xf64> {tn.name = "left"}, %b: tensor<4x5xf64> {tn.facts = #tn.facts<isometric([0]), sparse(0.9)>}) -> (tensor<5x3xf64>, tensor<2xi32>) {
    %c = tn.constant {facts = #tn.facts<sparse(1.0)>} dense<[1, -2]> : tensor<2xi32>
    %d = tn.delta : tensor<4x4xf64>
    %b2 = tn.contract (%d[i, j], %b[j, k]) -> [i, k] {tn.path = array<i64: 0, 1>} : (tensor<4x4xf64>, tensor<4x5xf64>) -> tensor<4x5xf64>
    %s = tn.slice (%i in 4) -> (tensor<5x3xf64> [sum]) {
      %x = tensor.extract_slice %a[0, %i] [3, 1] [1, 1] : tensor<3x4xf64> to tensor<3xf64>
      %y = tensor.extract_slice %b2[%i, 0] [1, 5] [1, 1] : tensor<4x5xf64> to tensor<5xf64>
      %z = tn.contract (%x[p], %y[q]) -> [q, p] semiring(plus_times) : (tensor<3xf64>, tensor<5xf64>) -> tensor<5x3xf64>
      tn.yield %z : tensor<5x3xf64>
    }
    %e = tensor.empty() : tensor<5x3xf64>
    %r = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
        ins(%s : tensor<5x3xf64>) outs(%e : tensor<5x3xf64>) {
    ^bb0(%in: f64, %out: f64):
      %two = arith.constant 2.5e-1 : f64
      %p = arith.mulf %in, %two : f64
      linalg.yield %p : f64
    } -> tensor<5x3xf64>
    return %r, %c : tensor<5x3xf64>, tensor<2xi32>
  }
}
