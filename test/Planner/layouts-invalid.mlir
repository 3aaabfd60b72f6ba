// RUN: tenon-opt %s -verify-diagnostics -tn-propagate-layouts -split-input-file
// RUN: not tenon-opt %s -split-input-file -tn-propagate-layouts=rounds=-1 2>&1 | FileCheck %s --check-prefix=RANGE
// RUN: not tenon-opt %s -split-input-file -tn-propagate-layouts=candidates=0 2>&1 | FileCheck %s --check-prefix=RANGE
// RUN: not tenon-opt %s -split-input-file -tn-propagate-layouts=packing=none 2>&1 | FileCheck %s --check-prefix=PACKING

// RANGE: tn-propagate-layouts: rounds is at least 0 and candidates at least 1; found
// PACKING: tn-propagate-layouts: packing is six numbers of a processor, as in 512/32/1/32768/1048576/16777216 {{.*}}; found 'none'

func.func @rank(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x7xf32>) -> tensor<4x7xf32> {
  // expected-error @below {{'tn.layout' is a #tn.layout<…> of the 2 dimensions of the result, found #tn.layout<0, 2, 1>}}
  %0 = tn.contract (%a[i, j], %b[j, k]) -> [i, k] {tn.layout = #tn.layout<0, 2, 1>} : (tensor<4x5xf32>, tensor<5x6xf32>) -> tensor<4x6xf32>
  %1 = tn.contract (%0[i, k], %c[k, l]) -> [i, l] : (tensor<4x6xf32>, tensor<6x7xf32>) -> tensor<4x7xf32>
  return %1 : tensor<4x7xf32>
}

// -----

func.func @kind(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x7xf32>) -> tensor<4x7xf32> {
  // expected-error @below {{'tn.layout' is a #tn.layout<…> of the 2 dimensions of the result, found array<i64: 1, 0>}}
  %0 = tn.contract (%a[i, j], %b[j, k]) -> [i, k] {tn.layout = array<i64: 1, 0>} : (tensor<4x5xf32>, tensor<5x6xf32>) -> tensor<4x6xf32>
  %1 = tn.contract (%0[i, k], %c[k, l]) -> [i, l] : (tensor<4x6xf32>, tensor<6x7xf32>) -> tensor<4x7xf32>
  return %1 : tensor<4x7xf32>
}

// -----

func.func @result(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>) -> tensor<4x6xf32> {
  // expected-error @below {{'tn.layout' is for tensors that only contractions of one or two operands read}}
  %0 = tn.contract (%a[i, j], %b[j, k]) -> [i, k] {tn.layout = #tn.layout<1, 0>} : (tensor<4x5xf32>, tensor<5x6xf32>) -> tensor<4x6xf32>
  // expected-note @below {{this operation needs the dimensions in their order}}
  return %0 : tensor<4x6xf32>
}

// -----

// expected-error @below {{#tn.layout lists the dimensions 0 to 2, each once; found 0, 2, 2}}
#twice = #tn.layout<0, 2, 2>
func.func @twice(%a: tensor<4x5xf32>) -> tensor<4x5xf32> {
  return %a : tensor<4x5xf32>
}
