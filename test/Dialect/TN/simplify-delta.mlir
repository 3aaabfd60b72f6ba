// RUN: tenon-opt %s --tn-simplify | FileCheck %s

// CHECK-LABEL: func.func @identity
// CHECK-SAME: (%[[A:.*]]: tensor<4x5xf32>, %[[B:.*]]: tensor<5x6xf32>)
func.func @identity(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>) -> tensor<4x6xf32> {
  // CHECK-NEXT: %[[R:.*]] = tn.contract (%[[A]][i, [[K:.*]]], %[[B]]{{\[}}[[K]], l]) -> [i, l]
  // CHECK-NEXT: return %[[R]]
  %d = tn.delta : tensor<5x5xf32>
  %r = tn.contract (%a[i, j], %d[j, k], %b[k, l]) -> [i, l] : (tensor<4x5xf32>, tensor<5x5xf32>, tensor<5x6xf32>) -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}

// Three legs make a hyperedge, and one that nobody else has is just dropped.
// CHECK-LABEL: func.func @copy
func.func @copy(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<5x7xf32>) -> tensor<4x6x7xf32> {
  // CHECK-NEXT: %[[R:.*]] = tn.contract (%{{.*}}[i, [[X:[a-z]*]]], %{{.*}}{{\[}}[[X]], l], %{{.*}}{{\[}}[[X]], n]) -> [i, l, n]
  // CHECK-NEXT: return %[[R]]
  %d = tn.delta : tensor<5x5x5x5xf32>
  %r = tn.contract (%a[i, j], %d[j, k, m, free], %b[k, l], %c[m, n]) -> [i, l, n]
     : (tensor<4x5xf32>, tensor<5x5x5x5xf32>, tensor<5x6xf32>, tensor<5x7xf32>) -> tensor<4x6x7xf32>
  return %r : tensor<4x6x7xf32>
}

// All legs summed: the extent, as a sum of ones. Modulo 2 that is a zero or a one.
// CHECK-LABEL: func.func @free
func.func @free(%a: tensor<4xf32>, %b: tensor<4xi1>, %m: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xi1>, tensor<4xf32>) {
  // CHECK-DAG: %[[SEVEN:.*]] = tn.constant dense<7.000000e+00> : tensor<f32>
  // CHECK-DAG: %[[ZERO:.*]] = tn.constant dense<false> : tensor<i1>
  // CHECK-DAG: %[[R:.*]] = tn.contract (%{{.*}}[i], %[[SEVEN]][]) -> [i]
  // CHECK-DAG: %[[S:.*]] = tn.contract (%{{.*}}[i], %[[ZERO]][]) -> [i]
  // CHECK: return %[[R]], %[[S]], %arg2
  %d7 = tn.delta : tensor<7x7xf32>
  %d6 = tn.delta : tensor<6x6xi1>
  %dm = tn.delta semiring(max_plus) : tensor<6x6xf32>
  %r = tn.contract (%a[i], %d7[p, q]) -> [i] : (tensor<4xf32>, tensor<7x7xf32>) -> tensor<4xf32>
  %s = tn.contract (%b[i], %d6[p, q]) -> [i] : (tensor<4xi1>, tensor<6x6xi1>) -> tensor<4xi1>
  // The greatest of six ones is one.
  %t = tn.contract (%m[i], %dm[p, q]) -> [i] semiring(max_plus) : (tensor<4xf32>, tensor<6x6xf32>) -> tensor<4xf32>
  return %r, %s, %t : tensor<4xf32>, tensor<4xi1>, tensor<4xf32>
}

// The result is zero off the diagonal of i and k: the delta stays, with those two legs.
// CHECK-LABEL: func.func @two_outputs
func.func @two_outputs(%a: tensor<4x5xf32>, %b: tensor<4x6xf32>) -> tensor<4x4x5x6xf32> {
  // CHECK: %[[D:.*]] = tn.delta : tensor<4x4xf32>
  // CHECK: tn.contract (%{{.*}}{{\[}}[[I:[a-z]*]], m], %{{.*}}{{\[}}[[I]], n], %[[D]]{{\[}}[[I]], [[K:[a-z]*]]]) -> {{\[}}[[I]], [[K]], m, n]
  %d = tn.delta : tensor<4x4x4xf32>
  %r = tn.contract (%a[i, m], %d[i, k, l], %b[l, n]) -> [i, k, m, n] : (tensor<4x5xf32>, tensor<4x4x4xf32>, tensor<4x6xf32>) -> tensor<4x4x5x6xf32>
  return %r : tensor<4x4x5x6xf32>
}

// Nothing else has the output's index.
// CHECK-LABEL: func.func @broadcast
func.func @broadcast(%a: tensor<5xf32>) -> tensor<5x4xf32> {
  // CHECK: %[[D:.*]] = tn.delta : tensor<4xf32>
  // CHECK: tn.contract (%{{.*}}[i], %[[D]][j]) -> [i, j]
  %d = tn.delta : tensor<4xf32>
  %r = tn.contract (%a[i], %d[j]) -> [i, j] : (tensor<5xf32>, tensor<4xf32>) -> tensor<5x4xf32>
  return %r : tensor<5x4xf32>
}

