// Extents that are known at run time: they follow from the arrays, or for --random from hints.

// RUN: tenon-run %s --entry=product --random=61 --check | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=conj --random=62 --check | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=chain --random=63 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=delta --random=65 --check | FileCheck %s --check-prefix=EXACT
// EXACT: check: result 0: equal
// BOUND: check: result 0: agrees

// RUN: not tenon-run %s --entry=contradiction --random=64 --check 2>&1 | FileCheck %s --check-prefix=CONTRADICTION
// CONTRADICTION: tenon-run: error: {{.*}}4{{.*}}5

func.func @product(%a: tensor<?x4xi32> {tn.hint = array<i64: 3, 4>}, %b: tensor<4x?xi32> {tn.hint = array<i64: 4, 5>}) -> tensor<?x?xi32> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] : (tensor<?x4xi32>, tensor<4x?xi32>) -> tensor<?x?xi32>
  return %r : tensor<?x?xi32>
}

func.func @conj(%a: tensor<?x?xcomplex<f32>> {tn.hint = array<i64: 3, 4>}) -> tensor<?x?xcomplex<f32>> {
  %b = tn.conj %a : tensor<?x?xcomplex<f32>>
  %r = tn.contract (%a[i, k], %b[j, k]) -> [i, j] : (tensor<?x?xcomplex<f32>>, tensor<?x?xcomplex<f32>>) -> tensor<?x?xcomplex<f32>>
  return %r : tensor<?x?xcomplex<f32>>
}

func.func @chain(%a: tensor<?x?xi64> {tn.hint = array<i64: 3, 4>}, %b: tensor<?x?x2xi64> {tn.hint = array<i64: 4, 5, 2>}, %c: tensor<?x7xi64> {tn.hint = array<i64: 5, 7>}) -> tensor<7x2x?xi64> {
  %r = tn.contract (%a[i, j], %b[j, k, b], %c[k, l]) -> [l, b, i] : (tensor<?x?xi64>, tensor<?x?x2xi64>, tensor<?x7xi64>) -> tensor<7x2x?xi64>
  return %r : tensor<7x2x?xi64>
}

func.func @contradiction(%a: tensor<3x?xf32> {tn.hint = array<i64: 3, 4>}, %b: tensor<?x2xf32> {tn.hint = array<i64: 5, 2>}) -> tensor<3x2xf32> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [i, j] : (tensor<3x?xf32>, tensor<?x2xf32>) -> tensor<3x2xf32>
  return %r : tensor<3x2xf32>
}

func.func @delta(%a: tensor<?x3xi32> {tn.hint = array<i64: 4, 3>}) -> tensor<?x3xi32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a, %c0 : tensor<?x3xi32>
  %d = tn.delta %n : tensor<?x?xi32>
  %r = tn.contract (%a[i, k], %d[i, j]) -> [j, k] : (tensor<?x3xi32>, tensor<?x?xi32>) -> tensor<?x3xi32>
  return %r : tensor<?x3xi32>
}
