// A value that is returned and is the destination of a later operation, whose result is returned too: each result is the caller's own
// buffer, and elimination of empty tensors may place both values in one of them.

// RUN: tenon-run %s --entry=overwritten --random=3 --check
// RUN: tenon-run %s --entry=overwritten --random=4 --check --threads=2
// RUN: tenon-run %s --entry=row_replaced --random=5 --check
// RUN: tenon-run %s --entry=through_another --random=6 --check
// RUN: tenon-run %s --entry=both_orders --random=7 --check
// RUN: tenon-run %s --entry=twice --random=8 --check

func.func @overwritten(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>) -> (tensor<3x5xf32>, tensor<3x5xf32>) {
  %t = tn.contract (%a[i, k], %b[k, j]) -> [i, j] : (tensor<3x4xf32>, tensor<4x5xf32>) -> tensor<3x5xf32>
  %u = linalg.add ins(%t, %t : tensor<3x5xf32>, tensor<3x5xf32>) outs(%t : tensor<3x5xf32>) -> tensor<3x5xf32>
  return %u, %t : tensor<3x5xf32>, tensor<3x5xf32>
}

func.func @row_replaced(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>, %c: tensor<1x5xf32>) -> (tensor<3x5xf32>, tensor<3x5xf32>) {
  %t = tn.contract (%a[i, k], %b[k, j]) -> [i, j] : (tensor<3x4xf32>, tensor<4x5xf32>) -> tensor<3x5xf32>
  %u = tensor.insert_slice %c into %t[1, 0] [1, 5] [1, 1] : tensor<1x5xf32> into tensor<3x5xf32>
  return %u, %t : tensor<3x5xf32>, tensor<3x5xf32>
}

func.func @through_another(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>) -> (tensor<3x5xf32>, tensor<3x5xf32>) {
  %t = tn.contract (%a[i, k], %b[k, j]) -> [i, j] : (tensor<3x4xf32>, tensor<4x5xf32>) -> tensor<3x5xf32>
  %u = linalg.add ins(%t, %t : tensor<3x5xf32>, tensor<3x5xf32>) outs(%t : tensor<3x5xf32>) -> tensor<3x5xf32>
  %v = linalg.mul ins(%u, %t : tensor<3x5xf32>, tensor<3x5xf32>) outs(%u : tensor<3x5xf32>) -> tensor<3x5xf32>
  return %v, %t : tensor<3x5xf32>, tensor<3x5xf32>
}

func.func @both_orders(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>)
    -> (tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x5xf32>) {
  %t = tn.contract (%a[i, k], %b[k, j]) -> [i, j] : (tensor<3x4xf32>, tensor<4x5xf32>) -> tensor<3x5xf32>
  %u = linalg.add ins(%t, %t : tensor<3x5xf32>, tensor<3x5xf32>) outs(%t : tensor<3x5xf32>) -> tensor<3x5xf32>
  return %t, %u, %t, %u : tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x5xf32>
}

func.func @twice(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>) -> (tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x4xf32>) {
  %t = tn.contract (%a[i, k], %b[k, j]) -> [i, j] : (tensor<3x4xf32>, tensor<4x5xf32>) -> tensor<3x5xf32>
  return %t, %t, %a : tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x4xf32>
}
