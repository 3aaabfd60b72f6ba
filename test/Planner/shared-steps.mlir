// RUN: tenon-opt %s -tn-plan | FileCheck %s
// RUN: tenon-opt %s -tn-plan | tenon-opt -tn-plan | FileCheck %s
// RUN: tenon-opt %s -tn-plan --tn-stats=text -o /dev/null 2>&1 | FileCheck %s --check-prefix=STATS
// RUN: tenon-opt %s -tn-plan=least-memory=true | FileCheck %s --check-prefix=LEAST
// RUN: tenon-run %s --entry=batch --random=70 --check
// RUN: tenon-run %s --entry=gradients --random=71 --check
// RUN: tenon-run %s --entry=orders --random=72 --check
// RUN: tenon-run %s --entry=binary_first --random=73 --check
// RUN: tenon-run %s --entry=kinds --random=74 --check
// RUN: tenon-run %s --entry=nested --random=75 --check
// RUN: tenon-run %s --entry=given --random=76 --check
// RUN: tenon-run %s --entry=blocks --random=77 --check
// RUN: tenon-run %s --entry=results --random=78 --check
// RUN: tenon-run %s --entry=binary_only --random=79 --check

// Four amplitudes of one circuit: what both vectors have in common is computed once, the vectors come last. By themselves
// they take four steps and 30 + 20 + 12 + 3 multiply-adds each.
// CHECK-LABEL: func.func @batch(
// CHECK-SAME:    %[[U0:[^:]*]]: {{[^%]*}}%[[U1:[^:]*]]: {{[^%]*}}%[[A:[^:]*]]: {{[^%]*}}%[[B:[^:]*]]: {{[^%]*}}%[[C:[^:]*]]: {{[^%]*}}%[[V0:[^:]*]]: {{[^%]*}}%[[V1:[^:]*]]: tensor<6xf64>)
// CHECK-SAME:  \22operations\22:136,\22operations_unshared\22:260,\22peak_bytes\22:{{[0-9]+}},\22shared_steps\22:6,\22slices\22:1}"
// CHECK-NEXT:  %[[CV0:.*]] = tn.contract (%[[C]][k, l], %[[V0]][l]) -> [k]
// CHECK-NEXT:  %[[BCV0:.*]] = tn.contract (%[[CV0]][k], %[[B]][j, k]) -> [j]
// CHECK-NEXT:  %[[ABCV0:.*]] = tn.contract (%[[BCV0]][j], %[[A]][i, j]) -> [i]
// CHECK-NEXT:  %[[R00:.*]] = tn.contract (%[[ABCV0]][i], %[[U0]][i]) -> []
// CHECK-NEXT:  %[[CV1:.*]] = tn.contract (%[[C]][k, l], %[[V1]][l]) -> [k]
// CHECK-NEXT:  %[[BCV1:.*]] = tn.contract (%[[CV1]][k], %[[B]][j, k]) -> [j]
// CHECK-NEXT:  %[[ABCV1:.*]] = tn.contract (%[[BCV1]][j], %[[A]][i, j]) -> [i]
// CHECK-NEXT:  %[[R01:.*]] = tn.contract (%[[ABCV1]][i], %[[U0]][i]) -> []
// CHECK-NEXT:  %[[R10:.*]] = tn.contract (%[[ABCV0]][i], %[[U1]][i]) -> []
// CHECK-NEXT:  %[[R11:.*]] = tn.contract (%[[ABCV1]][i], %[[U1]][i]) -> []
// CHECK-NEXT:  return %[[R00]], %[[R01]], %[[R10]], %[[R11]]
// LEAST-LABEL: func.func @batch(
// LEAST-NOT:   shared_steps
// LEAST:       return
func.func @batch(%u0: tensor<3xf64>, %u1: tensor<3xf64>, %a: tensor<3x4xf64>, %b: tensor<4x5xf64>, %c: tensor<5x6xf64>, %v0: tensor<6xf64>,
                 %v1: tensor<6xf64>) -> (tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>) {
  %r00 = tn.contract (%u0[i], %a[i, j], %b[j, k], %c[k, l], %v0[l]) -> []
    : (tensor<3xf64>, tensor<3x4xf64>, tensor<4x5xf64>, tensor<5x6xf64>, tensor<6xf64>) -> tensor<f64>
  %r01 = tn.contract (%u0[i], %a[i, j], %b[j, k], %c[k, l], %v1[l]) -> []
    : (tensor<3xf64>, tensor<3x4xf64>, tensor<4x5xf64>, tensor<5x6xf64>, tensor<6xf64>) -> tensor<f64>
  %r10 = tn.contract (%u1[i], %a[i, j], %b[j, k], %c[k, l], %v0[l]) -> []
    : (tensor<3xf64>, tensor<3x4xf64>, tensor<4x5xf64>, tensor<5x6xf64>, tensor<6xf64>) -> tensor<f64>
  %r11 = tn.contract (%u1[i], %a[i, j], %b[j, k], %c[k, l], %v1[l]) -> []
    : (tensor<3xf64>, tensor<3x4xf64>, tensor<4x5xf64>, tensor<5x6xf64>, tensor<6xf64>) -> tensor<f64>
  return %r00, %r01, %r10, %r11 : tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>
}

