// RUN: tenon-opt %s --tn-simplify | FileCheck %s
// RUN: tenon-opt %s --tn-simplify=fold-limit=3 | FileCheck %s --check-prefix=LIMIT
// RUN: tenon-opt %s --tn-simplify=flatten=false | FileCheck %s --check-prefix=NESTED

// Two operands with the same indices, in whatever order, become one.
// CHECK-LABEL: func.func @hadamard
func.func @hadamard(%a: tensor<4x5xf32>, %b: tensor<5x4xf32>, %c: tensor<5x6xf32>) -> tensor<4x6xf32> {
  // CHECK: %[[AB:.*]] = tn.contract (%arg0[i, j], %arg1[j, i]) -> [i, j]
  // CHECK: tn.contract ({{.*}}%[[AB]][i, j]{{.*}}) -> [i, k]
  %r = tn.contract (%a[i, j], %b[j, i], %c[j, k]) -> [i, k] : (tensor<4x5xf32>, tensor<5x4xf32>, tensor<5x6xf32>) -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}

// The vector goes into the smaller of the two that have its index.
// CHECK-LABEL: func.func @vector
func.func @vector(%v: tensor<5xf32>, %a: tensor<4x5x7xf32>, %b: tensor<5x6xf32>) -> tensor<4x7x6xf32> {
  // CHECK: %[[VB:.*]] = tn.contract (%arg0[j], %arg2[j, k]) -> [j, k]
  // CHECK: tn.contract (%arg1[i, j, l], %[[VB]][j, k]) -> [i, l, k]
  %r = tn.contract (%v[j], %a[i, j, l], %b[j, k]) -> [i, l, k] : (tensor<5xf32>, tensor<4x5x7xf32>, tensor<5x6xf32>) -> tensor<4x7x6xf32>
  return %r : tensor<4x7x6xf32>
}

// Two arguments that share an index only: that is the planner's.
// CHECK-LABEL: func.func @matmul
func.func @matmul(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x7xf32>) -> tensor<4x7xf32> {
  // CHECK-NEXT: tn.contract (%arg0[i, j], %arg1[j, k], %arg2[k, l]) -> [i, l]
  // CHECK-NEXT: return
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] : (tensor<4x5xf32>, tensor<5x6xf32>, tensor<6x7xf32>) -> tensor<4x7xf32>
  return %r : tensor<4x7xf32>
}

// A nest is one network, as far as its products are not rounded in between.
// CHECK-LABEL: func.func @flatten
// NESTED-LABEL: func.func @flatten
func.func @flatten(%a: tensor<4x5xf16>, %b: tensor<5x6xf16>, %c: tensor<6x7xf16>) -> (tensor<4x7xf32>, tensor<4x7xf16>) {
  // CHECK: tn.contract (%arg0[i, j], %arg1[j, k], %arg2[k, l]) -> [i, l] : (tensor<4x5xf16>, tensor<5x6xf16>, tensor<6x7xf16>) -> tensor<4x7xf32>
  // NESTED: tn.contract (%arg0[i, j], %arg1[j, k]) -> [i, k]
  %ab = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<4x5xf16>, tensor<5x6xf16>) -> tensor<4x6xf32>
  %r = tn.contract (%ab[i, k], %c[k, l]) -> [i, l] : (tensor<4x6xf32>, tensor<6x7xf16>) -> tensor<4x7xf32>
  // CHECK: %[[AB:.*]] = tn.contract (%arg0[i, j], %arg1[j, k]) -> [i, k] accumulate(f32)
  // CHECK: tn.contract (%[[AB]][i, k], %arg2[k, l]) -> [i, l] accumulate(f32)
  %rounded = tn.contract (%a[i, j], %b[j, k]) -> [i, k] accumulate(f32) : (tensor<4x5xf16>, tensor<5x6xf16>) -> tensor<4x6xf16>
  %s = tn.contract (%rounded[i, k], %c[k, l]) -> [i, l] accumulate(f32) : (tensor<4x6xf16>, tensor<6x7xf16>) -> tensor<4x7xf16>
  return %r, %s : tensor<4x7xf32>, tensor<4x7xf16>
}

