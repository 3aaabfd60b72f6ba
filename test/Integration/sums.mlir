// Sums of one operand, over rows, along rows, over both, and traces: compiled code agrees with the interpreter.

// RUN: tenon-run %s --entry=over_rows --random=7 --check | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=along_rows --random=7 --check | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=permuted --random=7 --check | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=complex --random=7 --check | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=integers --random=7 --check | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=largest --random=7 --check | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=trace --random=7 --check | FileCheck %s --check-prefix=BOUND

// EXACT: {{^}}check: result 0: equal{{$}}
// BOUND: {{^}}check: result 0: agrees: max error {{[^ ]+}}, bound there

func.func @over_rows(%a: tensor<37x5x19xf32>) -> tensor<5x19xf32> {
  %r = tn.contract (%a[i, j, k]) -> [j, k] : (tensor<37x5x19xf32>) -> tensor<5x19xf32>
  return %r : tensor<5x19xf32>
}

func.func @along_rows(%a: tensor<37x5x19xf64>) -> tensor<5x37xf64> {
  %r = tn.contract (%a[i, j, k]) -> [j, i] : (tensor<37x5x19xf64>) -> tensor<5x37xf64>
  return %r : tensor<5x37xf64>
}

func.func @permuted(%a: tensor<7x11x13x6xf32>) -> tensor<6x11xf32> {
  %r = tn.contract (%a[i, j, k, l]) -> [l, j] : (tensor<7x11x13x6xf32>) -> tensor<6x11xf32>
  return %r : tensor<6x11xf32>
}

func.func @complex(%a: tensor<31x9xcomplex<f32>>) -> tensor<9xcomplex<f32>> {
  %r = tn.contract (%a[i, j]) -> [j] : (tensor<31x9xcomplex<f32>>) -> tensor<9xcomplex<f32>>
  return %r : tensor<9xcomplex<f32>>
}

func.func @integers(%a: tensor<31x9x4xi8>) -> tensor<4x9xi8> {
  %r = tn.contract (%a[i, j, k]) -> [k, j] : (tensor<31x9x4xi8>) -> tensor<4x9xi8>
  return %r : tensor<4x9xi8>
}

func.func @largest(%a: tensor<31x9x4xi32>) -> tensor<4x9xi32> {
  %r = tn.contract (%a[i, j, k]) -> [k, j] semiring(max_plus) : (tensor<31x9x4xi32>) -> tensor<4x9xi32>
  return %r : tensor<4x9xi32>
}

func.func @trace(%a: tensor<17x5x17xf32>) -> tensor<5xf32> {
  %r = tn.contract (%a[i, j, i]) -> [j] : (tensor<17x5x17xf32>) -> tensor<5xf32>
  return %r : tensor<5xf32>
}