// Gradients of u·A·B·v: the products from the left and from the right, and an outer product for each matrix. Indices may have
// other names in every contraction.
// CHECK-LABEL: func.func @gradients(
// CHECK-SAME:    %[[U:[^:]*]]: {{[^%]*}}%[[A:[^:]*]]: {{[^%]*}}%[[B:[^:]*]]: {{[^%]*}}%[[V:[^:]*]]: tensor<5xf64>)
// CHECK-NEXT:  %[[BV:.*]] = tn.contract (%[[B]][j, k], %[[V]][k]) -> [j]
// CHECK-NEXT:  %[[GU:.*]] = tn.contract (%[[BV]][j], %[[A]][i, j]) -> [i]
// CHECK-NEXT:  %[[GA:.*]] = tn.contract (%[[U]][x], %[[BV]][y]) -> [y, x]
// CHECK-NEXT:  %[[UA:.*]] = tn.contract (%[[U]][i], %[[A]][i, j]) -> [j]
// CHECK-NEXT:  %[[GB:.*]] = tn.contract (%[[UA]][j], %[[V]][k]) -> [j, k]
// CHECK-NEXT:  %[[GV:.*]] = tn.contract (%[[UA]][n], %[[B]][n, m]) -> [m]
// CHECK-NEXT:  return %[[GU]], %[[GA]], %[[GB]], %[[GV]]
func.func @gradients(%u: tensor<3xf64>, %a: tensor<3x4xf64>, %b: tensor<4x5xf64>, %v: tensor<5xf64>)
    -> (tensor<3xf64>, tensor<4x3xf64>, tensor<4x5xf64>, tensor<5xf64>) {
  %gu = tn.contract (%a[i, j], %b[j, k], %v[k]) -> [i] : (tensor<3x4xf64>, tensor<4x5xf64>, tensor<5xf64>) -> tensor<3xf64>
  %ga = tn.contract (%u[x], %b[y, k], %v[k]) -> [y, x] : (tensor<3xf64>, tensor<4x5xf64>, tensor<5xf64>) -> tensor<4x3xf64>
  %gb = tn.contract (%u[i], %a[i, j], %v[k]) -> [j, k] : (tensor<3xf64>, tensor<3x4xf64>, tensor<5xf64>) -> tensor<4x5xf64>
  %gv = tn.contract (%u[l], %a[l, n], %b[n, m]) -> [m] : (tensor<3xf64>, tensor<3x4xf64>, tensor<4x5xf64>) -> tensor<5xf64>
  return %gu, %ga, %gb, %gv : tensor<3xf64>, tensor<4x3xf64>, tensor<4x5xf64>, tensor<5xf64>
}

// The same product with other orders of operands and dimensions is one; a contraction of two operands that is there
// already goes.
// CHECK-LABEL: func.func @orders(
// CHECK-SAME:    %[[A:[^:]*]]: {{[^%]*}}%[[B:[^:]*]]: {{[^%]*}}%[[C:[^:]*]]: tensor<5x30xf64>)
// CHECK-NEXT:  %[[AB:.*]] = tn.contract (%[[A]][i, j], %[[B]][j, k]) -> [k, i]
// CHECK-NEXT:  %[[ABC:.*]] = tn.contract (%[[AB]][k, i], %[[C]][k, l]) -> [i, l]
// CHECK-NEXT:  %[[TURNED:.*]] = tn.contract (%[[ABC]][i, l]) -> [l, i]
// CHECK-NEXT:  return %[[ABC]], %[[AB]], %[[TURNED]]
func.func @orders(%a: tensor<3x4xf64>, %b: tensor<4x5xf64>, %c: tensor<5x30xf64>)
    -> (tensor<3x30xf64>, tensor<5x3xf64>, tensor<30x3xf64>) {
  %abc = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] : (tensor<3x4xf64>, tensor<4x5xf64>, tensor<5x30xf64>) -> tensor<3x30xf64>
  %ab = tn.contract (%b[p, q], %a[r, p]) -> [q, r] : (tensor<4x5xf64>, tensor<3x4xf64>) -> tensor<5x3xf64>
  %cba = tn.contract (%c[k, l], %b[j, k], %a[i, j]) -> [l, i] : (tensor<5x30xf64>, tensor<4x5xf64>, tensor<3x4xf64>) -> tensor<30x3xf64>
  return %abc, %ab, %cba : tensor<3x30xf64>, tensor<5x3xf64>, tensor<30x3xf64>
}

