// Little to do for many elements, with dimensions of all kinds in any order in both operands and the result: the strategy, and that results agree.

// RUN: split-file %s %t
// RUN: tenon-opt %t/strategies.mlir --tenon-cpu-pipeline=target=avx512 | FileCheck %s --check-prefix=STRATEGY
// RUN: tenon-opt %t/strategies.mlir --tenon-cpu-pipeline=target=avx512 --tn-stats -o /dev/null 2>&1 | FileCheck %s --check-prefix=STATS
// RUN: tenon-opt %t/strategies.mlir --tenon-cpu-pipeline=target=avx512 --tn-debug=kernels -o /dev/null 2>&1 | FileCheck %s --check-prefix=DEBUG
// RUN: tenon-run %t/orders.mlir --random=1 --check | FileCheck %s
// RUN: tenon-run %t/types.mlir --random=2 --check | FileCheck %s
// RUN: tenon-run %t/semiring.mlir --random=3 --check | FileCheck %s
// RUN: tenon-run %t/orders.mlir --random=4 --threads=3 --check | FileCheck %s
// CHECK-COUNT-3: {{agrees|equal}}
// RUN: tenon-opt %t/orders.mlir --tenon-cpu-pipeline=target=avx512 --tn-stats -o /dev/null 2>&1 | FileCheck %s --check-prefix=ALL
// RUN: tenon-opt %t/types.mlir --tenon-cpu-pipeline=target=avx512 --tn-stats -o /dev/null 2>&1 | FileCheck %s --check-prefix=ALL
// RUN: tenon-opt %t/semiring.mlir --tenon-cpu-pipeline=target=avx512 --tn-stats -o /dev/null 2>&1 | FileCheck %s --check-prefix=ALL
// ALL: 3  gathered:

//--- strategies.mlir
// A batch of 3 innermost in the result alone; a batch that the operands and the result have in different orders; both operands side by side
// with the result in long runs.
// STRATEGY-DAG: strategy = "gathered", lanes = 16, tile = [1, 16]
// STRATEGY-DAG: strategy = "direct"
// STATS: 1  direct:
// STATS: 2  gathered:
// DEBUG: batch 3, m 2, n 8192, k 2: gathered,
// DEBUG: batch 16384, m 1, n 2, k 1: gathered,
// DEBUG: direct,
func.func @main(%a: tensor<3x2x2xf32>, %b: tensor<3x2x8192xf32>, %c: tensor<128x128xf32>, %d: tensor<128x2x128xf32>, %e: tensor<16x512xf32>,
                %f: tensor<16x4x512xf32>) -> (tensor<2x8192x3xf32>, tensor<128x128x2xf32>, tensor<16x4x512xf32>) {
  %0 = tn.contract (%a[b, k, i], %b[b, k, n]) -> [i, n, b] : (tensor<3x2x2xf32>, tensor<3x2x8192xf32>) -> tensor<2x8192x3xf32>
  %1 = tn.contract (%c[b, c], %d[b, n, c]) -> [b, c, n] : (tensor<128x128xf32>, tensor<128x2x128xf32>) -> tensor<128x128x2xf32>
  %2 = tn.contract (%e[b, c], %f[b, n, c]) -> [b, n, c] : (tensor<16x512xf32>, tensor<16x4x512xf32>) -> tensor<16x4x512xf32>
  return %0, %1, %2 : tensor<2x8192x3xf32>, tensor<128x128x2xf32>, tensor<16x4x512xf32>
}

