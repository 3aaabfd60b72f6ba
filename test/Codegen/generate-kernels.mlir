// RUN: tenon-opt %s -tenon-generate-kernels | FileCheck %s
// RUN: tenon-opt %s -tenon-generate-kernels | tenon-opt -tenon-generate-kernels | FileCheck %s

// Other functions are left alone.
// CHECK: func.func private @foreign(memref<?xf32>){{$}}
func.func private @foreign(memref<?xf32>)

// Panels are packed, register tiles are multiplied: 16 lanes of f32. The attribute stays with the body, which a second run leaves.
// CHECK-LABEL: func.func private @packed(
// CHECK-SAME:    %{{.*}}: memref<?xf32>, %{{.*}}: memref<?xf32>, %{{.*}}: memref<?xf32>, %{{.*}}: memref<?xi64>, %{{.*}}: memref<?xi8>)
// CHECK-SAME:    tn.kernel = #tn.contraction_kernel<{{.*}}strategy = "packed", lanes = 16, tile = [8, 32]>
// CHECK:       scf.for
// CHECK:       vector.load %{{.*}} vector<16xf32>
// CHECK:       llvm.intr.fmuladd(%{{.*}}, %{{.*}}, %{{.*}}) : (vector<16xf32>, vector<16xf32>, vector<16xf32>) -> vector<16xf32>
// CHECK:       vector.store
func.func private @packed(memref<?xf32>, memref<?xf32>, memref<?xf32>, memref<?xi64>, memref<?xi8>) attributes {
  tn.kernel = #tn.contraction_kernel<a = f32, b = f32, c = f32, accumulate = f32, semiring = plus_times, strategy = "packed",
                                     lanes = 16, tile = [8, 32]>}

// (max, +) adds and takes the larger.
// CHECK-LABEL: func.func private @tropical(
// CHECK:       arith.addf %{{.*}} : vector<8xf64>
// CHECK:       arith.maximumf %{{.*}} : vector<8xf64>
func.func private @tropical(memref<?xf64>, memref<?xf64>, memref<?xf64>, memref<?xi64>, memref<?xi8>) attributes {
  tn.kernel = #tn.contraction_kernel<a = f64, b = f64, c = f64, accumulate = f64, semiring = max_plus, strategy = "packed",
                                     lanes = 8, tile = [8, 16]>}

// The direct strategy packs nothing.
// CHECK-LABEL: func.func private @direct(
// CHECK:       scf.for
// CHECK:       arith.muli
// CHECK:       arith.addi
func.func private @direct(memref<?xi32>, memref<?xi32>, memref<?xi32>, memref<?xi64>, memref<?xi8>) attributes {
  tn.kernel = #tn.contraction_kernel<a = i32, b = i32, c = i32, accumulate = i32, semiring = plus_times, strategy = "direct",
                                     lanes = 16, tile = [1, 16]>}

// Pairs of bf16: words of two steps are packed, dots multiply them, and an instruction rounds their sums.
// CHECK-LABEL: func.func private @dots(
// CHECK-SAME:    strategy = "packed", lanes = 16 dot = 2, tile = [12, 32]>
// CHECK:       vector.interleave %{{.*}} : vector<16xi16> -> vector<32xi16>
// CHECK:       vector.load %{{.*}} : memref<{{.*}}xi32{{.*}}>, vector<16xi32>
// CHECK:       llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"({{.*}}) : (vector<16xf32>, vector<32xbf16>, vector<32xbf16>) -> vector<16xf32>
// CHECK:       llvm.call_intrinsic "llvm.x86.avx512bf16.cvtneps2bf16.512"({{.*}}) : (vector<16xf32>) -> vector<16xbf16>
func.func private @dots(memref<?xbf16>, memref<?xbf16>, memref<?xbf16>, memref<?xi64>, memref<?xi8>) attributes {
  tn.kernel = #tn.contraction_kernel<a = bf16, b = bf16, c = bf16, accumulate = f32, semiring = plus_times, strategy = "packed",
                                     lanes = 16 dot = 2, tile = [12, 32]>}

// Register tiles over operands in place: elements of A are repeated in the lanes, rows of B are loaded.
// CHECK-LABEL: func.func private @batched(
// CHECK-SAME:    tn.kernel = #tn.contraction_kernel<{{.*}}strategy = "batched", lanes = 8, tile = [4, 8]>
// CHECK:       vector.load %{{.*}} vector<8xf32>
// CHECK:       vector.broadcast %{{.*}} : f32 to vector<8xf32>
// CHECK:       llvm.intr.fmuladd(%{{.*}}) : (vector<8xf32>, vector<8xf32>, vector<8xf32>)
func.func private @batched(memref<?xf32>, memref<?xf32>, memref<?xf32>, memref<?xi64>, memref<?xi8>) attributes {
  tn.kernel = #tn.contraction_kernel<a = f32, b = f32, c = f32, accumulate = f32, semiring = plus_times, strategy = "batched",
                                     lanes = 8, tile = [4, 8]>}

