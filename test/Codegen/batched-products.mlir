// Many small products: their strategies, and that results agree, with extents of tiles, around them and in several dimensions.

// RUN: split-file %s %t
// RUN: tenon-opt %t/strategies.mlir --tenon-cpu-pipeline=target=avx512 | FileCheck %s --check-prefix=STRATEGY
// RUN: tenon-opt %t/strategies.mlir --tenon-cpu-pipeline=target=avx512 --tn-stats -o /dev/null 2>&1 | FileCheck %s --check-prefix=STATS
// RUN: tenon-opt %t/strategies.mlir --tenon-cpu-pipeline=target=avx512 --tn-debug=kernels -o /dev/null 2>&1 | FileCheck %s --check-prefix=DEBUG
// RUN: tenon-opt %t/registers.mlir --tenon-cpu-pipeline=target=avx512 | FileCheck %s --check-prefix=TILES
// RUN: tenon-run %t/rows.mlir --random=1 --check | FileCheck %s
// RUN: tenon-run %t/lanes.mlir --random=2 --check | FileCheck %s
// RUN: tenon-run %t/gates.mlir --random=3 --check | FileCheck %s
// RUN: tenon-run %t/semiring.mlir --random=4 --check | FileCheck %s
// RUN: tenon-run %t/threads.mlir --random=5 --threads=3 --check | FileCheck %s
// RUN: tenon-run %t/registers.mlir --random=6 --check | FileCheck %s
// RUN: tenon-run %t/registers.mlir --random=7 --threads=2 --check | FileCheck %s
// CHECK-COUNT-3: {{agrees|equal}}

//--- strategies.mlir
// Rows of 4 fill vectors of 4; of products side by side, a vector has 16.
// STRATEGY-DAG: strategy = "batched", lanes = 4, tile = [4, 4]
// STRATEGY-DAG: strategy = "interleaved", lanes = 16, tile = [4, 64]
// STRATEGY-DAG: strategy = "direct"
// STATS: 1  direct:
// STATS: 2  batched:
// DEBUG: batch 100, m 4, n 4, k 4: batched,
// DEBUG: batch 100, m 4, n 4, k 4: interleaved,
// DEBUG: batch 1, m 4, n 4, k 4: direct,
func.func @main(%a: tensor<100x4x4xf32>, %b: tensor<100x4x4xf32>, %c: tensor<4x4x100xf32>, %d: tensor<4x4x100xf32>,
                %e: tensor<4x4xf32>, %f: tensor<4x4xf32>) -> (tensor<100x4x4xf32>, tensor<4x4x100xf32>, tensor<4x4xf32>) {
  %0 = tn.contract (%a[b, i, k], %b[b, k, j]) -> [b, i, j] : (tensor<100x4x4xf32>, tensor<100x4x4xf32>) -> tensor<100x4x4xf32>
  %1 = tn.contract (%c[i, k, b], %d[k, j, b]) -> [i, j, b] : (tensor<4x4x100xf32>, tensor<4x4x100xf32>) -> tensor<4x4x100xf32>
  %2 = tn.contract (%e[i, k], %f[k, j]) -> [i, j] : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0, %1, %2 : tensor<100x4x4xf32>, tensor<4x4x100xf32>, tensor<4x4xf32>
}

//--- rows.mlir
// Row-major, with rows far apart and side by side along k, and of complex numbers of which one operand is conjugated.
func.func @main(%a: tensor<7x9x5xf32>, %b: tensor<7x5x19xf32>, %c: tensor<8x64x16xf64>, %d: tensor<64x17x16xf64>,
                %e: tensor<6x5x3xcomplex<f32>>, %f: tensor<6x3x11xcomplex<f32>>)
    -> (tensor<7x9x19xf32>, tensor<8x64x17xf64>, tensor<6x5x11xcomplex<f32>>) {
  %0 = tn.contract (%a[b, i, k], %b[b, k, j]) -> [b, i, j] : (tensor<7x9x5xf32>, tensor<7x5x19xf32>) -> tensor<7x9x19xf32>
  %1 = tn.contract (%c[i, b, k], %d[b, j, k]) -> [i, b, j] : (tensor<8x64x16xf64>, tensor<64x17x16xf64>) -> tensor<8x64x17xf64>
  %g = tn.conj %f : tensor<6x3x11xcomplex<f32>>
  %2 = tn.contract (%e[b, i, k], %g[b, k, j]) -> [b, i, j] : (tensor<6x5x3xcomplex<f32>>, tensor<6x3x11xcomplex<f32>>) -> tensor<6x5x11xcomplex<f32>>
  return %0, %1, %2 : tensor<7x9x19xf32>, tensor<8x64x17xf64>, tensor<6x5x11xcomplex<f32>>
}

