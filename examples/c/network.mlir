// A product of three matrices, for run_network.c.
func.func @main(%a: tensor<3x4xf32> {tn.name = "a"}, %b: tensor<4x5xf32> {tn.name = "b"}, %c: tensor<5x2xf32> {tn.name = "c"}) -> tensor<3x2xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l]
     : (tensor<3x4xf32>, tensor<4x5xf32>, tensor<5x2xf32>) -> tensor<3x2xf32>
  return %r : tensor<3x2xf32>
}
