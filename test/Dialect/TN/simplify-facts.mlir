// RUN: tenon-opt %s --tn-simplify | FileCheck %s

// Each argument says what is known of it; docs/simplify.md, rules 12 to 14.

// A diagonal matrix between two others is a vector of factors.
// CHECK-LABEL: func.func @diagonal
// CHECK-SAME: (%[[A:.*]]: tensor<4x5xf32>, %[[D:.*]]: tensor<5x5xf32> {{.*}}, %[[B:.*]]: tensor<5x6xf32>)
func.func @diagonal(%a: tensor<4x5xf32>, %d: tensor<5x5xf32> {tn.facts = #tn.facts<diagonal>}, %b: tensor<5x6xf32>) -> tensor<4x6xf32> {
  // CHECK-NEXT: %[[V:.*]] = tn.contract (%[[D]][j, j]) -> [j]
  // CHECK-NEXT: %[[AV:.*]] = tn.contract (%[[V]][j], %[[A]][i, j]) -> [j, i]
  // CHECK-NEXT: %[[R:.*]] = tn.contract (%[[B]][j, l], %[[AV]][j, i]) -> [i, l]
  // CHECK-NEXT: return %[[R]]
  %r = tn.contract (%a[i, j], %d[j, k], %b[k, l]) -> [i, l] : (tensor<4x5xf32>, tensor<5x5xf32>, tensor<5x6xf32>) -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}

// Two pairs of dimensions, as of a controlled-phase gate; the extent of 1 is dropped before.
// CHECK-LABEL: func.func @two_diagonals
func.func @two_diagonals(%d: tensor<2x3x1x2x3xi32> {tn.facts = #tn.facts<diagonal([0, 3]), diagonal([1, 4])>}, %a: tensor<2x3x7xi32>, %b: tensor<2x3x5xi32>) -> tensor<7x5xi32> {
  // CHECK: %[[S:.*]] = tensor.extract_slice %arg0
  // CHECK: %[[V:.*]] = tn.contract (%[[S]][[[P:.*]]]) -> {{.*}} : (tensor<2x3x2x3xi32>) -> tensor<2x3xi32>
  // CHECK: tn.contract (%[[V]]
  %r = tn.contract (%d[p, q, u, r, s], %a[p, q, m], %b[r, s, n]) -> [m, n] : (tensor<2x3x1x2x3xi32>, tensor<2x3x7xi32>, tensor<2x3x5xi32>) -> tensor<7x5xi32>
  return %r : tensor<7x5xi32>
}

// The zeros that the fact speaks of are none of the semiring's.
// CHECK-LABEL: func.func @other_zero
func.func @other_zero(%a: tensor<4x5xf32>, %d: tensor<5x5xf32> {tn.facts = #tn.facts<diagonal>}, %b: tensor<5x6xf32>) -> tensor<4x6xf32> {
  // CHECK-NEXT: tn.contract (%arg0[i, j], %arg1[j, k], %arg2[k, l]) -> [i, l] semiring(max_plus)
  %r = tn.contract (%a[i, j], %d[j, k], %b[k, l]) -> [i, l] semiring(max_plus) : (tensor<4x5xf32>, tensor<5x5xf32>, tensor<5x6xf32>) -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}

// Both indices are the result's, which is zero off their diagonal.
// CHECK-LABEL: func.func @both_open
func.func @both_open(%d: tensor<5x5xf32> {tn.facts = #tn.facts<diagonal>}, %b: tensor<5x6xf32>) -> tensor<5x5x6xf32> {
  // CHECK-NEXT: tn.contract (%arg0[i, j], %arg1[j, k]) -> [i, j, k]
  %r = tn.contract (%d[i, j], %b[j, k]) -> [i, j, k] : (tensor<5x5xf32>, tensor<5x6xf32>) -> tensor<5x5x6xf32>
  return %r : tensor<5x5x6xf32>
}

// W†W is the identity: what is left of the two layers is the product of what is above and below.
// CHECK-LABEL: func.func @isometry
func.func @isometry(%w: tensor<13x3x4xcomplex<f64>> {tn.facts = #tn.facts<isometric([1, 2])>}, %a: tensor<3x4x5xcomplex<f64>>, %b: tensor<3x4x6xcomplex<f64>>) -> tensor<5x6xcomplex<f64>> {
  // CHECK-NEXT: tn.contract (%arg1[j, k, p], %arg2[j, k, q]) -> [p, q]
  // CHECK-NEXT: return
  %c = tn.conj %w : tensor<13x3x4xcomplex<f64>>
  %r = tn.contract (%a[j, k, p], %w[i, j, k], %c[i, m, n], %b[m, n, q]) -> [p, q]
     : (tensor<3x4x5xcomplex<f64>>, tensor<13x3x4xcomplex<f64>>, tensor<13x3x4xcomplex<f64>>, tensor<3x4x6xcomplex<f64>>) -> tensor<5x6xcomplex<f64>>
  return %r : tensor<5x6xcomplex<f64>>
}

// W W† is a projector and none, and W W without a conjugate says nothing.
// CHECK-LABEL: func.func @not_these
func.func @not_these(%w: tensor<8x4xcomplex<f64>> {tn.facts = #tn.facts<isometric([1])>}) -> (tensor<8x8xcomplex<f64>>, tensor<4x4xcomplex<f64>>) {
  // CHECK: tn.contract {{.*}}[i, j], {{.*}}[k, j]) -> [i, k]
  // CHECK: tn.contract {{.*}}[i, j], {{.*}}[i, k]) -> [j, k]
  %c = tn.conj %w : tensor<8x4xcomplex<f64>>
  %p = tn.contract (%w[i, j], %c[k, j]) -> [i, k] : (tensor<8x4xcomplex<f64>>, tensor<8x4xcomplex<f64>>) -> tensor<8x8xcomplex<f64>>
  %q = tn.contract (%w[i, j], %w[i, k]) -> [j, k] : (tensor<8x4xcomplex<f64>>, tensor<8x4xcomplex<f64>>) -> tensor<4x4xcomplex<f64>>
  return %p, %q : tensor<8x8xcomplex<f64>>, tensor<4x4xcomplex<f64>>
}

// The summed index has one more user, or is the result's.
// CHECK-LABEL: func.func @held_by_others
func.func @held_by_others(%w: tensor<8x4xf64> {tn.facts = #tn.facts<isometric([1])>}, %v: tensor<8x3xf64>) -> (tensor<4x4x3xf64>, tensor<8x4x4xf64>) {
  // CHECK: tn.contract (%arg0[i, j], %arg0[i, k], %arg1[i, l]) -> [j, k, l]
  // CHECK: tn.contract (%arg0[i, j], %arg0[i, k]) -> [i, j, k]
  %p = tn.contract (%w[i, j], %w[i, k], %v[i, l]) -> [j, k, l] : (tensor<8x4xf64>, tensor<8x4xf64>, tensor<8x3xf64>) -> tensor<4x4x3xf64>
  %q = tn.contract (%w[i, j], %w[i, k]) -> [i, j, k] : (tensor<8x4xf64>, tensor<8x4xf64>) -> tensor<8x4x4xf64>
  return %p, %q : tensor<4x4x3xf64>, tensor<8x4x4xf64>
}

// The trace of W†W is the extent; that of a unitary, over either side.
// CHECK-LABEL: func.func @trace
func.func @trace(%w: tensor<8x4xf64> {tn.facts = #tn.facts<isometric([1])>}, %u: tensor<3x3xi32> {tn.facts = #tn.facts<isometric([0]), isometric([1])>}) -> (tensor<f64>, tensor<i32>) {
  // CHECK-DAG: tn.constant dense<4.0{{.*}}> : tensor<f64>
  // CHECK-DAG: tn.constant dense<3> : tensor<i32>
  %r = tn.contract (%w[i, j], %w[i, j]) -> [] : (tensor<8x4xf64>, tensor<8x4xf64>) -> tensor<f64>
  %s = tn.contract (%u[i, j], %u[i, j]) -> [] : (tensor<3x3xi32>, tensor<3x3xi32>) -> tensor<i32>
  return %r, %s : tensor<f64>, tensor<i32>
}

// Layers of isometries and their conjugates vanish from the outside to the inside.
// CHECK-LABEL: func.func @layers
func.func @layers(%u: tensor<3x4x3x4xcomplex<f32>> {tn.facts = #tn.facts<isometric([2, 3])>}, %w: tensor<12x5xcomplex<f32>> {tn.facts = #tn.facts<isometric([1])>}, %t: tensor<3x4x12xcomplex<f32>> {tn.facts = #tn.facts<isometric([2])>}) -> tensor<5x5xcomplex<f32>> {
  // CHECK-NEXT: %[[D:.*]] = tn.delta : tensor<5x5xcomplex<f32>>
  // CHECK-NEXT: return %[[D]]
  %uc = tn.conj %u : tensor<3x4x3x4xcomplex<f32>>
  %wc = tn.conj %w : tensor<12x5xcomplex<f32>>
  %tc = tn.conj %t : tensor<3x4x12xcomplex<f32>>
  %r = tn.contract (%u[a, b, c, d], %t[c, d, e], %w[e, x], %uc[a, b, f, g], %tc[f, g, h], %wc[h, y]) -> [x, y]
     : (tensor<3x4x3x4xcomplex<f32>>, tensor<3x4x12xcomplex<f32>>, tensor<12x5xcomplex<f32>>, tensor<3x4x3x4xcomplex<f32>>, tensor<3x4x12xcomplex<f32>>, tensor<12x5xcomplex<f32>>) -> tensor<5x5xcomplex<f32>>
  return %r : tensor<5x5xcomplex<f32>>
}

// A product of isometries that is computed once is one.
// CHECK-LABEL: func.func @derived
func.func @derived(%u: tensor<8x4xf64> {tn.facts = #tn.facts<isometric([1])>}, %v: tensor<4x3xf64> {tn.facts = #tn.facts<isometric([1])>}) -> (tensor<3x3xf64>, tensor<8x3xf64>) {
  // CHECK: %[[D:.*]] = tn.delta : tensor<3x3xf64>
  // CHECK: return %[[D]]
  %w = tn.contract (%u[i, j], %v[j, k]) -> [i, k] : (tensor<8x4xf64>, tensor<4x3xf64>) -> tensor<8x3xf64>
  %r = tn.contract (%w[i, j], %w[i, k]) -> [j, k] : (tensor<8x3xf64>, tensor<8x3xf64>) -> tensor<3x3xf64>
  return %r, %w : tensor<3x3xf64>, tensor<8x3xf64>
}

// The other way round the product is none: rows of U are no unit vectors.
// CHECK-LABEL: func.func @not_derived
func.func @not_derived(%u: tensor<8x4xf64> {tn.facts = #tn.facts<isometric([1])>}, %v: tensor<3x4xf64> {tn.facts = #tn.facts<isometric([0])>}, %x: tensor<8x4xf64> {tn.facts = #tn.facts<isometric([1])>}) -> (tensor<8x8xf64>, tensor<8x3xf64>, tensor<4x4xf64>, tensor<4x4xf64>) {
  // CHECK-NOT: tn.delta
  // CHECK: return
  %w = tn.contract (%u[i, j], %v[k, j]) -> [i, k] : (tensor<8x4xf64>, tensor<3x4xf64>) -> tensor<8x3xf64>
  %r = tn.contract (%w[i, j], %w[k, j]) -> [i, k] : (tensor<8x3xf64>, tensor<8x3xf64>) -> tensor<8x8xf64>
  // Both ends are inputs: X†U of two different isometries is no isometry.
  %y = tn.contract (%u[i, j], %x[i, k]) -> [j, k] : (tensor<8x4xf64>, tensor<8x4xf64>) -> tensor<4x4xf64>
  %s = tn.contract (%y[i, j], %y[i, k]) -> [j, k] : (tensor<4x4xf64>, tensor<4x4xf64>) -> tensor<4x4xf64>
  return %r, %w, %s, %y : tensor<8x8xf64>, tensor<8x3xf64>, tensor<4x4xf64>, tensor<4x4xf64>
}

// Two isometries joined at what both keep: U†U and V†V are identities on one bond, whose trace is its extent. No isometry, and no 1.
// CHECK-LABEL: func.func @bond_of_both_ends
func.func @bond_of_both_ends(%u: tensor<8x4xf64> {tn.facts = #tn.facts<isometric([1])>}, %v: tensor<6x4xf64> {tn.facts = #tn.facts<isometric([1])>}) -> (tensor<f64>, tensor<8x6xf64>) {
  // CHECK: tn.contract (%{{.*}}[i, j], %{{.*}}[i, j]) -> []
  // CHECK-NOT: tn.constant
  // CHECK: return
  %w = tn.contract (%u[i, k], %v[j, k]) -> [i, j] : (tensor<8x4xf64>, tensor<6x4xf64>) -> tensor<8x6xf64>
  %r = tn.contract (%w[i, j], %w[i, j]) -> [] : (tensor<8x6xf64>, tensor<8x6xf64>) -> tensor<f64>
  return %r, %w : tensor<f64>, tensor<8x6xf64>
}

// Some columns of an isometry are one; some rows are none. A diagonal that is cut alike stays one.
// CHECK-LABEL: func.func @slices
func.func @slices(%w: tensor<8x6xf64> {tn.facts = #tn.facts<isometric([1])>}, %d: tensor<6x6xf64> {tn.facts = #tn.facts<diagonal>}, %v: tensor<3xf64>) -> (tensor<3x3xf64>, tensor<6x6xf64>, tensor<f64>, tensor<f64>) {
  // CHECK-DAG: tn.delta : tensor<3x3xf64>
  // CHECK-DAG: tn.contract (%[[ROWS:.*]][i, j], %[[ROWS]][i, k]) -> [j, k]
  // CHECK-DAG: tn.contract (%{{.*}}[i, i]) -> [i] : (tensor<3x3xf64>) -> tensor<3xf64>
  // CHECK-DAG: tn.contract (%arg2[{{.*}}], %{{.*}}[{{.*}}]) -> [{{.*}}] : (tensor<3xf64>, tensor<3x3xf64>) -> tensor<3xf64>
  %columns = tensor.extract_slice %w[0, 1] [8, 3] [1, 2] : tensor<8x6xf64> to tensor<8x3xf64>
  %rows = tensor.extract_slice %w[1, 0] [7, 6] [1, 1] : tensor<8x6xf64> to tensor<7x6xf64>
  %r = tn.contract (%columns[i, j], %columns[i, k]) -> [j, k] : (tensor<8x3xf64>, tensor<8x3xf64>) -> tensor<3x3xf64>
  %s = tn.contract (%rows[i, j], %rows[i, k]) -> [j, k] : (tensor<7x6xf64>, tensor<7x6xf64>) -> tensor<6x6xf64>
  %alike = tensor.extract_slice %d[1, 1] [3, 3] [1, 1] : tensor<6x6xf64> to tensor<3x3xf64>
  %apart = tensor.extract_slice %d[1, 2] [3, 3] [1, 1] : tensor<6x6xf64> to tensor<3x3xf64>
  %t = tn.contract (%alike[i, j], %v[j], %v[i]) -> [] : (tensor<3x3xf64>, tensor<3xf64>, tensor<3xf64>) -> tensor<f64>
  %u = tn.contract (%apart[i, j], %v[j], %v[i]) -> [] : (tensor<3x3xf64>, tensor<3xf64>, tensor<3xf64>) -> tensor<f64>
  return %r, %s, %t, %u : tensor<3x3xf64>, tensor<6x6xf64>, tensor<f64>, tensor<f64>
}

// P Pᵀ, on either side, with or without a conjugate, and in every semiring whose units are 0 and 1.
// CHECK-LABEL: func.func @permutation
func.func @permutation(%p: tensor<2x3x6xi8> {tn.facts = #tn.facts<permutation([0, 1])>}, %a: tensor<2x3x5xi8>, %b: tensor<2x3x4xi8>, %q: tensor<5x5xcomplex<f32>> {tn.facts = #tn.facts<permutation>}) -> (tensor<5x4xi8>, tensor<5x5xcomplex<f32>>) {
  // CHECK-DAG: tn.contract (%arg1[i, j, l], %arg2[i, j, m]) -> [l, m] semiring(max_times)
  // CHECK-DAG: tn.delta : tensor<5x5xcomplex<f32>>
  %r = tn.contract (%a[i, j, l], %p[i, j, k], %p[n, o, k], %b[n, o, m]) -> [l, m] semiring(max_times)
     : (tensor<2x3x5xi8>, tensor<2x3x6xi8>, tensor<2x3x6xi8>, tensor<2x3x4xi8>) -> tensor<5x4xi8>
  %s = tn.contract (%q[i, j], %q[k, j]) -> [i, k] : (tensor<5x5xcomplex<f32>>, tensor<5x5xcomplex<f32>>) -> tensor<5x5xcomplex<f32>>
  return %r, %s : tensor<5x4xi8>, tensor<5x5xcomplex<f32>>
}

// In a wider type a rounded isometry is none, and unsigned integers are other numbers; ones and zeros are the same in all.
// CHECK-LABEL: func.func @widened
func.func @widened(%w: tensor<8x4xf16> {tn.facts = #tn.facts<isometric([1])>}, %z: tensor<8x5xi8> {tn.facts = #tn.facts<isometric([1])>}, %p: tensor<3x3xf16> {tn.facts = #tn.facts<permutation>}) -> (tensor<4x4xf32>, tensor<5x5xi32>, tensor<5x5xi32>, tensor<3x3xf32>) {
  // CHECK-DAG: tn.contract (%arg0[i, j], %arg0[i, k]) -> [j, k]
  // CHECK-DAG: tn.contract (%arg1[i, j], %arg1[i, k]) -> [j, k] unsigned
  // CHECK-DAG: tn.delta : tensor<5x5xi32>
  // CHECK-DAG: tn.delta : tensor<3x3xf32>
  %r = tn.contract (%w[i, j], %w[i, k]) -> [j, k] : (tensor<8x4xf16>, tensor<8x4xf16>) -> tensor<4x4xf32>
  %s = tn.contract (%z[i, j], %z[i, k]) -> [j, k] unsigned : (tensor<8x5xi8>, tensor<8x5xi8>) -> tensor<5x5xi32>
  %t = tn.contract (%z[i, j], %z[i, k]) -> [j, k] : (tensor<8x5xi8>, tensor<8x5xi8>) -> tensor<5x5xi32>
  %u = tn.contract (%p[i, j], %p[i, k]) -> [j, k] : (tensor<3x3xf16>, tensor<3x3xf16>) -> tensor<3x3xf32>
  return %r, %s, %t, %u : tensor<4x4xf32>, tensor<5x5xi32>, tensor<5x5xi32>, tensor<3x3xf32>
}

// A product of permutations is one, under any semiring with 0 and 1; that of isometries is used under no other than plus_times.
// CHECK-LABEL: func.func @derived_permutation
func.func @derived_permutation(%p: tensor<3x3xf32> {tn.facts = #tn.facts<permutation>}, %q: tensor<3x3xf32> {tn.facts = #tn.facts<permutation>}, %w: tensor<3x2xf32> {tn.facts = #tn.facts<isometric([1])>}) -> (tensor<3x3xf32>, tensor<2x2xf32>, tensor<3x3xf32>, tensor<3x2xf32>) {
  // CHECK-DAG: tn.delta semiring(max_times) : tensor<3x3xf32>
  // CHECK-DAG: tn.contract (%[[PW:.*]][i, j], %[[PW]][i, k]) -> [j, k] semiring(max_times)
  %pq = tn.contract (%p[i, j], %q[k, j]) -> [i, k] semiring(max_times) : (tensor<3x3xf32>, tensor<3x3xf32>) -> tensor<3x3xf32>
  %r = tn.contract (%pq[i, j], %pq[k, j]) -> [i, k] semiring(max_times) : (tensor<3x3xf32>, tensor<3x3xf32>) -> tensor<3x3xf32>
  %pw = tn.contract (%p[i, j], %w[j, k]) -> [i, k] : (tensor<3x3xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
  %s = tn.contract (%pw[i, j], %pw[i, k]) -> [j, k] semiring(max_times) : (tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<2x2xf32>
  return %r, %s, %pq, %pw : tensor<3x3xf32>, tensor<2x2xf32>, tensor<3x3xf32>, tensor<3x2xf32>
}

// What is not static is summed, but no identity of unknown extent is made.
// CHECK-LABEL: func.func @dynamic
func.func @dynamic(%w: tensor<?x4xf64> {tn.facts = #tn.facts<isometric([1])>}, %u: tensor<8x?xf64> {tn.facts = #tn.facts<isometric([1])>}) -> (tensor<4x4xf64>, tensor<?x?xf64>) {
  // CHECK-DAG: tn.delta : tensor<4x4xf64>
  // CHECK-DAG: tn.contract (%arg1[i, j], %arg1[i, k]) -> [j, k]
  %r = tn.contract (%w[i, j], %w[i, k]) -> [j, k] : (tensor<?x4xf64>, tensor<?x4xf64>) -> tensor<4x4xf64>
  %s = tn.contract (%u[i, j], %u[i, k]) -> [j, k] : (tensor<8x?xf64>, tensor<8x?xf64>) -> tensor<?x?xf64>
  return %r, %s : tensor<4x4xf64>, tensor<?x?xf64>
}

// Facts of a constant that is too large to be looked at.
// CHECK-LABEL: func.func @constant
func.func @constant(%a: tensor<4x3xf64>, %b: tensor<4x5xf64>) -> tensor<3x5xf64> {
  // CHECK-NEXT: tn.contract (%arg0[j, p], %arg1[j, q]) -> [p, q]
  // CHECK-NEXT: return
  %w = tn.constant {facts = #tn.facts<isometric([1])>} dense_resource<w> : tensor<2048x4xf64>
  %r = tn.contract (%w[i, j], %w[i, k], %a[j, p], %b[k, q]) -> [p, q] : (tensor<2048x4xf64>, tensor<2048x4xf64>, tensor<4x3xf64>, tensor<4x5xf64>) -> tensor<3x5xf64>
  return %r : tensor<3x5xf64>
}

// Small constants say it themselves: a rotation and its inverse, written with another order of dimensions, are an identity but for
// rounding; a phase and its inverse on one index are ones.
// CHECK-LABEL: func.func @inverse_constants
func.func @inverse_constants(%a: tensor<2x3xcomplex<f64>>, %b: tensor<2x4xcomplex<f64>>) -> tensor<3x4xcomplex<f64>> {
  // CHECK-NEXT: tn.contract (%arg0[{{[a-z]*}}, p], %arg1[{{[a-z]*}}, q]) -> [p, q]
  // CHECK-NEXT: return
  %u = tn.constant dense<[[(0.95533648912560598, 0.0), (0.0, -0.29552020666133955)], [(0.0, -0.29552020666133955), (0.95533648912560598, 0.0)]]> : tensor<2x2xcomplex<f64>>
  %v = tn.constant dense<[[(0.95533648912560598, 0.0), (0.0, 0.29552020666133955)], [(0.0, 0.29552020666133955), (0.95533648912560598, 0.0)]]> : tensor<2x2xcomplex<f64>>
  %s = tn.constant dense<[[(1.0, 0.0), (0.0, 0.0)], [(0.0, 0.0), (0.54030230586813977, 0.8414709848078965)]]> : tensor<2x2xcomplex<f64>>
  %t = tn.constant dense<[[(1.0, 0.0), (0.0, 0.0)], [(0.0, 0.0), (0.54030230586813977, -0.8414709848078965)]]> : tensor<2x2xcomplex<f64>>
  %r = tn.contract (%a[i, p], %s[i, h], %u[h, j], %v[k, j], %t[k, l], %b[l, q]) -> [p, q]
     : (tensor<2x3xcomplex<f64>>, tensor<2x2xcomplex<f64>>, tensor<2x2xcomplex<f64>>, tensor<2x2xcomplex<f64>>, tensor<2x2xcomplex<f64>>, tensor<2x4xcomplex<f64>>) -> tensor<3x4xcomplex<f64>>
  return %r : tensor<3x4xcomplex<f64>>
}

// In f64 the same numbers rounded to f32 are no inverse, and what is a hundredth off is none in any type.
// CHECK-LABEL: func.func @nearly_inverse
func.func @nearly_inverse(%a: tensor<2x3xf64>, %b: tensor<2x4xf64>) -> (tensor<3x4xf64>, tensor<3x4xf64>) {
  // CHECK-COUNT-2: tn.constant
  // CHECK-NOT: tn.constant
  // CHECK: return
  %h = tn.constant dense<[[0.707106769, 0.707106769], [0.707106769, -0.707106769]]> : tensor<2x2xf32>
  %g = tn.constant dense<[[0.71, 0.70], [0.70, -0.71]]> : tensor<2x2xf64>
  %r = tn.contract (%a[i, p], %h[i, j], %h[j, k], %b[k, q]) -> [p, q] : (tensor<2x3xf64>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x4xf64>) -> tensor<3x4xf64>
  %s = tn.contract (%a[i, p], %g[i, j], %g[j, k], %b[k, q]) -> [p, q] : (tensor<2x3xf64>, tensor<2x2xf64>, tensor<2x2xf64>, tensor<2x4xf64>) -> tensor<3x4xf64>
  return %r, %s : tensor<3x4xf64>, tensor<3x4xf64>
}

// What a small constant is said to be counts where its elements alone, a little off, would not do.
// CHECK-LABEL: func.func @stated_constant
func.func @stated_constant(%a: tensor<2x1x3xcomplex<f64>>, %b: tensor<2x4xcomplex<f64>>) -> tensor<3x4xcomplex<f64>> {
  // CHECK: tn.contract (%{{.*}}[{{[a-z]*}}, p], %arg1[{{[a-z]*}}, q]) -> [p, q]
  // CHECK-NEXT: return
  %g = tn.constant {facts = #tn.facts<isometric([0, 1])>} dense<[[[(0.6, 0.0), (0.0, 0.8)]], [[(0.0, 0.8), (0.60000001, 0.0)]]]> : tensor<2x1x2xcomplex<f64>>
  %c = tn.conj %g : tensor<2x1x2xcomplex<f64>>
  %r = tn.contract (%a[i, u, p], %g[i, u, j], %c[k, u, j], %b[k, q]) -> [p, q] : (tensor<2x1x3xcomplex<f64>>, tensor<2x1x2xcomplex<f64>>, tensor<2x1x2xcomplex<f64>>, tensor<2x4xcomplex<f64>>) -> tensor<3x4xcomplex<f64>>
  return %r : tensor<3x4xcomplex<f64>>
}
