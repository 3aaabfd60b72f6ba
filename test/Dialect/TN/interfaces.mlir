// What upstream passes learn from the interfaces of tn operations.

// RUN: tenon-opt %s --inline | FileCheck %s --check-prefix=INLINE
// RUN: tenon-opt %s --cse | FileCheck %s --check-prefix=CSE
// RUN: tenon-opt %s --sccp | FileCheck %s --check-prefix=SCCP
// RUN: tenon-opt %s --loop-invariant-code-motion | FileCheck %s --check-prefix=LICM
// RUN: tenon-opt %s --resolve-ranked-shaped-type-result-dims --canonicalize | FileCheck %s --check-prefix=DIM
// RUN: tenon-opt %s --canonicalize | FileCheck %s --check-prefix=DEAD

// DialectInlinerInterface: calls disappear, also from the body of a slice.
// INLINE-LABEL: func.func @caller(
// INLINE-NOT:   call
// INLINE:       tn.slice
// INLINE:         tn.contract (%{{.*}}[i], %{{.*}}[i]) -> []
// INLINE-NEXT:    tn.yield
// INLINE:       tn.conj
// INLINE-NOT:   call
// INLINE:       return
func.func private @dot(%a: tensor<5xf64>, %b: tensor<5xf64>) -> tensor<f64> {
  %r = tn.contract (%a[i], %b[i]) -> [] : (tensor<5xf64>, tensor<5xf64>) -> tensor<f64>
  return %r : tensor<f64>
}
func.func private @sliced(%a: tensor<4x5xf64>, %b: tensor<5xf64>) -> tensor<4xf64> {
  %r = tn.slice (%i in 4) -> (tensor<4xf64> [0]) {
    %x = tensor.extract_slice %a[%i, 0] [1, 5] [1, 1] : tensor<4x5xf64> to tensor<5xf64>
    %y = func.call @dot(%x, %b) : (tensor<5xf64>, tensor<5xf64>) -> tensor<f64>
    tn.yield %y : tensor<f64>
  }
  return %r : tensor<4xf64>
}
func.func private @bra(%a: tensor<3xcomplex<f32>>) -> tensor<3xcomplex<f32>> {
  %r = tn.conj %a : tensor<3xcomplex<f32>>
  return %r : tensor<3xcomplex<f32>>
}
func.func @caller(%a: tensor<4x5xf64>, %b: tensor<5xf64>, %c: tensor<3xcomplex<f32>>) -> (tensor<4xf64>, tensor<3xcomplex<f32>>) {
  %r = call @sliced(%a, %b) : (tensor<4x5xf64>, tensor<5xf64>) -> tensor<4xf64>
  %s = call @bra(%c) : (tensor<3xcomplex<f32>>) -> tensor<3xcomplex<f32>>
  return %r, %s : tensor<4xf64>, tensor<3xcomplex<f32>>
}

// Pure: equal contractions are one, whatever their indices are called; a different order of the output is another.
// CSE-LABEL: func.func @equal(
// CSE:       %[[X:.*]] = tn.contract
// CSE:       %[[Y:.*]] = tn.contract
// CSE-NOT:   tn.contract
// CSE:       return %[[X]], %[[X]], %[[Y]]
func.func @equal(%a: tensor<4x5xf32>, %b: tensor<5x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>) {
  %x = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<4x5xf32>, tensor<5x4xf32>) -> tensor<4x4xf32>
  %y = tn.contract (%a[p, q], %b[q, r]) -> [p, r] : (tensor<4x5xf32>, tensor<5x4xf32>) -> tensor<4x4xf32>
  %z = tn.contract (%a[i, j], %b[j, k]) -> [k, i] : (tensor<4x5xf32>, tensor<5x4xf32>) -> tensor<4x4xf32>
  return %x, %y, %z : tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>
}

// Pure: what nobody reads goes, a slice with its body included.
// DEAD-LABEL: func.func @unused(
// DEAD-NEXT:  return
func.func @unused(%a: tensor<4x5xf32>, %n: index) {
  %x = tn.contract (%a[i, j]) -> [j, i] : (tensor<4x5xf32>) -> tensor<5x4xf32>
  %y = tn.slice (%i in 4) -> (tensor<5xf32> [sum]) {
    %z = tensor.extract_slice %a[%i, 0] [1, 5] [1, 1] : tensor<4x5xf32> to tensor<5xf32>
    tn.yield %z : tensor<5xf32>
  }
  %d = tn.delta %n : tensor<?x?xf32>
  %c = tn.constant dense<[1.0, 2.0]> : tensor<2xf32>
  return
}