// Two networks, not one: they differ in the semiring, or in the sign of their integers.
// CHECK-LABEL: func.func @different_arithmetic
func.func @different_arithmetic(%a: tensor<4x5xi32>, %b: tensor<5x6xi32>, %c: tensor<6x7xi32>) -> (tensor<4x7xi32>, tensor<4x7xi32>) {
  // CHECK: %[[X:.*]] = tn.contract (%arg0[i, j], %arg1[j, k]) -> [i, k] :
  // CHECK: tn.contract (%[[X]][i, k], %arg2[k, l]) -> [i, l] semiring(max_plus) :
  %x = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<4x5xi32>, tensor<5x6xi32>) -> tensor<4x6xi32>
  %r = tn.contract (%x[i, k], %c[k, l]) -> [i, l] semiring(max_plus) : (tensor<4x6xi32>, tensor<6x7xi32>) -> tensor<4x7xi32>
  // CHECK: %[[Y:.*]] = tn.contract (%arg0[i, j], %arg1[j, k]) -> [i, k] semiring(max_plus) unsigned :
  // CHECK: tn.contract (%[[Y]][i, k], %arg2[k, l]) -> [i, l] semiring(max_plus) :
  %y = tn.contract (%a[i, j], %b[j, k]) -> [i, k] semiring(max_plus) unsigned : (tensor<4x5xi32>, tensor<5x6xi32>) -> tensor<4x6xi32>
  %s = tn.contract (%y[i, k], %c[k, l]) -> [i, l] semiring(max_plus) : (tensor<4x6xi32>, tensor<6x7xi32>) -> tensor<4x7xi32>
  return %r, %s : tensor<4x7xi32>, tensor<4x7xi32>
}

// A contraction with two users stays: it is computed once.
// CHECK-LABEL: func.func @shared
func.func @shared(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>) -> tensor<4x4xf32> {
  // CHECK: %[[AB:.*]] = tn.contract (%arg0[i, j], %arg1[j, k]) -> [i, k]
  // CHECK: tn.contract (%[[AB]][i, k], %[[AB]][l, k]) -> [i, l]
  %x = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<4x5xf32>, tensor<5x6xf32>) -> tensor<4x6xf32>
  %y = tn.contract (%a[p, q], %b[q, r]) -> [p, r] : (tensor<4x5xf32>, tensor<5x6xf32>) -> tensor<4x6xf32>
  %r = tn.contract (%x[i, k], %y[l, k]) -> [i, l] : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}

// A conjugated contraction is the contraction of conjugates.
// CHECK-LABEL: func.func @conjugate
func.func @conjugate(%a: tensor<2x3xcomplex<f32>>, %b: tensor<2x4xcomplex<f32>>) -> tensor<3x4xcomplex<f32>> {
  // CHECK-DAG: %[[C:.*]] = tn.constant dense<[(1.000000e+00,-2.000000e+00), (3.000000e+00,4.000000e+00)]>
  // CHECK-DAG: %[[A:.*]] = tn.conj %arg0
  // CHECK: tn.contract
  %c = tn.constant dense<[(1.0, 2.0), (3.0, -4.0)]> : tensor<2xcomplex<f32>>
  %x = tn.contract (%a[i, j], %c[i]) -> [i, j] : (tensor<2x3xcomplex<f32>>, tensor<2xcomplex<f32>>) -> tensor<2x3xcomplex<f32>>
  %y = tn.conj %x : tensor<2x3xcomplex<f32>>
  %r = tn.contract (%y[i, j], %b[i, k]) -> [j, k] : (tensor<2x3xcomplex<f32>>, tensor<2x4xcomplex<f32>>) -> tensor<3x4xcomplex<f32>>
  return %r : tensor<3x4xcomplex<f32>>
}

// Constants: a gate goes into its neighbour, as nothing grows by it. Under a limit of 3 elements they stay.
// CHECK-LABEL: func.func @gates
// LIMIT-LABEL: func.func @gates
func.func @gates(%psi: tensor<2x2x5xi32>) -> tensor<2x2x5xi32> {
  // CHECK: %[[C:.*]] = tn.constant dense<{{\[\[\[\[}}2, 4], [6, 8]], {{\[\[}}2, -4], [6, -8]]], {{\[\[\[}}2, 6], [10, 14]], {{\[\[}}2, -6], [10, -14]]]]> : tensor<2x2x2x2xi32>
  // CHECK: tn.contract (%{{.*}}[a, b, n], %[[C]][a, c, d, b]) -> [c, d, n]
  // LIMIT: tn.contract (%{{.*}}, %{{.*}}, %{{.*}}) -> [c, d, n]
  %u = tn.constant dense<[[[[1, 3], [2, 4]], [[5, 7], [6, 8]]], [[[1, -3], [2, -4]], [[5, -7], [6, -8]]]]> : tensor<2x2x2x2xi32>
  %x = tn.constant dense<[[0, 2], [1, 0]]> : tensor<2x2xi32>
  %r = tn.contract (%psi[a, b, n], %x[p, a], %u[c, d, p, b]) -> [c, d, n]
     : (tensor<2x2x5xi32>, tensor<2x2xi32>, tensor<2x2x2x2xi32>) -> tensor<2x2x5xi32>
  return %r : tensor<2x2x5xi32>
}

