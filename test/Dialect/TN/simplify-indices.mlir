// RUN: tenon-opt %s --tn-simplify | FileCheck %s

// Diagonals, traces and sums of one operand come first.

// CHECK-LABEL: func.func @diagonal
// CHECK-SAME: (%[[A:.*]]: tensor<4x4x5xf32>, %[[B:.*]]: tensor<5x6xf32>)
func.func @diagonal(%a: tensor<4x4x5xf32>, %b: tensor<5x6xf32>) -> tensor<4x6xf32> {
  // CHECK: %[[D:.*]] = tn.contract (%[[A]][i, i, j]) -> [i, j] : (tensor<4x4x5xf32>) -> tensor<4x5xf32>
  // CHECK: tn.contract (%{{.*}}[{{.*}}], %{{.*}}[{{.*}}]) -> [i, k] : (tensor<5x6xf32>, tensor<4x5xf32>) -> tensor<4x6xf32>
  %r = tn.contract (%a[i, i, j], %b[j, k]) -> [i, k] : (tensor<4x4x5xf32>, tensor<5x6xf32>) -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}

// A diagonal keeps the operand's type; a sum has the accumulation type.
// CHECK-LABEL: func.func @types
func.func @types(%a: tensor<4x4xf16>, %b: tensor<5x6xf16>, %c: tensor<4x5x7xf16>) -> tensor<7xf16> {
  // CHECK-DAG: %[[D:.*]] = tn.contract (%{{.*}}[i, i]) -> [i] : (tensor<4x4xf16>) -> tensor<4xf16>
  // CHECK-DAG: %[[S:.*]] = tn.contract (%{{.*}}[j, k]) -> [j] : (tensor<5x6xf16>) -> tensor<5xf32>
  // CHECK: accumulate(f32)
  %r = tn.contract (%a[i, i], %b[j, k], %c[i, j, l]) -> [l] accumulate(f32)
     : (tensor<4x4xf16>, tensor<5x6xf16>, tensor<4x5x7xf16>) -> tensor<7xf16>
  return %r : tensor<7xf16>
}

// CHECK-LABEL: func.func @trace_of_constant
func.func @trace_of_constant(%a: tensor<3xi32>) -> tensor<3xi32> {
  // CHECK: %[[T:.*]] = tn.constant dense<11> : tensor<i32>
  // CHECK: tn.contract (%{{.*}}[i], %[[T]][]) -> [i]
  %c = tn.constant dense<[[4, 5], [6, 7]]> : tensor<2x2xi32>
  %r = tn.contract (%a[i], %c[k, k]) -> [i] : (tensor<3xi32>, tensor<2x2xi32>) -> tensor<3xi32>
  return %r : tensor<3xi32>
}

// Unknown extents: diagonals and sums need none, and the check of the extents stays where it is.
// CHECK-LABEL: func.func @dynamic
func.func @dynamic(%a: tensor<?x4xf32>, %b: tensor<4x?xf32>) -> tensor<f32> {
  // CHECK-DAG: tn.contract (%{{.*}}[i, i]) -> [] : (tensor<?x4xf32>) -> tensor<f32>
  // CHECK-DAG: tn.contract (%{{.*}}[j, k]) -> [] : (tensor<4x?xf32>) -> tensor<f32>
  %r = tn.contract (%a[i, i], %b[j, k]) -> [] : (tensor<?x4xf32>, tensor<4x?xf32>) -> tensor<f32>
  return %r : tensor<f32>
}

// One operand: nothing could be done ahead.
// CHECK-LABEL: func.func @alone
func.func @alone(%a: tensor<4x4x5xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: %[[R:.*]] = tn.contract (%{{.*}}[i, i, j]) -> [i]
  // CHECK-NEXT: return %[[R]]
  %r = tn.contract (%a[i, i, j]) -> [i] : (tensor<4x4x5xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// Extents of 1 are dropped from operands and constants, and restored in the result.
// CHECK-LABEL: func.func @unit
// CHECK-SAME: (%[[A:.*]]: tensor<1x4x1x5xf32>, %[[B:.*]]: tensor<5x1x6xf32>)
func.func @unit(%a: tensor<1x4x1x5xf32>, %b: tensor<5x1x6xf32>) -> tensor<1x6x4x1xf32> {
  // CHECK-DAG: %[[A2:.*]] = tensor.extract_slice %[[A]][0, 0, 0, 0] [1, 4, 1, 5] [1, 1, 1, 1] : tensor<1x4x1x5xf32> to tensor<4x5xf32>
  // CHECK-DAG: %[[B2:.*]] = tensor.extract_slice %[[B]][0, 0, 0] [5, 1, 6] [1, 1, 1] : tensor<5x1x6xf32> to tensor<5x6xf32>
  // CHECK: %[[R:.*]] = tn.contract (%[[A2]][i, j], %[[B2]][j, k]) -> [k, i]
  // CHECK: tensor.insert_slice %[[R]] into %{{.*}}[0, 0, 0, 0] [1, 6, 4, 1] [1, 1, 1, 1] : tensor<6x4xf32> into tensor<1x6x4x1xf32>
  %r = tn.contract (%a[u, i, v, j], %b[j, u, k]) -> [u, k, i, v] : (tensor<1x4x1x5xf32>, tensor<5x1x6xf32>) -> tensor<1x6x4x1xf32>
  return %r : tensor<1x6x4x1xf32>
}

// One dimension might be other than 1 when it runs: that is an error to report then.
// CHECK-LABEL: func.func @maybe_unit
func.func @maybe_unit(%a: tensor<1x4xf32>, %b: tensor<?x4xf32>) -> tensor<1xf32> {
  // CHECK-NOT: extract_slice
  // CHECK: tn.contract (%{{.*}}[u, i], %{{.*}}[u, i]) -> [u] : (tensor<1x4xf32>, tensor<?x4xf32>) -> tensor<1xf32>
  %r = tn.contract (%a[u, i], %b[u, i]) -> [u] : (tensor<1x4xf32>, tensor<?x4xf32>) -> tensor<1xf32>
  return %r : tensor<1xf32>
}

// The result's type is what says the extent: the check stays.
// CHECK-LABEL: func.func @checked_result
func.func @checked_result(%a: tensor<?x5xf32>, %b: tensor<5xf32>, %c: tensor<5xf32>) -> tensor<4xf32> {
  // CHECK: tn.contract {{.*}} -> [i] : (tensor<?x5xf32>, tensor<5xf32>) -> tensor<4xf32>
  %r = tn.contract (%a[i, j], %b[j], %c[j]) -> [i] : (tensor<?x5xf32>, tensor<5xf32>, tensor<5xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