//--- lanes.mlir
// Side by side: a run of 37, two dimensions of runs, an operand that all products share.
func.func @main(%a: tensor<3x5x37xf32>, %b: tensor<5x7x37xf32>, %c: tensor<3x2x4x17xf64>, %d: tensor<4x3x5x17xf64>,
                %e: tensor<4x6xcomplex<f32>>, %f: tensor<6x3x33xcomplex<f32>>, %g: tensor<33xcomplex<f32>>)
    -> (tensor<3x7x37xf32>, tensor<2x5x3x17xf64>, tensor<4x3x33xcomplex<f32>>) {
  %0 = tn.contract (%a[i, k, b], %b[k, j, b]) -> [i, j, b] : (tensor<3x5x37xf32>, tensor<5x7x37xf32>) -> tensor<3x7x37xf32>
  %1 = tn.contract (%c[s, i, k, b], %d[k, s, j, b]) -> [i, j, s, b] : (tensor<3x2x4x17xf64>, tensor<4x3x5x17xf64>) -> tensor<2x5x3x17xf64>
  %h = tn.contract (%e[i, k], %g[b]) -> [i, k, b] : (tensor<4x6xcomplex<f32>>, tensor<33xcomplex<f32>>) -> tensor<4x6x33xcomplex<f32>>
  %2 = tn.contract (%h[i, k, b], %f[k, j, b]) -> [i, j, b] : (tensor<4x6x33xcomplex<f32>>, tensor<6x3x33xcomplex<f32>>) -> tensor<4x3x33xcomplex<f32>>
  return %0, %1, %2 : tensor<3x7x37xf32>, tensor<2x5x3x17xf64>, tensor<4x3x33xcomplex<f32>>
}

//--- gates.mlir
// Extents of 2: m, n, k and the batch are several dimensions each, in any order, or merge to one.
func.func @main(%a: tensor<2x2x2x2x2x2xcomplex<f32>>, %b: tensor<2x2x2x2x2x2xcomplex<f32>>, %c: tensor<2x2x2x2x2xf64>, %d: tensor<2x2x2x2xf64>,
                %e: tensor<2x2x2x2x2x2xf32>, %f: tensor<2x2x2x2x2xf32>)
    -> (tensor<2x2x2x2x2x2xcomplex<f32>>, tensor<2x2x2x2x2xf64>, tensor<2x2x2x2x2x2xf32>) {
  %0 = tn.contract (%a[p, i, q, k, j, l], %b[k, m, p, l, n, q]) -> [n, p, i, m, q, j]
     : (tensor<2x2x2x2x2x2xcomplex<f32>>, tensor<2x2x2x2x2x2xcomplex<f32>>) -> tensor<2x2x2x2x2x2xcomplex<f32>>
  %1 = tn.contract (%c[p, i, q, k, j], %d[k, m, p, q]) -> [q, p, i, m, j] : (tensor<2x2x2x2x2xf64>, tensor<2x2x2x2xf64>) -> tensor<2x2x2x2x2xf64>
  %2 = tn.contract (%e[i, p, q, r, k, j], %f[p, k, m, q, r]) -> [i, m, j, p, q, r]
     : (tensor<2x2x2x2x2x2xf32>, tensor<2x2x2x2x2xf32>) -> tensor<2x2x2x2x2x2xf32>
  return %0, %1, %2 : tensor<2x2x2x2x2x2xcomplex<f32>>, tensor<2x2x2x2x2xf64>, tensor<2x2x2x2x2x2xf32>
}