// A network of constants is computed in its accumulation type: 8-bit products wrap around only where they are 8 bits.
// CHECK-LABEL: func.func @fold
// LIMIT-LABEL: func.func @fold
func.func @fold() -> (tensor<2xi32>, tensor<2xi8>, tensor<2xf16>, tensor<2xf32>) {
  // LIMIT: tn.contract
  // CHECK-DAG: %[[W:.*]] = tn.constant dense<[1270, 254]> : tensor<2xi32>
  // CHECK-DAG: %[[N:.*]] = tn.constant dense<[-10, -2]> : tensor<2xi8>
  // CHECK-DAG: %[[M:.*]] = tn.constant dense<[1.200000e+01, 1.010000e+02]> : tensor<2xf32>
  %a = tn.constant dense<[[10, 0], [0, 2]]> : tensor<2x2xi8>
  %b = tn.constant dense<127> : tensor<2xi8>
  %w = tn.contract (%a[i, j], %b[j]) -> [i] : (tensor<2x2xi8>, tensor<2xi8>) -> tensor<2xi32>
  %n = tn.contract (%a[i, j], %b[j]) -> [i] : (tensor<2x2xi8>, tensor<2xi8>) -> tensor<2xi8>
  // 2048 + 1 is 2048 in f16; a sum in f32 would be 2050 after the second one.
  // CHECK-DAG: %[[H:.*]] = tn.constant dense<2.048000e+03> : tensor<2xf16>
  %h = tn.constant dense<[[2048.0, 1.0, 1.0], [1.0, 2048.0, 0.5]]> : tensor<2x3xf16>
  %s = tn.contract (%h[i, j]) -> [i] : (tensor<2x3xf16>) -> tensor<2xf16>
  // The greatest sum.
  %c = tn.constant dense<[[5.0, 2.0], [1.0, 100.0]]> : tensor<2x2xf32>
  %d = tn.constant dense<[7.0, 1.0]> : tensor<2xf32>
  %m = tn.contract (%c[i, j], %d[j]) -> [i] semiring(max_plus) : (tensor<2x2xf32>, tensor<2xf32>) -> tensor<2xf32>
  // CHECK: return %[[W]], %[[N]], %[[H]], %[[M]]
  return %w, %n, %s, %m : tensor<2xi32>, tensor<2xi8>, tensor<2xf16>, tensor<2xf32>
}

// Nothing is known about 0 times an argument: it may be NaN.
// CHECK-LABEL: func.func @zero_times
func.func @zero_times(%a: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: %[[Z:.*]] = tn.constant dense<0.000000e+00> : tensor<f32>
  // CHECK: tn.contract (%{{.*}}, %{{.*}}) -> [i]
  %z = tn.constant dense<0.0> : tensor<f32>
  %r = tn.contract (%a[i], %z[]) -> [i] : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// Scalars: constants go into each other, ones vanish, arguments are multiplied first.
// CHECK-LABEL: func.func @scalars
func.func @scalars(%a: tensor<4xi32>, %s: tensor<i32>, %t: tensor<i32>) -> tensor<4xi32> {
  // CHECK: %[[SIX:.*]] = tn.constant dense<6> : tensor<i32>
  // CHECK: %[[Q:.*]] = tn.contract (%arg1[], %arg2[]) -> []
  // CHECK: %[[P:.*]] = tn.contract (%[[Q]][], %[[SIX]][]) -> []
  // CHECK: tn.contract (%arg0[i], %[[P]][]) -> [i]
  %one = tn.constant dense<1> : tensor<i32>
  %two = tn.constant dense<2> : tensor<i32>
  %three = tn.constant dense<3> : tensor<i32>
  %r = tn.contract (%two[], %a[i], %s[], %one[], %three[], %t[]) -> [i]
     : (tensor<i32>, tensor<4xi32>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<4xi32>
  return %r : tensor<4xi32>
}

// Multiplied together, the two would be 0 in f32; with the third operand in between they are not.
// CHECK-LABEL: func.func @no_underflow
func.func @no_underflow(%a: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-DAG: tn.constant dense<1.000000e-30>
  // CHECK-DAG: tn.constant dense<2.000000e-30>
  %x = tn.constant dense<1.0e-30> : tensor<f32>
  %y = tn.constant dense<2.0e-30> : tensor<f32>
  %r = tn.contract (%x[], %a[i], %y[]) -> [i] : (tensor<f32>, tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// Equal constants are one, also as resources of two names.
// CHECK-LABEL: func.func @equal
func.func @equal(%a: tensor<5xi32>) -> (tensor<5x3xi32>, tensor<5x3xi32>) {
  // CHECK: %[[R:.*]] = tn.contract
  // CHECK-NOT: tn.contract
  // CHECK: return %[[R]], %[[R]]
  %x = tn.constant dense_resource<first> : tensor<3xi32>
  %y = tn.constant dense_resource<second> : tensor<3xi32>
  %r = tn.contract (%a[i], %x[j]) -> [i, j] : (tensor<5xi32>, tensor<3xi32>) -> tensor<5x3xi32>
  %s = tn.contract (%a[p], %y[q]) -> [p, q] : (tensor<5xi32>, tensor<3xi32>) -> tensor<5x3xi32>
  return %r, %s : tensor<5x3xi32>, tensor<5x3xi32>
}

{-# dialect_resources: { builtin: {
  first: "0x04000000010000000200000003000000",
  second: "0x04000000010000000200000003000000"
} } #-}