// A delta of another semiring has another zero and one: it is a tensor like others.
// CHECK-LABEL: func.func @other_semiring
func.func @other_semiring(%a: tensor<4x5xf32>) -> tensor<4x5xf32> {
  // CHECK: tn.delta : tensor<5x5xf32>
  // CHECK: tn.contract (%{{.*}}, %{{.*}}) -> [i, k] semiring(max_plus)
  %d = tn.delta : tensor<5x5xf32>
  %r = tn.contract (%a[i, j], %d[j, k]) -> [i, k] semiring(max_plus) : (tensor<4x5xf32>, tensor<5x5xf32>) -> tensor<4x5xf32>
  return %r : tensor<4x5xf32>
}

// The zero of a tropical integer semiring wraps around when a number is added to it.
// CHECK-LABEL: func.func @wrapping_zero
func.func @wrapping_zero(%a: tensor<4x5xi32>) -> tensor<4x5xi32> {
  // CHECK: tn.delta
  %d = tn.delta semiring(max_plus) : tensor<5x5xi32>
  %r = tn.contract (%a[i, j], %d[j, k]) -> [i, k] semiring(max_plus) : (tensor<4x5xi32>, tensor<5x5xi32>) -> tensor<4x5xi32>
  return %r : tensor<4x5xi32>
}

// That the extents agree is checked when it runs.
// CHECK-LABEL: func.func @dynamic
func.func @dynamic(%a: tensor<4x?xf32>, %n: index) -> tensor<4x?xf32> {
  // CHECK: tn.delta %{{.*}} : tensor<?x?xf32>
  %d = tn.delta %n : tensor<?x?xf32>
  %r = tn.contract (%a[i, j], %d[j, k]) -> [i, k] : (tensor<4x?xf32>, tensor<?x?xf32>) -> tensor<4x?xf32>
  return %r : tensor<4x?xf32>
}

// Dense identities and copy tensors are deltas, and constants of ones are none.
// CHECK-LABEL: func.func @dense_identity
func.func @dense_identity(%a: tensor<4x2xf32>, %b: tensor<2x6xf32>) -> tensor<4x6xf32> {
  // CHECK-NOT: tn.constant
  // CHECK: tn.contract (%arg0[i, [[X:.*]]], %arg1{{\[}}[[X]], l]) -> [i, l]
  %d = tn.constant dense<[[1.0, 0.0], [0.0, 1.0]]> : tensor<2x2xf32>
  %o = tn.constant dense<1.0> : tensor<4x6xf32>
  %r = tn.contract (%a[i, j], %d[j, k], %b[k, l], %o[i, l]) -> [i, l]
     : (tensor<4x2xf32>, tensor<2x2xf32>, tensor<2x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}

// Zeros off a diagonal tie the two indices: a controlled-phase gate is a matrix, not a tensor of rank 4.
// CHECK-LABEL: func.func @diagonal_constant
func.func @diagonal_constant(%a: tensor<2x2x7xi32>, %b: tensor<2x2x5xi32>) -> tensor<7x5xi32> {
  // CHECK: %[[C:.*]] = tn.constant dense<{{\[\[}}1, 1], [1, -1]]> : tensor<2x2xi32>
  // CHECK: %[[CB:.*]] = tn.contract (%[[C]][{{.*}}], %arg{{[01]}}[{{.*}}]) -> [{{.*}}] : (tensor<2x2xi32>, {{.*}}) -> tensor<2x2x5xi32>
  // CHECK: tn.contract {{.*}} -> [m, n] : (tensor<2x2x{{.*}}xi32>, tensor<2x2x{{.*}}xi32>) -> tensor<7x5xi32>
  %cz = tn.constant dense<[[[[1, 0], [0, 0]], [[0, 1], [0, 0]]], [[[0, 0], [1, 0]], [[0, 0], [0, -1]]]]> : tensor<2x2x2x2xi32>
  %r = tn.contract (%a[p, q, m], %cz[r, s, p, q], %b[r, s, n]) -> [m, n]
     : (tensor<2x2x7xi32>, tensor<2x2x2x2xi32>, tensor<2x2x5xi32>) -> tensor<7x5xi32>
  return %r : tensor<7x5xi32>
}

// Of rank 0, and alone.
// CHECK-LABEL: func.func @only_deltas
func.func @only_deltas() -> (tensor<f32>, tensor<i32>) {
  // CHECK-DAG: tn.constant dense<5.000000e+00> : tensor<f32>
  // CHECK-DAG: tn.constant dense<1> : tensor<i32>
  %d = tn.delta : tensor<5x5xf32>
  %s = tn.delta : tensor<i32>
  %trace = tn.contract (%d[i, i]) -> [] : (tensor<5x5xf32>) -> tensor<f32>
  %one = tn.contract (%s[], %s[]) -> [] : (tensor<i32>, tensor<i32>) -> tensor<i32>
  return %trace, %one : tensor<f32>, tensor<i32>
}