//--- orders.mlir
// Extents of 3, 5 and 9, runs that are cut and rests of vectors; both operands large and transposed; operands of a few lines and of many.
func.func @main(%a: tensor<9x3x5x3xf32>, %b: tensor<5x9x3x40x7xf32>, %c: tensor<17x19x8x9xf32>, %d: tensor<9x17x8x3x19xf32>,
                %e: tensor<3x67x5x31xf32>, %f: tensor<31x5x67x3x4xf32>)
    -> (tensor<40x3x7x9x5xf32>, tensor<19x17x8x9x3xf32>, tensor<67x4x31x3xf32>) {
  %0 = tn.contract (%a[b, i, c, k], %b[c, b, k, n, p]) -> [n, i, p, b, c] : (tensor<9x3x5x3xf32>, tensor<5x9x3x40x7xf32>) -> tensor<40x3x7x9x5xf32>
  %1 = tn.contract (%c[b, c, d, e], %d[e, b, d, n, c]) -> [c, b, d, e, n] : (tensor<17x19x8x9xf32>, tensor<9x17x8x3x19xf32>) -> tensor<19x17x8x9x3xf32>
  %2 = tn.contract (%e[b, c, k, d], %f[d, k, c, b, n]) -> [c, n, d, b] : (tensor<3x67x5x31xf32>, tensor<31x5x67x3x4xf32>) -> tensor<67x4x31x3xf32>
  return %0, %1, %2 : tensor<40x3x7x9x5xf32>, tensor<19x17x8x9x3xf32>, tensor<67x4x31x3xf32>
}

//--- types.mlir
// The conjugate of one operand; controlled gates, where the batch is most of the state; a sum of three products.
func.func @main(%a: tensor<64x256xcomplex<f32>>, %b: tensor<64x2x256xcomplex<f32>>, %c: tensor<3x9x1000xf64>, %d: tensor<1000x3x9x2xf64>,
                %e: tensor<9x999x3xcomplex<f64>>, %f: tensor<3x9x999x2xcomplex<f64>>)
    -> (tensor<64x256x2xcomplex<f32>>, tensor<1000x2x9xf64>, tensor<999x2x9xcomplex<f64>>) {
  %g = tn.conj %a : tensor<64x256xcomplex<f32>>
  %0 = tn.contract (%g[b, c], %b[b, n, c]) -> [b, c, n] : (tensor<64x256xcomplex<f32>>, tensor<64x2x256xcomplex<f32>>) -> tensor<64x256x2xcomplex<f32>>
  %1 = tn.contract (%c[k, b, c], %d[c, k, b, n]) -> [c, n, b] : (tensor<3x9x1000xf64>, tensor<1000x3x9x2xf64>) -> tensor<1000x2x9xf64>
  %2 = tn.contract (%e[b, c, k], %f[k, b, c, n]) -> [c, n, b] : (tensor<9x999x3xcomplex<f64>>, tensor<3x9x999x2xcomplex<f64>>) -> tensor<999x2x9xcomplex<f64>>
  return %0, %1, %2 : tensor<64x256x2xcomplex<f32>>, tensor<1000x2x9xf64>, tensor<999x2x9xcomplex<f64>>
}

//--- semiring.mlir
func.func @main(%a: tensor<3x81x2xf32>, %b: tensor<2x3x81x75xf32>, %c: tensor<135x5x3xi32>, %d: tensor<3x135x5x25xi32>, %e: tensor<40x3x250xi1>, %f: tensor<250x3x40x2xi1>)
    -> (tensor<75x81x3xf32>, tensor<25x5x135xi32>, tensor<40x2x250xi1>) {
  %0 = tn.contract (%a[b, c, k], %b[k, b, c, n]) -> [n, c, b] semiring(max_plus) : (tensor<3x81x2xf32>, tensor<2x3x81x75xf32>) -> tensor<75x81x3xf32>
  %1 = tn.contract (%c[b, c, k], %d[k, b, c, n]) -> [n, c, b] semiring(min_plus) : (tensor<135x5x3xi32>, tensor<3x135x5x25xi32>) -> tensor<25x5x135xi32>
  %2 = tn.contract (%e[b, k, c], %f[c, k, b, n]) -> [b, n, c] semiring(or_and) : (tensor<40x3x250xi1>, tensor<250x3x40x2xi1>) -> tensor<40x2x250xi1>
  return %0, %1, %2 : tensor<75x81x3xf32>, tensor<25x5x135xi32>, tensor<40x2x250xi1>
}
