// The result's type may know more or less of the extents than the operands do.
// RUN: tenon-opt %s --tn-plan=method=greedy | FileCheck %s
// RUN: tenon-run %s --entry=less --random=1 --check

// CHECK-LABEL: func.func @less
// CHECK-COUNT-2: tn.contract
// CHECK: %[[R:.*]] = tensor.cast %{{.*}} : tensor<4x3xf32> to tensor<?x3xf32>
// CHECK: return %[[R]]
func.func @less(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x3xf32>) -> tensor<?x3xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] : (tensor<4x5xf32>, tensor<5x6xf32>, tensor<6x3xf32>) -> tensor<?x3xf32>
  return %r : tensor<?x3xf32>
}

// CHECK-LABEL: func.func @more
// CHECK-COUNT-2: tn.contract
// CHECK: %[[R:.*]] = tensor.cast %{{.*}} : tensor<?x3xf32> to tensor<4x3xf32>
// CHECK: return %[[R]]
func.func @more(%a: tensor<?x5xf32> {tn.hint = array<i64: 4, 5>}, %b: tensor<5x6xf32>, %c: tensor<6x3xf32>) -> tensor<4x3xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] : (tensor<?x5xf32>, tensor<5x6xf32>, tensor<6x3xf32>) -> tensor<4x3xf32>
  return %r : tensor<4x3xf32>
}