// A contraction of two operands that comes first is taken by those that follow.
// CHECK-LABEL: func.func @binary_first(
// CHECK-SAME:    %[[A:[^:]*]]: {{[^%]*}}%[[B:[^:]*]]: {{[^%]*}}%[[C:[^:]*]]: tensor<5x30xf64>)
// CHECK-NEXT:  %[[AB:.*]] = tn.contract (%[[B]][p, q], %[[A]][r, p]) -> [r, q]
// CHECK-NEXT:  %[[ABC:.*]] = tn.contract (%[[AB]][i, k], %[[C]][k, l]) -> [i, l]
// CHECK-NEXT:  return %[[AB]], %[[ABC]]
func.func @binary_first(%a: tensor<3x4xf64>, %b: tensor<4x5xf64>, %c: tensor<5x30xf64>) -> (tensor<3x5xf64>, tensor<3x30xf64>) {
  %ab = tn.contract (%b[p, q], %a[r, p]) -> [r, q] : (tensor<4x5xf64>, tensor<3x4xf64>) -> tensor<3x5xf64>
  %abc = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] : (tensor<3x4xf64>, tensor<4x5xf64>, tensor<5x30xf64>) -> tensor<3x30xf64>
  return %ab, %abc : tensor<3x5xf64>, tensor<3x30xf64>
}

// Another semiring is another value; another rounding of the result is another last step.
// CHECK-LABEL: func.func @kinds(
// CHECK-SAME:    %[[A:[^:]*]]: {{[^%]*}}%[[B:[^:]*]]: {{[^%]*}}%[[C:[^:]*]]: tensor<5x30xf32>)
// CHECK-NEXT:  %[[AB:.*]] = tn.contract (%[[A]][i, j], %[[B]][j, k]) -> [k, i] :
// CHECK-NEXT:  %[[R0:.*]] = tn.contract (%[[AB]][k, i], %[[C]][k, l]) -> [i, l] :
// CHECK-NEXT:  %[[MAX:.*]] = tn.contract (%[[A]][i, j], %[[B]][j, k]) -> [k, i] semiring(max_plus)
// CHECK-NEXT:  %[[R1:.*]] = tn.contract (%[[MAX]][k, i], %[[C]][k, l]) -> [i, l] semiring(max_plus)
// CHECK-NEXT:  %[[R2:.*]] = tn.contract (%[[A]][i, j], %[[B]][j, k]) -> [i, k] accumulate(f32) : {{.*}} -> tensor<3x5xf16>
// CHECK-NEXT:  %[[R3:.*]] = tn.contract (%[[AB]][k, i], %[[C]][k, l]) -> [i, l] accumulate(f32) : {{.*}} -> tensor<3x30xf16>
// CHECK-NEXT:  return %[[R0]], %[[R1]], %[[R2]], %[[R3]]
func.func @kinds(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>, %c: tensor<5x30xf32>)
    -> (tensor<3x30xf32>, tensor<3x30xf32>, tensor<3x5xf16>, tensor<3x30xf16>) {
  %0 = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l]
    : (tensor<3x4xf32>, tensor<4x5xf32>, tensor<5x30xf32>) -> tensor<3x30xf32>
  %1 = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] semiring(max_plus)
    : (tensor<3x4xf32>, tensor<4x5xf32>, tensor<5x30xf32>) -> tensor<3x30xf32>
  %2 = tn.contract (%a[i, j], %b[j, k]) -> [i, k] accumulate(f32) : (tensor<3x4xf32>, tensor<4x5xf32>) -> tensor<3x5xf16>
  %3 = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] accumulate(f32)
    : (tensor<3x4xf32>, tensor<4x5xf32>, tensor<5x30xf32>) -> tensor<3x30xf16>
  return %0, %1, %2, %3 : tensor<3x30xf32>, tensor<3x30xf32>, tensor<3x5xf16>, tensor<3x30xf16>
}

