// Views that take every second row or third column of an argument, read by contractions, maps and copies.

// RUN: tenon-run %s --entry=contracted --random=71 --check | FileCheck %s
// RUN: tenon-run %s --entry=mapped --random=72 --check | FileCheck %s
// RUN: tenon-run %s --entry=copied --random=73 --check | FileCheck %s
// CHECK: check: result 0: equal

func.func @contracted(%a: tensor<7x4xi32>, %b: tensor<4x14xi32>) -> tensor<3x5xi32> {
  %x = tensor.extract_slice %a[1, 0] [3, 4] [2, 1] : tensor<7x4xi32> to tensor<3x4xi32>
  %y = tensor.extract_slice %b[0, 1] [4, 5] [1, 3] : tensor<4x14xi32> to tensor<4x5xi32>
  %r = tn.contract (%x[i, k], %y[k, j]) -> [i, j] : (tensor<3x4xi32>, tensor<4x5xi32>) -> tensor<3x5xi32>
  return %r : tensor<3x5xi32>
}

func.func @mapped(%a: tensor<7x11xi32>) -> tensor<4xi32> {
  %x = tensor.extract_slice %a[1, 1] [3, 4] [2, 3] : tensor<7x11xi32> to tensor<3x4xi32>
  %r = tn.contract (%x[i, j]) -> [j] : (tensor<3x4xi32>) -> tensor<4xi32>
  return %r : tensor<4xi32>
}

func.func @copied(%a: tensor<7x11xi32>) -> tensor<4x3xi32> {
  %x = tensor.extract_slice %a[1, 1] [3, 4] [2, 3] : tensor<7x11xi32> to tensor<3x4xi32>
  %r = tn.contract (%x[i, j]) -> [j, i] : (tensor<3x4xi32>) -> tensor<4x3xi32>
  return %r : tensor<4x3xi32>
}
