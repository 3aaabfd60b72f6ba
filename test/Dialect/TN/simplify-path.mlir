// RUN: tenon-opt %s --tn-simplify=keep-path=true | FileCheck %s
// RUN: tenon-opt %s --tn-simplify | FileCheck %s --check-prefix=PLAIN --implicit-check-not=tn.taken
// RUN: tenon-opt %s --tenon-plan-stage | FileCheck %s --check-prefix=PLAN --implicit-check-not=tn.taken --implicit-check-not=tn.nodes
// RUN: tenon-opt %s --tn-simplify=keep-path=true --tn-simplify=keep-path=true | FileCheck %s --check-prefix=TWICE
// The attributes change nothing of what is computed.
// RUN: tenon-opt %s --tn-simplify=keep-path=true -o %t.mlir
// RUN: tenon-run %t.mlir --entry=steps --random=1 --check
// RUN: tenon-run %t.mlir --entry=nested --random=2 --check
// RUN: tenon-run %t.mlir --entry=pair --random=3 --check
// RUN: tenon-run %t.mlir --entry=constants --random=4 --check

// PLAIN: func.func @steps

// The identity (1) goes with the matrix that has its index (0), the vector (3) into that: of 6 operands, these steps are
// 6 and 7. What remains is 2, 4, 5 and 7.
// CHECK-LABEL: func.func @steps
// CHECK: tn.contract (%arg2[k], %arg0[i, k])
// CHECK: tn.contract (%arg1[k, l], %arg3[l, m], %arg4[m, n], %{{.*}}[k, i])
// CHECK-SAME: {tn.nodes = array<i64: 2, 4, 5, 7>, tn.taken = array<i64: 0, 1, 3, 6>}
// TWICE-LABEL: func.func @steps
// TWICE-NOT: tn.taken
// TWICE: return
// The planner's steps are over what remains, and continue those.
// PLAN-LABEL: func.func @steps
// PLAN-SAME: \22original_operands\22:6,\22original_path\22:{{\[\[}}0,1],[3,6],[4,5],[2,8],[9,7]],\22path\22:{{\[\[}}1,2],[0,4],[5,3]]
func.func @steps(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %w: tensor<5xf32>, %c: tensor<6x7xf32>, %d: tensor<7x3xf32>) -> tensor<4x3xf32> {
  %i = tn.delta : tensor<5x5xf32>
  %r = tn.contract (%a[i, j], %i[j, k], %b[k, l], %w[k], %c[l, m], %d[m, n]) -> [i, n] : (tensor<4x5xf32>, tensor<5x5xf32>, tensor<5x6xf32>, tensor<5xf32>, tensor<6x7xf32>, tensor<7x3xf32>) -> tensor<4x3xf32>
  return %r : tensor<4x3xf32>
}

// Operands are numbered as they are read: those of a contraction that is joined where it stands.
// CHECK-LABEL: func.func @nested
// CHECK: tn.contract {{.*}}{tn.nodes = array<i64: 0, 1, 2, 3>, tn.taken = array<i64>}
func.func @nested(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x7xf32>, %d: tensor<7x3xf32>) -> tensor<4x3xf32> {
  %t = tn.contract (%b[k, l], %c[l, m]) -> [k, m] : (tensor<5x6xf32>, tensor<6x7xf32>) -> tensor<5x7xf32>
  %r = tn.contract (%a[i, k], %t[k, m], %d[m, n]) -> [i, n] : (tensor<4x5xf32>, tensor<5x7xf32>, tensor<7x3xf32>) -> tensor<4x3xf32>
  return %r : tensor<4x3xf32>
}

// What is contracted with one other remains a step of its own, and needs no plan.
// CHECK-LABEL: func.func @pair
// CHECK: {tn.nodes = array<i64: 1, 3>, tn.taken = array<i64: 0, 2>}
// PLAN-LABEL: func.func @pair
// PLAN-SAME: \22original_operands\22:3,\22original_path\22:{{\[\[}}0,2],[1,3]]
func.func @pair(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<5x4xf32>) -> tensor<4x6xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[j, i]) -> [i, k] : (tensor<4x5xf32>, tensor<5x6xf32>, tensor<5x4xf32>) -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}

// Constants (1 and 4) that are multiplied when compiling; a factor of one (2) goes with the first operand.
// CHECK-LABEL: func.func @constants
// CHECK: tn.contract {{.*}}{tn.nodes = array<i64: 7, 3, 5, 6>, tn.taken = array<i64: 1, 4, 0, 2>}
// PLAN-LABEL: func.func @constants
// PLAN-SAME: \22original_operands\22:6
func.func @constants(%a: tensor<4x2x3xf32>, %b: tensor<3x5x2xf32>, %d: tensor<5x4xf32>) -> tensor<4x4xf32> {
  %x = tn.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %y = tn.constant dense<[[0.0, 1.0], [1.0, 5.0]]> : tensor<2x2xf32>
  %one = tn.constant dense<1.0> : tensor<f32>
  %r = tn.contract (%a[i, p, j], %x[p, q], %one[], %b[j, k, s], %y[q, s], %d[k, l]) -> [i, l] : (tensor<4x2x3xf32>, tensor<2x2xf32>, tensor<f32>, tensor<3x5x2xf32>, tensor<2x2xf32>, tensor<5x4xf32>) -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}

// Nothing changed, nothing to tell; nothing left, nobody to tell.
// CHECK-LABEL: func.func @same
// CHECK-NOT: tn.taken
// PLAN-LABEL: func.func @same
// PLAN-NOT: original_path
// PLAN: return
func.func @same(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x7xf32>) -> tensor<4x7xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] : (tensor<4x5xf32>, tensor<5x6xf32>, tensor<6x7xf32>) -> tensor<4x7xf32>
  return %r : tensor<4x7xf32>
}

// CHECK-LABEL: func.func @folded
// CHECK-NOT: tn.contract
// CHECK: return
func.func @folded() -> tensor<2xf32> {
  %x = tn.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %r = tn.contract (%x[p, q], %x[q, s], %x[s, t]) -> [t] : (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

// Two networks that become equal are one all the same.
// CHECK-LABEL: func.func @equal
// CHECK: tn.contract
// CHECK-NOT: tn.contract
// CHECK: return
func.func @equal(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>) -> (tensor<4x6xf32>, tensor<4x6xf32>) {
  %i = tn.delta : tensor<5x5xf32>
  %r = tn.contract (%a[i, j], %i[j, k], %b[k, l]) -> [i, l] : (tensor<4x5xf32>, tensor<5x5xf32>, tensor<5x6xf32>) -> tensor<4x6xf32>
  %s = tn.contract (%i[j, k], %a[i, j], %b[k, l]) -> [i, l] : (tensor<5x5xf32>, tensor<4x5xf32>, tensor<5x6xf32>) -> tensor<4x6xf32>
  return %r, %s : tensor<4x6xf32>, tensor<4x6xf32>
}