// A result is an operand like others. Operands that must be summed first are summed for every step that reads them.
// CHECK-LABEL: func.func @nested(
// CHECK:       %[[ABC:.*]] = tn.contract (%{{.*}}[k, i], %{{.*}}[k, l]) -> [i, l]
// CHECK-NEXT:  %[[ABCD:.*]] = tn.contract (%[[ABC]][i, l], %{{.*}}[l, m]) -> [i, m]
// CHECK-NEXT:  %[[SUM:.*]] = tn.contract (%{{.*}}[i, j]) -> [i]
// CHECK-NEXT:  %[[X:.*]] = tn.contract (%[[ABCD]][i, m], %[[SUM]][i]) -> [i, m]
// CHECK-NEXT:  %[[Y:.*]] = tn.contract (%[[ABCD]][i, m]) -> [m, i]
// CHECK-NEXT:  return %[[ABC]], %[[X]], %[[Y]]
func.func @nested(%a: tensor<3x4xf64>, %b: tensor<4x5xf64>, %c: tensor<5x30xf64>, %d: tensor<30x2xf64>)
    -> (tensor<3x30xf64>, tensor<3x2xf64>, tensor<2x3xf64>) {
  %abc = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] : (tensor<3x4xf64>, tensor<4x5xf64>, tensor<5x30xf64>) -> tensor<3x30xf64>
  %x = tn.contract (%abc[i, l], %d[l, m], %a[i, j]) -> [i, m] : (tensor<3x30xf64>, tensor<30x2xf64>, tensor<3x4xf64>) -> tensor<3x2xf64>
  %y = tn.contract (%d[l, m], %abc[i, l]) -> [m, i] : (tensor<30x2xf64>, tensor<3x30xf64>) -> tensor<2x3xf64>
  return %abc, %x, %y : tensor<3x30xf64>, tensor<3x2xf64>, tensor<2x3xf64>
}

// Given paths stay, and their equal steps are shared.
// CHECK-LABEL: func.func @given(
// CHECK-SAME:    %[[A:[^:]*]]: {{[^%]*}}%[[B:[^:]*]]: {{[^%]*}}%[[C:[^:]*]]: {{[^%]*}}%[[D:[^:]*]]: tensor<30x2xf64>)
// CHECK-NEXT:  %[[BC:.*]] = tn.contract (%[[B]][j, k], %[[C]][k, l]) -> [j, l]
// CHECK-NEXT:  %[[R:.*]] = tn.contract (%[[A]][i, j], %[[BC]][j, l]) -> [i, l]
// CHECK-NEXT:  %[[BCD:.*]] = tn.contract (%[[BC]][j, l], %[[D]][l, m]) -> [m, j]
// CHECK-NEXT:  return %[[R]], %[[BCD]]
func.func @given(%a: tensor<3x4xf64>, %b: tensor<4x5xf64>, %c: tensor<5x30xf64>, %d: tensor<30x2xf64>)
    -> (tensor<3x30xf64>, tensor<2x4xf64>) {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] {tn.path = array<i64: 1, 2, 0, 3>}
    : (tensor<3x4xf64>, tensor<4x5xf64>, tensor<5x30xf64>) -> tensor<3x30xf64>
  %s = tn.contract (%d[l, m], %b[j, k], %c[k, l]) -> [m, j] {tn.path = array<i64: 2, 1, 3, 0>}
    : (tensor<30x2xf64>, tensor<4x5xf64>, tensor<5x30xf64>) -> tensor<2x4xf64>
  return %r, %s : tensor<3x30xf64>, tensor<2x4xf64>
}

// A value of a slice is no value outside: blocks are planned apart.
// CHECK-LABEL: func.func @blocks(
// CHECK:       tn.slice
// CHECK-COUNT-2: tn.contract
// CHECK:       tn.yield
// CHECK-COUNT-2: tn.contract
// CHECK:       return
func.func @blocks(%a: tensor<3x4xf64>, %b: tensor<4x5xf64>, %c: tensor<5x30xf64>) -> (tensor<3x30xf64>, tensor<3x30xf64>) {
  %s = tn.slice (%i in 2) -> (tensor<3x30xf64> [sum]) {
    %0 = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] : (tensor<3x4xf64>, tensor<4x5xf64>, tensor<5x30xf64>) -> tensor<3x30xf64>
    tn.yield %0 : tensor<3x30xf64>
  }
  %1 = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] : (tensor<3x4xf64>, tensor<4x5xf64>, tensor<5x30xf64>) -> tensor<3x30xf64>
  return %s, %1 : tensor<3x30xf64>, tensor<3x30xf64>
}

