// RUN: tenon-opt %s -split-input-file -verify-diagnostics

// Each case names the constraint of docs/spec.md that it breaks.

func.func @c1_no_operand() {
  // expected-error @below {{C1: expected at least one operand}}
  %r = tn.contract () -> [] : () -> tensor<f32>
  return
}

// -----

func.func @c2_too_many_indices(%a: tensor<4x5xf32>) {
  // expected-error @below {{C2: operand 0 of type 'tensor<4x5xf32>' has rank 2, but 3 indices}}
  %r = tn.contract (%a[i, j, k]) -> [i] : (tensor<4x5xf32>) -> tensor<4xf32>
  return
}

// -----

// The total is right, the shares are not.
func.func @c2_wrong_shares(%a: tensor<4x5xf32>, %b: tensor<5xf32>) {
  // expected-error @below {{C2: operand 0 of type 'tensor<4x5xf32>' has rank 2, but 1 indices}}
  %r = tn.contract (%a[i], %b[j, k]) -> [i] : (tensor<4x5xf32>, tensor<5xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @c2_generic_surplus(%a: tensor<4xf32>) {
  // expected-error @below {{C2: the operands have 1 dimensions in all, but 2 indices are listed}}
  %r = "tn.contract"(%a) <{indices = array<i64: 0, 1>, result_indices = array<i64: 0>}>
     : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @c2_generic_shortage(%a: tensor<4x5xf32>) {
  // expected-error @below {{C2: the operands have 2 dimensions in all, but 1 indices are listed}}
  %r = "tn.contract"(%a) <{indices = array<i64: 0>, result_indices = array<i64: 0>}>
     : (tensor<4x5xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @c3_skipped_number(%a: tensor<4x5xf32>) {
  // expected-error @below {{C3: indices are numbered by first appearance; found 2 where at most 1 was expected}}
  %r = "tn.contract"(%a) <{indices = array<i64: 0, 2>, result_indices = array<i64: 0>}>
     : (tensor<4x5xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @c3_negative_number(%a: tensor<4x5xf32>) {
  // expected-error @below {{C3: indices are numbered by first appearance; found -1}}
  %r = "tn.contract"(%a) <{indices = array<i64: 0, -1>, result_indices = array<i64: 0>}>
     : (tensor<4x5xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @c3_largest_number(%a: tensor<4xf32>) {
  // expected-error @below {{C3: indices are numbered by first appearance; found 9223372036854775807}}
  %r = "tn.contract"(%a) <{indices = array<i64: 9223372036854775807>, result_indices = array<i64>}>
     : (tensor<4xf32>) -> tensor<f32>
  return
}

// -----

func.func @c4_two_extents(%a: tensor<4x5xf32>, %b: tensor<?x6xf32>, %c: tensor<7xf32>) {
  // expected-error @below {{C4: index 'mid' has extent 5 in operand 0 and 7 in operand 2}}
  %r = tn.contract (%a[i, mid], %b[mid, k], %c[mid]) -> [i, k]
     : (tensor<4x5xf32>, tensor<?x6xf32>, tensor<7xf32>) -> tensor<4x6xf32>
  return
}

// -----

func.func @c4_within_one_operand(%a: tensor<4x5xf32>) {
  // expected-error @below {{C4: index 'i' has extent 4 in operand 0 and 5 in operand 0}}
  %r = tn.contract (%a[i, i]) -> [] : (tensor<4x5xf32>) -> tensor<f32>
  return
}

// -----

func.func @c5_unknown_output(%a: tensor<4x5xf32>) {
  // expected-error @below {{C5: output index 'k' occurs in no operand}}
  %r = tn.contract (%a[i, j]) -> [k] : (tensor<4x5xf32>) -> tensor<6xf32>
  return
}

// -----

func.func @c5_generic(%a: tensor<4x5xf32>) {
  // expected-error @below {{C5: output index 2 occurs in no operand}}
  %r = "tn.contract"(%a) <{indices = array<i64: 0, 1>, result_indices = array<i64: 2>}>
     : (tensor<4x5xf32>) -> tensor<6xf32>
  return
}

// -----

func.func @c6_repeated_output(%a: tensor<4x5xf32>) {
  // expected-error @below {{C6: index 'i' is repeated in the output}}
  %r = tn.contract (%a[i, j]) -> [i, j, i] : (tensor<4x5xf32>) -> tensor<4x5x4xf32>
  return
}

// -----

func.func @c7_rank(%a: tensor<4x5xf32>) {
  // expected-error @below {{C7: the result has rank 1, but 2 output indices}}
  %r = tn.contract (%a[i, j]) -> [j, i] : (tensor<4x5xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @c7_extent(%a: tensor<4x5xf32>) {
  // expected-error @below {{C7: dimension 1 of the result has extent 6, but its index 'i' has extent 4}}
  %r = tn.contract (%a[i, j]) -> [j, i] : (tensor<4x5xf32>) -> tensor<5x6xf32>
  return
}

// -----

func.func @c8_complex_max(%a: tensor<4xcomplex<f32>>) {
  // expected-error @below {{C8: semiring max_plus is not defined on 'complex<f32>'}}
  %r = tn.contract (%a[i]) -> [] semiring(max_plus) : (tensor<4xcomplex<f32>>) -> tensor<complex<f32>>
  return
}

// -----

func.func @c8_or_of_bytes(%a: tensor<4xi8>) {
  // expected-error @below {{C8: semiring or_and is not defined on 'i8'}}
  %r = tn.contract (%a[i]) -> [] semiring(or_and) : (tensor<4xi8>) -> tensor<i8>
  return
}

// -----

func.func @c8_min_of_bits(%a: tensor<4xi1>) {
  // expected-error @below {{C8: semiring min_plus is not defined on 'i1'}}
  %r = tn.contract (%a[i]) -> [] semiring(min_plus) : (tensor<4xi1>) -> tensor<i1>
  return
}

// -----

// Wide enough, but no element type of the dialect.
func.func @c8_foreign_accumulation(%a: tensor<4xf32>) {
  // expected-error @below {{C8: semiring plus_times is not defined on 'f128'}}
  %r = tn.contract (%a[i]) -> [] accumulate(f128) : (tensor<4xf32>) -> tensor<f32>
  return
}

// -----

func.func @c9_narrows(%a: tensor<4xf64>) {
  // expected-error @below {{C9: operand 0 has elements of 'f64', which do not widen to the accumulation type 'f32'}}
  %r = tn.contract (%a[i]) -> [] : (tensor<4xf64>) -> tensor<f32>
  return
}

// -----

func.func @c9_half_formats(%a: tensor<4xf16>, %b: tensor<4xbf16>) {
  // expected-error @below {{C9: operand 1 has elements of 'bf16', which do not widen to the accumulation type 'f16'}}
  %r = tn.contract (%a[i], %b[i]) -> [] : (tensor<4xf16>, tensor<4xbf16>) -> tensor<f16>
  return
}

// -----

func.func @c9_integer_to_float(%a: tensor<4xi8>, %b: tensor<4xf32>) {
  // expected-error @below {{C9: operand 0 has elements of 'i8', which do not widen to the accumulation type 'f32'}}
  %r = tn.contract (%a[i], %b[i]) -> [] accumulate(f32) : (tensor<4xi8>, tensor<4xf32>) -> tensor<f32>
  return
}

// -----

func.func @c9_index_to_integer(%a: tensor<4xindex>) {
  // expected-error @below {{C9: operand 0 has elements of 'index', which do not widen to the accumulation type 'i64'}}
  %r = tn.contract (%a[i]) -> [] : (tensor<4xindex>) -> tensor<i64>
  return
}

// -----

func.func @c10_widening_result(%a: tensor<4xf32>) {
  // expected-error @below {{C10: a sum in 'f32' does not round to elements of 'f64'}}
  %r = tn.contract (%a[i]) -> [] accumulate(f32) : (tensor<4xf32>) -> tensor<f64>
  return
}

// -----

func.func @c10_truncated_integer(%a: tensor<4xi8>) {
  // expected-error @below {{C10: a sum in 'i32' does not round to elements of 'i8'}}
  %r = tn.contract (%a[i]) -> [] accumulate(i32) : (tensor<4xi8>) -> tensor<i8>
  return
}

// -----

func.func @c11_operand(%a: tensor<4294967296x2147483648xi8>) {
  // expected-error @below {{C11: operand 0 of type 'tensor<4294967296x2147483648xi8>' has 2^63 elements or more}}
  %r = tn.contract (%a[i, j]) -> [] : (tensor<4294967296x2147483648xi8>) -> tensor<i8>
  return
}

// -----

func.func @c11_result(%a: tensor<4294967296xi8>, %b: tensor<2147483648xi8>) {
  // expected-error @below {{C11: the result of type 'tensor<2147483648x4294967296xi8>' has 2^63 elements or more}}
  %r = tn.contract (%a[i], %b[j]) -> [j, i]
     : (tensor<4294967296xi8>, tensor<2147483648xi8>) -> tensor<2147483648x4294967296xi8>
  return
}

// -----

func.func @c12_unsigned_float(%a: tensor<4xf32>) {
  // expected-error @below {{C12: 'unsigned' is about integers, but the accumulation type is 'f32'}}
  %r = tn.contract (%a[i]) -> [] unsigned : (tensor<4xf32>) -> tensor<f32>
  return
}

// -----

func.func @k1_short_resource() {
  // expected-error @below {{K1: resource 'short' has 8 bytes, but 'tensor<3xi32>' takes 3 elements of 4 bytes}}
  %c = tn.constant dense_resource<short> : tensor<3xi32>
  return
}
{-# dialect_resources: { builtin: { short: "0x040000000100000002000000" } } #-}

// -----

// The number of bytes does not fit in 64 bits, and modulo 2^64 it would be right.
func.func @k1_wrapped_size() {
  // expected-error @below {{K1: resource 'wrapped' has 16 bytes}}
  %c = tn.constant dense_resource<wrapped> : tensor<1152921504606846977xcomplex<f64>>
  return
}
{-# dialect_resources: { builtin: { wrapped: "0x0800000001000000020000000300000004000000" } } #-}

// -----

func.func @k2_too_large() {
  // expected-error @below {{K2: a constant of type 'tensor<4294967296x2147483648xf32>' has 2^63 elements or more}}
  %c = tn.constant dense<1.0> : tensor<4294967296x2147483648xf32>
  return
}

// -----

func.func @d1_unequal() {
  // expected-error @below {{D1: all extents of a delta are equal, found 3 and 4}}
  %d = tn.delta : tensor<3x3x4xf32>
  return
}

// -----

func.func @d1_unequal_beside_dynamic(%n: index) {
  // expected-error @below {{D1: all extents of a delta are equal, found 3 and 4}}
  %d = tn.delta %n : tensor<3x?x4xf32>
  return
}

// -----

func.func @d2_missing_extent() {
  // expected-error @below {{D2: a delta with dynamic extents takes their value as operand, found type 'tensor<?x?xf32>'}}
  %d = tn.delta : tensor<?x?xf32>
  return
}

// -----

func.func @d2_surplus_extent(%n: index) {
  // expected-error @below {{D2: a delta with static extents takes no operand, found type 'tensor<3x3xf32>'}}
  %d = tn.delta %n : tensor<3x3xf32>
  return
}

// -----

func.func @d3_complex_max() {
  // expected-error @below {{D3: semiring max_times is not defined on 'complex<f64>'}}
  %d = tn.delta semiring(max_times) : tensor<3x3xcomplex<f64>>
  return
}

// -----

func.func @d4_too_large() {
  // expected-error @below {{D4: a delta of type 'tensor<4294967296x4294967296xf32>' has 2^63 elements or more}}
  %d = tn.delta : tensor<4294967296x4294967296xf32>
  return
}

// -----

func.func @s1_negative(%a: tensor<5xf32>) {
  // expected-error @below {{S1: expected extents of 0 or more, found -4}}
  %r = tn.slice (%i in -4) -> (tensor<5xf32> [sum]) {
    tn.yield %a : tensor<5xf32>
  }
  return
}

// -----

func.func @s1_too_many(%a: tensor<5xf32>) {
  // expected-error @below {{S1: the number of slices is 2^63 or more}}
  %r = tn.slice (%i in 4294967296, %j in 2147483648) -> (tensor<5xf32> [sum, sum]) {
    tn.yield %a : tensor<5xf32>
  }
  return
}

// -----

func.func @s2_custom(%a: tensor<5xf32>) {
  // expected-error @below {{S2: expected one placement for each of the 2 sliced indices, found 1}}
  %r = tn.slice (%i in 4, %j in 6) -> (tensor<5xf32> [sum]) {
    tn.yield %a : tensor<5xf32>
  }
  return
}

// -----

func.func @s2_generic(%a: tensor<5xf32>) {
  // expected-error @below {{S2: expected 1 placements, found 2}}
  %r = "tn.slice"() <{extents = array<i64: 4>, placements = array<i64: -1, -1>}> ({
  ^bb0(%i: index):
    "tn.yield"(%a) : (tensor<5xf32>) -> ()
  }) : () -> tensor<5xf32>
  return
}

// -----

func.func @s3_dynamic(%a: tensor<?xf32>) {
  // expected-error @below {{S3: a sliced result has static extents, found 'tensor<?xf32>'}}
  %r = tn.slice (%i in 4) -> (tensor<?xf32> [sum]) {
    tn.yield %a : tensor<?xf32>
  }
  return
}

// -----

func.func @s4_out_of_range(%a: tensor<5xf32>) {
  // expected-error @below {{S4: result 0 cannot be concatenated along dimension 2 of 'tensor<4x5xf32>'}}
  %r = tn.slice (%i in 4) -> (tensor<4x5xf32> [2]) {
    tn.yield %a : tensor<5xf32>
  }
  return
}

// -----

func.func @s4_repeated(%a: tensor<5xf32>) {
  // expected-error @below {{S4: result 0 cannot be concatenated along dimension 0 of 'tensor<4x5xf32>'}}
  %r = tn.slice (%i in 4, %j in 4) -> (tensor<4x5xf32> [0, 0]) {
    tn.yield %a : tensor<5xf32>
  }
  return
}

// -----

func.func @s4_extent(%a: tensor<5xf32>) {
  // expected-error @below {{S4: result 0 is concatenated along dimension 0 of extent 4, but the sliced index has extent 3}}
  %r = tn.slice (%i in 3) -> (tensor<4x5xf32> [0]) {
    tn.yield %a : tensor<5xf32>
  }
  return
}

// -----

func.func @s5_count(%a: tensor<5xf32>) {
  %r = tn.slice (%i in 3) -> (tensor<5xf32> [sum]) {
    // expected-error @below {{S5: expected 1 values, found 2}}
    tn.yield %a, %a : tensor<5xf32>, tensor<5xf32>
  }
  return
}

// -----

func.func @s5_type(%a: tensor<6xf32>) {
  %r = tn.slice (%i in 3) -> (tensor<5x3xf32> [1]) {
    // expected-error @below {{S5: value 0 has type 'tensor<6xf32>', but a slice of the result has type 'tensor<5xf32>'}}
    tn.yield %a : tensor<6xf32>
  }
  return
}

// -----

func.func @s6_complex_max(%a: tensor<5xcomplex<f32>>) {
  // expected-error @below {{S6: semiring max_plus is not defined on 'complex<f32>'}}
  %r = tn.slice (%i in 3) -> (tensor<5xcomplex<f32>> [sum]) semiring(max_plus) {
    tn.yield %a : tensor<5xcomplex<f32>>
  }
  return
}

// -----

func.func @s7_count(%a: tensor<5xf32>) {
  // expected-error @below {{S7: expected one 'index' argument for each of the 2 sliced indices}}
  %r = "tn.slice"() <{extents = array<i64: 4, 6>, placements = array<i64: -1, -1>}> ({
  ^bb0(%i: index):
    "tn.yield"(%a) : (tensor<5xf32>) -> ()
  }) : () -> tensor<5xf32>
  return
}

// -----

func.func @s7_type(%a: tensor<5xf32>) {
  // expected-error @below {{S7: expected one 'index' argument for each of the 1 sliced indices}}
  %r = "tn.slice"() <{extents = array<i64: 4>, placements = array<i64: -1>}> ({
  ^bb0(%i: i64):
    "tn.yield"(%a) : (tensor<5xf32>) -> ()
  }) : () -> tensor<5xf32>
  return
}

// -----

// expected-error @below {{F1: 'diagonal' lists dimension 2 of 'tensor<4x4xf32>', which has rank 2}}
func.func @f1_out_of_range(%a: tensor<4x4xf32> {tn.facts = #tn.facts<diagonal([0, 2])>}) { return }

// -----

// expected-error @below {{F1: 'isometric' lists dimension -1 of 'tensor<4x4xf32>'}}
func.func @f1_negative(%a: tensor<4x4xf32> {tn.facts = #tn.facts<isometric([-1])>}) { return }

// -----

// expected-error @below {{F1: 'permutation' lists dimension 1 twice}}
func.func @f1_repeated(%a: tensor<2x2x4xf32> {tn.facts = #tn.facts<permutation([1, 1])>}) { return }

// -----

// expected-error @below {{F2: 'diagonal' lists 1 of the 2 dimensions of 'tensor<4x4xf32>', expected 2 to 2}}
func.func @f2_diagonal_of_one(%a: tensor<4x4xf32> {tn.facts = #tn.facts<diagonal([0])>}) { return }

// -----

// expected-error @below {{F2: 'diagonal' needs two dimensions or more, found 'tensor<4xf32>'}}
func.func @f2_diagonal_vector(%a: tensor<4xf32> {tn.facts = #tn.facts<diagonal>}) { return }

// -----

// expected-error @below {{F2: 'isometric' lists 2 of the 2 dimensions of 'tensor<4x4xf32>', expected 1 to 1}}
func.func @f2_isometric_all(%a: tensor<4x4xf32> {tn.facts = #tn.facts<isometric([0, 1])>}) { return }

// -----

// expected-error @below {{F2: 'permutation' without a list of dimensions is for matrices, found 'tensor<2x2x4xf32>'}}
func.func @f2_permutation_rank(%a: tensor<2x2x4xf32> {tn.facts = #tn.facts<permutation>}) { return }

// -----

// expected-error @below {{F3: the dimensions of 'diagonal' have equal extents, found 4 and 5 in 'tensor<4x?x5xf32>'}}
func.func @f3_unequal(%a: tensor<4x?x5xf32> {tn.facts = #tn.facts<diagonal>}) { return }

// -----

// expected-error @below {{F4: a 'permutation' has as many rows as columns, found 6 and 5 in 'tensor<2x3x5xf32>'}}
func.func @f4_not_square(%a: tensor<2x3x5xf32> {tn.facts = #tn.facts<permutation([0, 1])>}) { return }

// -----

// expected-error @below {{F5: 'isometric' keeps 6 positions and sums over 5 in 'tensor<2x5x3xf32>'}}
func.func @f5_too_few(%a: tensor<2x5x3xf32> {tn.facts = #tn.facts<isometric([0, 2])>}) { return }

// -----

// expected-error @below {{F6: 'sparse' gives the share of elements that are not zero, from 0 to 1, found 1.5}}
func.func @f6_more_than_all(%a: tensor<4xf32> {tn.facts = #tn.facts<sparse(1.5)>}) { return }

// -----

// expected-error @below {{F6: 'sparse' gives the share of elements that are not zero, from 0 to 1, found 2.0}}
func.func @f6_two(%a: tensor<4xf32> {tn.facts = #tn.facts<sparse(2)>}) { return }

// -----

// expected-error @below {{F6: 'sparse' gives the share of elements that are not zero, from 0 to 1, found -1.0}}
func.func @f6_negative(%a: tensor<4xf32> {tn.facts = #tn.facts<sparse(-1)>}) { return }

// -----

// expected-error @below {{F6: 'sparse' gives the share of elements that are not zero, from 0 to 1, found -2.5}}
func.func @f6_negative_fraction(%a: tensor<4xf32> {tn.facts = #tn.facts<sparse(-0.25)>}) { return }

// -----

// expected-error @below {{F6: 'sparse' says that at most the share 1.000000e-01 of the elements is not zero, but the other facts need 2.500000e-01}}
func.func @f6_contradiction(%a: tensor<4x4xf32> {tn.facts = #tn.facts<permutation, sparse(0.1)>}) { return }

// -----

// expected-error @below {{F7: 'tn.facts' is a #tn.facts<…> on an argument that is a tensor, found "diagonal"}}
func.func @f7_other_attribute(%a: tensor<4x4xf32> {tn.facts = "diagonal"}) { return }

// -----

// expected-error @below {{F7: 'tn.facts' is a #tn.facts<…> on an argument that is a tensor}}
func.func private @f7_on_result() -> (tensor<4x4xf32> {tn.facts = #tn.facts<diagonal>})

// -----

func.func @f3_constant() {
  // expected-error @below {{F3: the dimensions of 'diagonal' have equal extents, found 2 and 3}}
  %c = tn.constant {facts = #tn.facts<diagonal>} dense<0> : tensor<2x3xi32>
  return
}