// One product in each lane: nothing is repeated.
// CHECK-LABEL: func.func private @interleaved(
// CHECK-SAME:    tn.kernel = #tn.contraction_kernel<{{.*}}strategy = "interleaved", lanes = 8, tile = [2, 16]>
// CHECK-NOT:   vector.broadcast %{{.*}} : f64
// CHECK:       llvm.intr.fmuladd(%{{.*}}) : (vector<8xf64>, vector<8xf64>, vector<8xf64>)
// CHECK-NOT:   vector.broadcast %{{.*}} : f64
func.func private @interleaved(memref<?xf64>, memref<?xf64>, memref<?xf64>, memref<?xi64>, memref<?xi8>) attributes {
  tn.kernel = #tn.contraction_kernel<a = f64, b = f64, c = f64, accumulate = f64, semiring = plus_times, strategy = "interleaved",
                                     lanes = 8, tile = [2, 16]>}

// Tables hold offsets in reals. Kernels of complex numbers share a module with others, and not the function that fills their tables.
// CHECK-LABEL: func.func private @complex(
// CHECK-NOT:   call @tenon_fill_offsets_1_1_1(
// CHECK:       call @tenon_fill_offsets_2_2_2(
// CHECK:       func.func private @tenon_fill_offsets_2_2_2(
func.func private @complex(memref<?xf32>, memref<?xf32>, memref<?xf32>, memref<?xi64>, memref<?xi8>) attributes {
  tn.kernel = #tn.contraction_kernel<a = complex<f32>, b = complex<f32>, c = complex<f32>, accumulate = complex<f32>, semiring = plus_times,
                                     strategy = "packed", lanes = 16, tile = [12, 16]>}

// A vector of the copy of A and one of B, whose lanes are loaded at once, in fours or one by one; what no vector fits, one by one.
// CHECK-LABEL: func.func private @streamed(
// CHECK-SAME:    tn.kernel = #tn.contraction_kernel<{{.*}}strategy = "streamed", lanes = 8, tile = [1, 8]>
// CHECK-LABEL: func.func private @tenon_streamed_vectors
// CHECK:       memref.prefetch
// CHECK:       vector.load %{{.*}} vector<8xf64>
// CHECK:       llvm.intr.fmuladd(%{{.*}}) : (vector<8xf64>, vector<8xf64>, vector<8xf64>)
// CHECK-LABEL: func.func private @tenon_streamed_quads
// CHECK:       vector.shuffle %{{.*}} : vector<4xf64>, vector<4xf64>
// CHECK-LABEL: func.func private @tenon_streamed_gathered
// CHECK:       vector.shuffle %{{.*}} : vector<1xf64>, vector<1xf64>
// CHECK-LABEL: func.func private @tenon_streamed_elements
// CHECK:       llvm.intr.fmuladd(%{{.*}}) : (vector<1xf64>, vector<1xf64>, vector<1xf64>)
func.func private @streamed(memref<?xf64>, memref<?xf64>, memref<?xf64>, memref<?xi64>, memref<?xi8>) attributes {
  tn.kernel = #tn.contraction_kernel<a = f64, b = f64, c = f64, accumulate = f64, semiring = plus_times, strategy = "streamed",
                                     lanes = 8, tile = [1, 8]>}

// Lanes of A and of B at once, in one place, in fours, pairs or one by one; a last vector that is not full, and the elements of a short one.
// CHECK-LABEL: func.func private @gathered(
// CHECK-SAME:    tn.kernel = #tn.contraction_kernel<{{.*}}strategy = "gathered", lanes = 8, tile = [1, 8]>
// CHECK-LABEL: func.func private @tenon_gathered_blocks
// CHECK-COUNT-3: memref.prefetch
// CHECK-COUNT-2: vector.shuffle %{{.*}} : vector<4xf64>, vector<4xf64>
// CHECK:       llvm.intr.fmuladd(%{{.*}}) : (vector<8xf64>, vector<8xf64>, vector<8xf64>)
// CHECK:       vector.maskedstore
// CHECK:       llvm.intr.fmuladd(%{{.*}}) : (vector<1xf64>, vector<1xf64>, vector<1xf64>)
func.func private @gathered(memref<?xf64>, memref<?xf64>, memref<?xf64>, memref<?xi64>, memref<?xi8>) attributes {
  tn.kernel = #tn.contraction_kernel<a = f64, b = f64, c = f64, accumulate = f64, semiring = plus_times, strategy = "gathered",
                                     lanes = 8, tile = [1, 8]>}
