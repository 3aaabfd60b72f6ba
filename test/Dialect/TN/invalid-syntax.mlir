// RUN: tenon-opt %s -split-input-file -verify-diagnostics

func.func @unknown_semiring(%a: tensor<4xf32>) {
  // expected-error @below {{unknown semiring 'plus_plus'; expected plus_times, max_plus, min_plus, or_and or max_times}}
  %r = tn.contract (%a[i]) -> [] semiring(plus_plus) : (tensor<4xf32>) -> tensor<f32>
  return
}

// -----

func.func @unknown_delta_semiring() {
  // expected-error @below {{unknown semiring 'ones'; expected plus_times}}
  %d = tn.delta semiring(ones) : tensor<4x4xf32>
  return
}

// -----

func.func @unknown_slice_semiring(%a: tensor<4xf32>) {
  // expected-error @below {{unknown semiring 'all'; expected plus_times}}
  %r = tn.slice (%i in 3) -> (tensor<4xf32> [sum]) semiring(all) {
    tn.yield %a : tensor<4xf32>
  }
  return
}

// -----

func.func @number_as_index(%a: tensor<4xf32>) {
  // expected-error @below {{expected the name of an index: a bare word or a string}}
  %r = tn.contract (%a[0]) -> [] : (tensor<4xf32>) -> tensor<f32>
  return
}

// -----

func.func @missing_list(%a: tensor<4xf32>) {
  // expected-error @below {{expected '['}}
  %r = tn.contract (%a) -> [] : (tensor<4xf32>) -> tensor<f32>
  return
}

// -----

func.func @missing_type(%a: tensor<4xf32>, %b: tensor<5xf32>) {
  // expected-error @below {{expected 2 operand types, found 1}}
  %r = tn.contract (%a[i], %b[j]) -> [] : (tensor<4xf32>) -> tensor<f32>
  return
}

// -----

func.func @two_results(%a: tensor<4xf32>) {
  // expected-error @below {{expected one result type, found 2}}
  %r = tn.contract (%a[i]) -> [] : (tensor<4xf32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

func.func @unranked(%a: tensor<*xf32>) {
  // expected-error @below {{operand #0 must be variadic of ranked tensor of f16, bf16, f32, f64, complex<f32>, complex<f64>, i1, i8, i16, i32, i64 or index values}}
  %r = tn.contract (%a[i]) -> [] : (tensor<*xf32>) -> tensor<f32>
  return
}

// -----

func.func @foreign_element_type(%a: tensor<4xi7>) {
  // expected-error @below {{but got 'tensor<4xi7>'}}
  %r = tn.contract (%a[i]) -> [] : (tensor<4xi7>) -> tensor<i32>
  return
}

// -----

func.func @slice_word(%a: tensor<4xf32>) {
  // expected-error @below {{expected integer value}}
  %r = tn.slice (%i in 3) -> (tensor<4xf32> [max]) {
    tn.yield %a : tensor<4xf32>
  }
  return
}

// -----

// expected-error @below {{'tn.name' is the name of a tensor and must be a string, found 3}}
func.func @name(%a: tensor<4xf32> {tn.name = 3 : i64}) { return }

// -----

// expected-error @below {{'tn.unsigned' is a unit attribute of integer tensors, found unit on 'tensor<4xf32>'}}
func.func @unsigned(%a: tensor<4xf32> {tn.unsigned}) { return }

// -----

// expected-error @below {{'tn.hint' must be an array of i64 with one extent for each dimension of 'tensor<?x5xf32>'}}
func.func @hint_rank(%a: tensor<?x5xf32> {tn.hint = array<i64: 4>}) { return }

// -----

// expected-error @below {{'tn.hint' says extent 6 where the type 'tensor<?x5xf32>' says 5}}
func.func @hint_extent(%a: tensor<?x5xf32> {tn.hint = array<i64: 4, 6>}) { return }

// -----

// expected-error @below {{'tn.hint' says extent -4 where the type 'tensor<?x5xf32>' says ?}}
func.func @hint_negative(%a: tensor<?x5xf32> {tn.hint = array<i64: -4, 5>}) { return }

// -----

// expected-error @below {{'tn.hint' belongs on arguments}}
func.func private @hint_on_result() -> (tensor<?x5xf32> {tn.hint = array<i64: 4, 5>})

// -----

// expected-error @below {{does not know the attribute 'tn.nmae'; tn has tn.name, tn.unsigned, tn.hint and tn.facts}}
func.func @unknown(%a: tensor<4xf32> {tn.nmae = "psi"}) { return }

// -----

// expected-error @below {{unknown fact 'symmetric'; expected diagonal, permutation, isometric or sparse}}
func.func @unknown_fact(%a: tensor<4x4xf32> {tn.facts = #tn.facts<symmetric>}) { return }

// -----

// expected-error @below {{expected '('}}
func.func @isometric_bare(%a: tensor<4x4xf32> {tn.facts = #tn.facts<isometric>}) { return }

// -----

// expected-error @below {{expected the number of a dimension}}
func.func @no_dims(%a: tensor<4x4xf32> {tn.facts = #tn.facts<diagonal([])>}) { return }

// -----

// expected-error @below {{'sparse' is given twice}}
func.func @sparse_twice(%a: tensor<4x4xf32> {tn.facts = #tn.facts<sparse(0.5), sparse(0.25)>}) { return }

// -----

// expected-error @below {{expected ')'}}
func.func @sparse_hexadecimal(%a: tensor<4xf32> {tn.facts = #tn.facts<sparse(0x1)>}) { return }

// -----

// expected-error @below {{expected a number after the minus}}
func.func @sparse_two_minuses(%a: tensor<4xf32> {tn.facts = #tn.facts<sparse(--0.25)>}) { return }

// -----

// expected-error @below {{'permutation' is given twice}}
func.func @permutation_twice(%a: tensor<4x4xf32> {tn.facts = #tn.facts<permutation, permutation>}) { return }

// -----

// expected-error @below {{expected a fact: diagonal, permutation, isometric or sparse}}
func.func @no_fact(%a: tensor<4x4xf32> {tn.facts = #tn.facts<>}) { return }
