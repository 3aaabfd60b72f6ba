// Products of bf16 become dots where the target has them; products of other types, and small ones, do not.

// RUN: tenon-opt %s --tenon-outline-kernels=target=avx512-bf16 | FileCheck %s --check-prefixes=CHECK,DOTS
// RUN: tenon-opt %s --tenon-outline-kernels=target=avx512 | FileCheck %s --check-prefixes=CHECK,WIDE

// CHECK-LABEL: func.func @product(
// DOTS: tn.call_contraction @[[$PRODUCT:contract_[0-9]+]]({{.*}} blocks [{{[0-9]+}}, {{[0-9]+}}, 512]
// WIDE: tn.call_contraction @[[$PRODUCT:contract_[0-9]+]]({{.*}} blocks [{{[0-9]+}}, {{[0-9]+}}, 256]
func.func @product(%a: memref<240x900xbf16>, %b: memref<900x480xbf16>, %c: memref<240x480xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (k, j)>, affine_map<(i, j, k) -> (i, j)>],
                  iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%a, %b : memref<240x900xbf16>, memref<900x480xbf16>) outs(%c : memref<240x480xf32>) {
  ^bb0(%x: bf16, %y: bf16, %sum: f32):
    %wx = arith.extf %x : bf16 to f32
    %wy = arith.extf %y : bf16 to f32
    %p = arith.mulf %wx, %wy : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  }
  return
}

// CHECK-LABEL: func.func @small(
// CHECK: tn.call_contraction @[[$SMALL:contract_[0-9]+]](
func.func @small(%a: memref<8x9xbf16>, %b: memref<9x16xbf16>, %c: memref<8x16xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (k, j)>, affine_map<(i, j, k) -> (i, j)>],
                  iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%a, %b : memref<8x9xbf16>, memref<9x16xbf16>) outs(%c : memref<8x16xf32>) {
  ^bb0(%x: bf16, %y: bf16, %sum: f32):
    %wx = arith.extf %x : bf16 to f32
    %wy = arith.extf %y : bf16 to f32
    %p = arith.mulf %wx, %wy : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  }
  return
}

// CHECK-LABEL: func.func @mixed(
// CHECK: tn.call_contraction @[[$MIXED:contract_[0-9]+]](
func.func @mixed(%a: memref<240x900xbf16>, %b: memref<900x480xf32>, %c: memref<240x480xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (k, j)>, affine_map<(i, j, k) -> (i, j)>],
                  iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%a, %b : memref<240x900xbf16>, memref<900x480xf32>) outs(%c : memref<240x480xf32>) {
  ^bb0(%x: bf16, %y: f32, %sum: f32):
    %wx = arith.extf %x : bf16 to f32
    %p = arith.mulf %wx, %y : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  }
  return
}

// DOTS: func.func private @[[$PRODUCT]]({{.*}} strategy = "packed", lanes = 16 dot = 2, tile = [12, 32]>
// WIDE: func.func private @[[$PRODUCT]]({{.*}} strategy = "packed", lanes = 16, tile = [12, 32]>
// CHECK: func.func private @[[$SMALL]]({{.*}} strategy = "direct", lanes = 16, tile = [4, 32]>
// CHECK: func.func private @[[$MIXED]]({{.*}} strategy = "packed", lanes = 16, tile = [12, 32]>
