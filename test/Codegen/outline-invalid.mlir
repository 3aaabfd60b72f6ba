// RUN: tenon-opt %s -tenon-outline-kernels=target=avx512 -split-input-file -verify-diagnostics
// RUN: not tenon-opt %s -tenon-outline-kernels=target=sse2 2>&1 | FileCheck %s --check-prefix=TARGET
// RUN: not tenon-opt %s -tenon-outline-kernels=threads=0 2>&1 | FileCheck %s --check-prefix=THREADS

// TARGET: error: tenon-outline-kernels: unknown target 'sse2'; expected host, avx512, avx512-bf16, avx2 or generic-neon
// THREADS: error: tenon-outline-kernels: threads must be at least 1

func.func @tensors(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<4x6xf32>) -> tensor<4x6xf32> {
  // expected-error @below {{tenon-outline-kernels: expected an operation on buffers; bufferize first}}
  %r = linalg.matmul ins(%a, %b : tensor<4x5xf32>, tensor<5x6xf32>) outs(%c : tensor<4x6xf32>) -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}

// -----

func.func @unknown_extents(%a: memref<4x?xf32>, %b: memref<?xf32>, %c: memref<4xf32>) {
  // expected-error @below {{tenon-outline-kernels: the extents of 'memref<4x?xf32>' are not known; specialise the function to the extents of its arguments first (--tenon-specialize)}}
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0)>],
                  iterator_types = ["parallel", "reduction"]}
    ins(%a, %b : memref<4x?xf32>, memref<?xf32>) outs(%c : memref<4xf32>) {
  ^bb0(%x: f32, %y: f32, %sum: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  }
  return
}

// -----

func.func @scalar_operand(%a: memref<4x5xf32>, %y: f32, %c: memref<4x5xf32>) {
  // expected-error @below {{tenon-outline-kernels: a kernel takes strided buffers, found an operand of 'f32'}}
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> ()>, affine_map<(d0, d1) -> (d0, d1)>],
                  iterator_types = ["parallel", "parallel"]}
    ins(%a, %y : memref<4x5xf32>, f32) outs(%c : memref<4x5xf32>) {
  ^bb0(%x: f32, %factor: f32, %old: f32):
    %p = arith.mulf %x, %factor : f32
    linalg.yield %p : f32
  }
  return
}

// -----

func.func @captured(%a: memref<4x5xf32>, %factor: f32, %c: memref<4x5xf32>) {
  // expected-error @below {{tenon-outline-kernels: the body of a kernel may use constants of its surroundings only}}
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>],
                  iterator_types = ["parallel", "parallel"]} ins(%a : memref<4x5xf32>) outs(%c : memref<4x5xf32>) {
  ^bb0(%x: f32, %old: f32):
    %p = arith.mulf %x, %factor : f32
    linalg.yield %p : f32
  }
  return
}