//--- semiring.mlir
func.func @main(%a: tensor<7x5x3xf32>, %b: tensor<7x3x6xf32>, %c: tensor<5x3x19xi32>, %d: tensor<3x6x19xi32>, %e: tensor<9x5x4xi1>, %f: tensor<9x4x7xi1>)
    -> (tensor<7x5x6xf32>, tensor<5x6x19xi32>, tensor<9x5x7xi1>) {
  %0 = tn.contract (%a[b, i, k], %b[b, k, j]) -> [b, i, j] semiring(max_plus) : (tensor<7x5x3xf32>, tensor<7x3x6xf32>) -> tensor<7x5x6xf32>
  %1 = tn.contract (%c[i, k, b], %d[k, j, b]) -> [i, j, b] semiring(min_plus) : (tensor<5x3x19xi32>, tensor<3x6x19xi32>) -> tensor<5x6x19xi32>
  %2 = tn.contract (%e[b, i, k], %f[b, k, j]) -> [b, i, j] semiring(or_and) : (tensor<9x5x4xi1>, tensor<9x4x7xi1>) -> tensor<9x5x7xi1>
  return %0, %1, %2 : tensor<7x5x6xf32>, tensor<5x6x19xi32>, tensor<9x5x7xi1>
}

//--- registers.mlir
// Rows that fill a vector together, rows of three registers, and rows that evict each other.
// TILES-DAG: strategy = "batched", lanes = 4, tile = [8, 4]
// TILES-DAG: strategy = "batched", lanes = 8, tile = [8, 24]
func.func @main(%a: tensor<50x8x4xf32>, %b: tensor<50x4x4xf32>, %c: tensor<30x24x23xf64>, %d: tensor<30x23x24xf64>, %e: tensor<10x32x16xf32>, %f: tensor<16x32x48xf32>)
    -> (tensor<50x8x4xf32>, tensor<30x24x24xf64>, tensor<10x32x48xf32>) {
  %0 = tn.contract (%a[b, i, k], %b[b, k, j]) -> [b, i, j] : (tensor<50x8x4xf32>, tensor<50x4x4xf32>) -> tensor<50x8x4xf32>
  %1 = tn.contract (%c[b, i, k], %d[b, k, j]) -> [b, i, j] : (tensor<30x24x23xf64>, tensor<30x23x24xf64>) -> tensor<30x24x24xf64>
  %2 = tn.contract (%e[i, b, k], %f[k, b, j]) -> [i, b, j] : (tensor<10x32x16xf32>, tensor<16x32x48xf32>) -> tensor<10x32x48xf32>
  return %0, %1, %2 : tensor<50x8x4xf32>, tensor<30x24x24xf64>, tensor<10x32x48xf32>
}

//--- threads.mlir
// Enough for threads to share: the batch is cut, also within a run.
func.func @main(%a: tensor<1100x9x7xf32>, %b: tensor<1100x7x10xf32>, %c: tensor<9x7x1101xf32>, %d: tensor<7x10x1101xf32>, %e: tensor<5x60x60xf32>, %f: tensor<5x60x8xf32>)
    -> (tensor<1100x9x10xf32>, tensor<9x10x1101xf32>, tensor<5x60x8xf32>) {
  %0 = tn.contract (%a[b, i, k], %b[b, k, j]) -> [b, i, j] : (tensor<1100x9x7xf32>, tensor<1100x7x10xf32>) -> tensor<1100x9x10xf32>
  %1 = tn.contract (%c[i, k, b], %d[k, j, b]) -> [i, j, b] : (tensor<9x7x1101xf32>, tensor<7x10x1101xf32>) -> tensor<9x10x1101xf32>
  %2 = tn.contract (%e[b, i, k], %f[b, k, j]) -> [b, i, j] : (tensor<5x60x60xf32>, tensor<5x60x8xf32>) -> tensor<5x60x8xf32>
  return %0, %1, %2 : tensor<1100x9x10xf32>, tensor<9x10x1101xf32>, tensor<5x60x8xf32>
}
