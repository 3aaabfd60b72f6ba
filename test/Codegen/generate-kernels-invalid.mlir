// RUN: tenon-opt %s -tenon-generate-kernels -split-input-file -verify-diagnostics

// What the types say no kernel does, and what the attribute itself does not allow.

// expected-error @below {{tenon-generate-kernels: no CPU kernel for element type index; expected f16, bf16, f32, f64, complex of f32 or f64, i1, i8, i16, i32 or i64}}
func.func private @kernel() attributes {tn.kernel = #tn.contraction_kernel<a = index, b = f32, c = f32, accumulate = f32, semiring = plus_times, strategy = "packed", lanes = 16, tile = [8, 32]>}

// -----

// expected-error @below {{tenon-generate-kernels: an operand of f64 cannot be widened to the accumulation type f32; convert it before the contraction}}
func.func private @kernel() attributes {tn.kernel = #tn.contraction_kernel<a = f32, b = f64, c = f32, accumulate = f32, semiring = plus_times, strategy = "packed", lanes = 16, tile = [8, 32]>}

// -----

// expected-error @below {{tenon-generate-kernels: a result of i8 cannot be stored from a sum in f32; only f32 sums may be stored as f16 or bf16}}
func.func private @kernel() attributes {tn.kernel = #tn.contraction_kernel<a = f32, b = f32, c = i8, accumulate = f32, semiring = plus_times, strategy = "packed", lanes = 16, tile = [8, 32]>}

// -----

// expected-error @below {{unknown strategy 'blocked'; expected packed, direct, batched, interleaved, streamed or gathered}}
func.func private @kernel() attributes {tn.kernel = #tn.contraction_kernel<a = f32, b = f32, c = f32, accumulate = f32, semiring = plus_times, strategy = "blocked", lanes = 16, tile = [8, 32]>}

// -----

// expected-error @below {{expected tile = [mr, nr], found 1 numbers}}
func.func private @kernel() attributes {tn.kernel = #tn.contraction_kernel<a = f32, b = f32, c = f32, accumulate = f32, semiring = plus_times, strategy = "packed", lanes = 16, tile = [8]>}

// -----

// expected-error @below {{expected a tile of positive extents, the second a multiple of 16 lanes, found [8, 24]}}
func.func private @kernel() attributes {tn.kernel = #tn.contraction_kernel<a = f32, b = f32, c = f32, accumulate = f32, semiring = plus_times, strategy = "packed", lanes = 16, tile = [8, 24]>}

// -----

// expected-error @below {{semiring or_and is not defined on 'f32'}}
func.func private @kernel() attributes {tn.kernel = #tn.contraction_kernel<a = f32, b = f32, c = f32, accumulate = f32, semiring = or_and, strategy = "packed", lanes = 16, tile = [8, 32]>}

// -----

// expected-error @below {{expected dot = 1, or 2 of a packed kernel that sums products of two bf16 in bf16 or f32, found dot = 2}}
func.func private @kernel() attributes {tn.kernel = #tn.contraction_kernel<a = bf16, b = f32, c = f32, accumulate = f32, semiring = plus_times, strategy = "packed", lanes = 16 dot = 2, tile = [8, 32]>}

// -----

// expected-error @below {{expected dot = 1, or 2 of a packed kernel that sums products of two bf16 in bf16 or f32, found dot = 2}}
func.func private @kernel() attributes {tn.kernel = #tn.contraction_kernel<a = bf16, b = bf16, c = f32, accumulate = f32, semiring = plus_times, strategy = "direct", lanes = 16 dot = 2, tile = [8, 32]>}

// -----

// expected-error @below {{expected dot = 1, or 2 of a packed kernel that sums products of two bf16 in bf16 or f32, found dot = 3}}
func.func private @kernel() attributes {tn.kernel = #tn.contraction_kernel<a = bf16, b = bf16, c = f32, accumulate = f32, semiring = plus_times, strategy = "packed", lanes = 16 dot = 3, tile = [8, 32]>}

// -----

// expected-error @below {{expected 4, 8 or 16 lanes with dot = 2, found 32}}
func.func private @kernel() attributes {tn.kernel = #tn.contraction_kernel<a = bf16, b = bf16, c = f32, accumulate = f32, semiring = plus_times, strategy = "packed", lanes = 32 dot = 2, tile = [8, 32]>}