// ConstantLike: a constant reaches its use in the callee, and is folded there and materialised as a tn.constant.
// SCCP-LABEL: func.func private @conjugate(
// SCCP:       tn.constant dense<[(1.000000e+00,-2.000000e+00), (3.000000e+00,4.000000e+00)]>
// SCCP-NOT:   tn.conj
// SCCP:       return
func.func private @conjugate(%a: tensor<2xcomplex<f64>>) -> tensor<2xcomplex<f64>> {
  %r = tn.conj %a : tensor<2xcomplex<f64>>
  return %r : tensor<2xcomplex<f64>>
}
func.func @constant() -> tensor<2xcomplex<f64>> {
  %c = tn.constant dense<[(1.0, 2.0), (3.0, -4.0)]> : tensor<2xcomplex<f64>>
  %r = call @conjugate(%c) : (tensor<2xcomplex<f64>>) -> tensor<2xcomplex<f64>>
  return %r : tensor<2xcomplex<f64>>
}

// LoopLikeOpInterface of tn.slice, and contractions that may be moved out of any loop.
// LICM-LABEL: func.func @invariant(
// LICM-SAME:    %[[A:.*]]: tensor<4x5xf32>, %[[B:.*]]: tensor<5x6xf32>
// LICM:       %[[X:.*]] = tn.contract (%[[B]][j, k]) -> [j]
// LICM:       tn.slice
// LICM-NEXT:    tensor.extract_slice
// LICM-NEXT:    tn.contract (%{{.*}}[j], %[[X]][j]) -> []
// LICM:       %[[Y:.*]] = tn.contract (%[[B]][j, k]) -> [k]
// LICM:       scf.for
// LICM-NEXT:    scf.yield %[[Y]]
func.func @invariant(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %n: index) -> (tensor<4xf32>, tensor<6xf32>) {
  %r = tn.slice (%i in 4) -> (tensor<4xf32> [0]) {
    %x = tn.contract (%b[j, k]) -> [j] : (tensor<5x6xf32>) -> tensor<5xf32>
    %y = tensor.extract_slice %a[%i, 0] [1, 5] [1, 1] : tensor<4x5xf32> to tensor<5xf32>
    %z = tn.contract (%y[j], %x[j]) -> [] : (tensor<5xf32>, tensor<5xf32>) -> tensor<f32>
    tn.yield %z : tensor<f32>
  }
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %init = tensor.empty() : tensor<6xf32>
  %s = scf.for %i = %zero to %n step %one iter_args(%old = %init) -> tensor<6xf32> {
    %x = tn.contract (%b[j, k]) -> [k] : (tensor<5x6xf32>) -> tensor<6xf32>
    scf.yield %x : tensor<6xf32>
  }
  return %r, %s : tensor<4xf32>, tensor<6xf32>
}

// ReifyRankedShapedTypeOpInterface: a dimension of a result is one of an operand, static where any operand knows it.
// DIM-LABEL: func.func @dimensions(
// DIM-SAME:    %[[A:.*]]: tensor<?x?xf32>, %[[B:.*]]: tensor<?x?x7xf32>, %[[C:.*]]: tensor<?x?xcomplex<f32>>, %[[N:.*]]: index)
// DIM-DAG:   %[[C1:.*]] = arith.constant 1 : index
// DIM-DAG:   %[[C7:.*]] = arith.constant 7 : index
// DIM-DAG:   %[[I:.*]] = tensor.dim %[[B]], %[[C1]]
// DIM-DAG:   %[[K:.*]] = tensor.dim %[[C]], %[[C1]]
// DIM:       return %[[I]], %[[C7]], %[[K]], %[[N]]
func.func @dimensions(%a: tensor<?x?xf32>, %b: tensor<?x?x7xf32>, %c: tensor<?x?xcomplex<f32>>, %n: index) -> (index, index, index, index) {
  %one = arith.constant 1 : index
  %zero = arith.constant 0 : index
  %x = tn.contract (%a[k, j], %b[j, i, k]) -> [i, k] : (tensor<?x?xf32>, tensor<?x?x7xf32>) -> tensor<?x?xf32>
  %0 = tensor.dim %x, %zero : tensor<?x?xf32>
  %1 = tensor.dim %x, %one : tensor<?x?xf32>
  %y = tn.conj %c : tensor<?x?xcomplex<f32>>
  %2 = tensor.dim %y, %one : tensor<?x?xcomplex<f32>>
  %d = tn.delta %n : tensor<?x?x?xi64>
  %3 = tensor.dim %d, %one : tensor<?x?x?xi64>
  return %0, %1, %2, %3 : index, index, index, index
}