// STATS: 18 shared-steps: steps of plans that are not, since another one has their value

// A contraction of two operands that sums within one of them counts all of its multiply-adds, whatever is planned beside it.
// CHECK-LABEL: func.func @sums_within
// CHECK-SAME: \22operands\22:2,\22operations\22:6000,
// CHECK-SAME: \22operations\22:6064,
func.func @sums_within(%a: tensor<2x3xf64>, %b: tensor<2x1000x3xf64>, %c: tensor<3x4xf64>, %d: tensor<4x5xf64>, %e: tensor<5x2xf64>) -> (tensor<f64>, tensor<3x2xf64>) {
  %r = tn.contract (%a[i, k], %b[i, j, k]) -> [] : (tensor<2x3xf64>, tensor<2x1000x3xf64>) -> tensor<f64>
  %s = tn.contract (%c[i, j], %d[j, k], %e[k, l]) -> [i, l] : (tensor<3x4xf64>, tensor<4x5xf64>, tensor<5x2xf64>) -> tensor<3x2xf64>
  return %r, %s : tensor<f64>, tensor<3x2xf64>
}

// Each contraction says which results of the function it computes: the first two, the next none, the last one by way of a cast.
// What is two results would be computed twice if nothing were shared.
// CHECK-LABEL: func.func @results(
// CHECK-SAME: \22operands\22:3,{{[^}]*}}\22results\22:[0,2],
// CHECK-SAME: \22operands\22:3,{{[^}]*}}\22results\22:[],
// CHECK-SAME: \22operands\22:3,{{[^}]*}}\22results\22:[1],
// CHECK-SAME: \22operations\22:19200,\22operations_unshared\22:25600,{{.*}}\22shared_steps\22:2,
func.func @results(%a: tensor<2x30xf64>, %b: tensor<30x40xf64>, %c: tensor<40x50xf64>)
    -> (tensor<2x50xf64>, tensor<?x2xf64>, tensor<2x50xf64>) {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] : (tensor<2x30xf64>, tensor<30x40xf64>, tensor<40x50xf64>) -> tensor<2x50xf64>
  %s = tn.contract (%r[i, l], %c[k, l], %b[j, k]) -> [i, j] : (tensor<2x50xf64>, tensor<40x50xf64>, tensor<30x40xf64>) -> tensor<2x30xf64>
  %t = tn.contract (%s[i, j], %b[j, k], %c[k, l]) -> [l, i] : (tensor<2x30xf64>, tensor<30x40xf64>, tensor<40x50xf64>) -> tensor<50x2xf64>
  %u = tensor.cast %t : tensor<50x2xf64> to tensor<?x2xf64>
  return %r, %u, %r : tensor<2x50xf64>, tensor<?x2xf64>, tensor<2x50xf64>
}

// Where there is no network, two products of the same values are one all the same.
// CHECK-LABEL: func.func @binary_only(
// CHECK-SAME:    %[[A:[^:]*]]: {{[^%]*}}%[[B:[^:]*]]: tensor<4x5xf64>)
// CHECK-SAME:  \22operations\22:60,\22operations_unshared\22:120,
// CHECK-NEXT:  %[[AB:.*]] = tn.contract (%[[A]][i, j], %[[B]][j, k]) -> [i, k]
// CHECK-NEXT:  %[[BA:.*]] = tn.contract (%[[AB]][x, z]) -> [z, x]
// CHECK-NEXT:  return %[[AB]], %[[BA]]
func.func @binary_only(%a: tensor<3x4xf64>, %b: tensor<4x5xf64>) -> (tensor<3x5xf64>, tensor<5x3xf64>) {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<3x4xf64>, tensor<4x5xf64>) -> tensor<3x5xf64>
  %s = tn.contract (%b[y, z], %a[x, y]) -> [z, x] : (tensor<4x5xf64>, tensor<3x4xf64>) -> tensor<5x3xf64>
  return %r, %s : tensor<3x5xf64>, tensor<5x3xf64>
}
