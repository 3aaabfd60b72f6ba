// RUN: tenon-opt %s -tn-plan=min-slices=2 -split-input-file -verify-diagnostics

func.func @odd(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x7xf32>) -> tensor<4x7xf32> {
  // expected-error @below {{cannot be planned: tn.path is an array of i64 with an even number of entries}}
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] {tn.path = array<i64: 1, 2, 0>}
     : (tensor<4x5xf32>, tensor<5x6xf32>, tensor<6x7xf32>) -> tensor<4x7xf32>
  return %r : tensor<4x7xf32>
}

// -----

func.func @no_such_operand(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x7xf32>) -> tensor<4x7xf32> {
  // expected-error @below {{tn.path: step 0 of the path names tensor 3, which does not exist there; expected 0 to 2}}
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] {tn.path = array<i64: 1, 3, 0, 2>}
     : (tensor<4x5xf32>, tensor<5x6xf32>, tensor<6x7xf32>) -> tensor<4x7xf32>
  return %r : tensor<4x7xf32>
}

// -----

func.func @used_twice(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x7xf32>) -> tensor<4x7xf32> {
  // expected-error @below {{tn.path: step 1 of the path names tensor 1, which step 0 already contracted; each tensor is used once}}
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] {tn.path = array<i64: 1, 2, 1, 3>}
     : (tensor<4x5xf32>, tensor<5x6xf32>, tensor<6x7xf32>) -> tensor<4x7xf32>
  return %r : tensor<4x7xf32>
}

// -----

func.func @no_such_index(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x7xf32>) -> tensor<4x7xf32> {
  // expected-error @below {{tn.sliced: 4 is not the number of an index, or is repeated}}
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] {tn.path = array<i64: 0, 1, 2, 3>, tn.sliced = array<i64: 4>}
     : (tensor<4x5xf32>, tensor<5x6xf32>, tensor<6x7xf32>) -> tensor<4x7xf32>
  return %r : tensor<4x7xf32>
}

// -----

func.func @repeated_index(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x7xf32>) -> tensor<4x7xf32> {
  // expected-error @below {{tn.sliced: 1 is not the number of an index, or is repeated}}
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] {tn.path = array<i64: 0, 1, 2, 3>, tn.sliced = array<i64: 1, 1>}
     : (tensor<4x5xf32>, tensor<5x6xf32>, tensor<6x7xf32>) -> tensor<4x7xf32>
  return %r : tensor<4x7xf32>
}

// -----

func.func @no_numbers(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x7xf32>) -> tensor<4x7xf32> {
  // expected-error @below {{cannot be planned: tn.sliced is an array of i64}}
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] {tn.path = array<i64: 0, 1, 2, 3>, tn.sliced = [1]}
     : (tensor<4x5xf32>, tensor<5x6xf32>, tensor<6x7xf32>) -> tensor<4x7xf32>
  return %r : tensor<4x7xf32>
}

// -----

// Every slice would add the whole sum over z once more.
func.func @summed_before(%a: tensor<4x5x9xf32>, %b: tensor<5x6xf32>, %c: tensor<6x7xf32>) -> tensor<4x7xf32> {
  // expected-error @below {{tn.sliced: index 'z' is summed within its only operand, before any step; leave it out}}
  %r = tn.contract (%a[i, j, z], %b[j, k], %c[k, l]) -> [i, l] {tn.path = array<i64: 0, 1, 2, 3>, tn.sliced = array<i64: 2>}
     : (tensor<4x5x9xf32>, tensor<5x6xf32>, tensor<6x7xf32>) -> tensor<4x7xf32>
  return %r : tensor<4x7xf32>
}

// -----

func.func @one_operand(%a: tensor<4x5xf32>) -> tensor<5xf32> {
  // expected-error @below {{tn.sliced: a contraction of one operand has no step to slice; leave tn.sliced out}}
  %r = tn.contract (%a[i, j]) -> [j] {tn.path = array<i64>, tn.sliced = array<i64: 0>} : (tensor<4x5xf32>) -> tensor<5xf32>
  return %r : tensor<5xf32>
}

// -----

func.func @no_path(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x7xf32>) -> tensor<4x7xf32> {
  // expected-error @below {{tn.sliced belongs to a tn.path, which is missing; give both, or use the option min-slices}}
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] {tn.sliced = array<i64: 1>}
     : (tensor<4x5xf32>, tensor<5x6xf32>, tensor<6x7xf32>) -> tensor<4x7xf32>
  return %r : tensor<4x7xf32>
}

// -----

func.func @too_few_slices(%a: tensor<4x5xf32>, %b: tensor<5x1xf32>, %c: tensor<1x7xf32>) -> tensor<4x7xf32> {
  // expected-error @below {{the given tn.sliced makes 1 slices, min-slices asks for 2; slice more indices, or give no slices}}
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] {tn.path = array<i64: 0, 1, 2, 3>, tn.sliced = array<i64: 2>}
     : (tensor<4x5xf32>, tensor<5x1xf32>, tensor<1x7xf32>) -> tensor<4x7xf32>
  return %r : tensor<4x7xf32>
}

// -----

func.func @dynamic(%a: tensor<?x5xf32> {tn.hint = array<i64: 4, 5>}, %b: tensor<5x6xf32>, %c: tensor<6x7xf32>) -> tensor<?x7xf32> {
  // expected-error @below {{cannot be sliced while extents are dynamic; fix them first (tenon-specialize)}}
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l]
     : (tensor<?x5xf32>, tensor<5x6xf32>, tensor<6x7xf32>) -> tensor<?x7xf32>
  return %r : tensor<?x7xf32>
}
