// RUN: tenon-opt %s --tn-plan -split-input-file -verify-diagnostics

func.func @odd(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x7xf32>) -> tensor<4x7xf32> {
  // expected-error @below {{'tn.taken' and 'tn.nodes' belong together: an array of i64 with two numbers for each step that was taken, and one with a number for each operand}}
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] {tn.taken = array<i64: 1, 2, 3>, tn.nodes = array<i64: 0, 1, 2>} : (tensor<4x5xf32>, tensor<5x6xf32>, tensor<6x7xf32>) -> tensor<4x7xf32>
  return %r : tensor<4x7xf32>
}

// -----

func.func @alone(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>) -> tensor<4x6xf32> {
  // expected-error @below {{belong together}}
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k] {tn.nodes = array<i64: 0, 1>} : (tensor<4x5xf32>, tensor<5x6xf32>) -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}

// -----

func.func @twice(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x7xf32>) -> tensor<4x7xf32> {
  // expected-error @below {{'tn.taken' and 'tn.nodes' must use each of the 4 operands as read, and each step's result, once}}
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] {tn.taken = array<i64: 1, 2>, tn.nodes = array<i64: 0, 4, 1>} : (tensor<4x5xf32>, tensor<5x6xf32>, tensor<6x7xf32>) -> tensor<4x7xf32>
  return %r : tensor<4x7xf32>
}

// -----

func.func @far(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x7xf32>) -> tensor<4x7xf32> {
  // expected-error @below {{must use each of the 2 operands}}
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] {tn.taken = array<i64>, tn.nodes = array<i64: 0, 9223372036854775807, -2>} : (tensor<4x5xf32>, tensor<5x6xf32>, tensor<6x7xf32>) -> tensor<4x7xf32>
  return %r : tensor<4x7xf32>
}
