// RUN: tenon-opt %s -split-input-file -verify-diagnostics

// What a call of a kernel must say of its cache blocks.

func.func private @kernel() attributes {tn.kernel = #tn.contraction_kernel<a = f32, b = f32, c = f32, accumulate = f32, semiring = plus_times, strategy = "packed", lanes = 16, tile = [8, 32]>}
func.func @too_few(%a: memref<4x5xf32>, %b: memref<5x6xf32>, %c: memref<4x6xf32>, %w: memref<64xi8>) {
  // expected-error @below {{expected blocks [mc, nc, kc], numbers from 1 to 2^31 (kc = 0: k is not split), found [64, 128]}}
  tn.call_contraction @kernel(%a[0, 2], %b[2, 1]) -> (%c[0, 1]) order [0, 1, 2] blocks [64, 128] workspace(%w) : memref<4x5xf32>, memref<5x6xf32>, memref<4x6xf32>, memref<64xi8>
  return
}

// -----

func.func private @kernel() attributes {tn.kernel = #tn.contraction_kernel<a = f32, b = f32, c = f32, accumulate = f32, semiring = plus_times, strategy = "direct", lanes = 16, tile = [1, 16]>}
func.func @empty_block(%a: memref<4x5xf32>, %b: memref<5x6xf32>, %c: memref<4x6xf32>, %w: memref<64xi8>) {
  // expected-error @below {{expected blocks [mc, nc, kc], numbers from 1 to 2^31 (kc = 0: k is not split), found [64, 0, 48]}}
  tn.call_contraction @kernel(%a[0, 2], %b[2, 1]) -> (%c[0, 1]) order [0, 1, 2] blocks [64, 0, 48] workspace(%w) : memref<4x5xf32>, memref<5x6xf32>, memref<4x6xf32>, memref<64xi8>
  return
}

// -----

func.func private @kernel() attributes {tn.kernel = #tn.contraction_kernel<a = f32, b = f32, c = f32, accumulate = f32, semiring = plus_times, strategy = "packed", lanes = 16, tile = [8, 32]>}
func.func @broken_tiles(%a: memref<4x5xf32>, %b: memref<5x6xf32>, %c: memref<4x6xf32>, %w: memref<64xi8>) {
  // expected-error @below {{expected blocks [mc, nc, kc] in multiples of [8, 32, 4] for 'kernel', found [64, 100, 48]}}
  tn.call_contraction @kernel(%a[0, 2], %b[2, 1]) -> (%c[0, 1]) order [0, 1, 2] blocks [64, 100, 48] workspace(%w) : memref<4x5xf32>, memref<5x6xf32>, memref<4x6xf32>, memref<64xi8>
  return
}

// -----

func.func private @kernel() attributes {tn.kernel = #tn.contraction_kernel<a = f32, b = f32, c = bf16, accumulate = f32, semiring = plus_times, strategy = "packed", lanes = 16, tile = [8, 32]>}
func.func @rounds_twice(%a: memref<4x5xf32>, %b: memref<5x6xf32>, %c: memref<4x6xbf16>, %w: memref<64xi8>) {
  // expected-error @below {{'kernel' rounds its sums to 'bf16'; expected kc = 0 (k is not split), found 48}}
  tn.call_contraction @kernel(%a[0, 2], %b[2, 1]) -> (%c[0, 1]) order [0, 1, 2] blocks [64, 128, 48] workspace(%w) : memref<4x5xf32>, memref<5x6xf32>, memref<4x6xbf16>, memref<64xi8>
  return
}
