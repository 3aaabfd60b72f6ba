// Constants whose elements decide what a rule may do.

// RUN: tenon-opt %s -tn-simplify | FileCheck %s
// RUN: tenon-run %s --entry=lower --random=45 --check | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %s --entry=upper --random=46 --check | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %s --entry=unsigned --random=47 --check | FileCheck %s --check-prefix=EXEC
// EXEC: check: result 0: equal

// Zeros on one side of the diagonal are no reason to tie the two indices.
// CHECK-LABEL: func.func @lower(
// CHECK:       tn.contract (%{{.*}}[i, j], %{{.*}}[j, k]) -> [i, k]
func.func @lower(%x: tensor<3x4xi32>) -> tensor<3x4xi32> {
  %c = tn.constant dense<[[1, 0, 0], [4, 5, 0], [7, 8, 10]]> : tensor<3x3xi32>
  %r = tn.contract (%c[i, j], %x[j, k]) -> [i, k] : (tensor<3x3xi32>, tensor<3x4xi32>) -> tensor<3x4xi32>
  return %r : tensor<3x4xi32>
}

// CHECK-LABEL: func.func @upper(
// CHECK:       tn.contract (%{{.*}}[i, j], %{{.*}}[j, k]) -> [i, k]
func.func @upper(%x: tensor<3x4xi32>) -> tensor<3x4xi32> {
  %c = tn.constant dense<[[1, 4, 7], [0, 5, 8], [0, 0, 10]]> : tensor<3x3xi32>
  %r = tn.contract (%c[i, j], %x[j, k]) -> [i, k] : (tensor<3x3xi32>, tensor<3x4xi32>) -> tensor<3x4xi32>
  return %r : tensor<3x4xi32>
}

// 255 x 4, 2 x 5, 3 x 250: narrow elements are widened without their sign before they are multiplied.
// CHECK-LABEL: func.func @unsigned(
// CHECK:       tn.constant dense<[1020, 10, 750]> : tensor<3xi32>
func.func @unsigned(%x: tensor<3x4xi32>) -> tensor<3x4xi32> {
  %c = tn.constant dense<[-1, 2, 3]> : tensor<3xi8>
  %d = tn.constant dense<[4, 5, -6]> : tensor<3xi8>
  %r = tn.contract (%c[i], %d[i], %x[i, j]) -> [i, j] unsigned : (tensor<3xi8>, tensor<3xi8>, tensor<3x4xi32>) -> tensor<3x4xi32>
  return %r : tensor<3x4xi32>
}
