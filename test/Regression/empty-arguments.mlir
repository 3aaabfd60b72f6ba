// An extent of 0 leaves no bytes, however large the others are: such arguments are no arrays beyond the address space.
// RUN: tenon-run %s --entry=summed --random=1 --check --print | FileCheck %s --check-prefix=SUMMED
// RUN: tenon-run %s --entry=kept --random=1 --check | FileCheck %s
// RUN: tenon-run %s --entry=transposed --random=1 --check | FileCheck %s
// Dimensions without elements may be merged: their strides do not matter.
// RUN: tenon-run %s --entry=merged --random=1 --check | FileCheck %s
// RUN: tenon-run %s --entry=merged_argument --random=1 --check | FileCheck %s
// CHECK: check: result 0: equal
// SUMMED: check: result 0: equal
// SUMMED-NEXT: {{^}}[0 0 0]

func.func @summed(%a: tensor<4611686018427387904x0xi32>, %b: tensor<0x3xi32>) -> tensor<3xi32> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [k] : (tensor<4611686018427387904x0xi32>, tensor<0x3xi32>) -> tensor<3xi32>
  return %r : tensor<3xi32>
}

func.func @kept(%a: tensor<4611686018427387904x0xi32>, %b: tensor<0xi32>) -> tensor<4611686018427387904x0xi32> {
  %r = tn.contract (%a[i, j], %b[j]) -> [i, j] : (tensor<4611686018427387904x0xi32>, tensor<0xi32>) -> tensor<4611686018427387904x0xi32>
  return %r : tensor<4611686018427387904x0xi32>
}

func.func @transposed(%a: tensor<4611686018427387904x4611686018427387903x0xi32>) -> tensor<0x4611686018427387904x4611686018427387903xi32> {
  %r = tn.contract (%a[i, j, k]) -> [k, i, j] : (tensor<4611686018427387904x4611686018427387903x0xi32>) -> tensor<0x4611686018427387904x4611686018427387903xi32>
  return %r : tensor<0x4611686018427387904x4611686018427387903xi32>
}

func.func @merged(%a: tensor<4x5xi32>, %b: tensor<5x0xi32>) -> tensor<0xi32> {
  %c = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<4x5xi32>, tensor<5x0xi32>) -> tensor<4x0xi32>
  %r = tensor.collapse_shape %c [[0, 1]] : tensor<4x0xi32> into tensor<0xi32>
  return %r : tensor<0xi32>
}

func.func @merged_argument(%a: tensor<4x0x3xi32>, %b: tensor<3x5xi32>) -> tensor<0x5xi32> {
  %m = tensor.collapse_shape %a [[0, 1], [2]] : tensor<4x0x3xi32> into tensor<0x3xi32>
  %r = tn.contract (%m[i, j], %b[j, k]) -> [i, k] : (tensor<0x3xi32>, tensor<3x5xi32>) -> tensor<0x5xi32>
  return %r : tensor<0x5xi32>
}
