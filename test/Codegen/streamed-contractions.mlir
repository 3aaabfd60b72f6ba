// A tiny operand times a large one with dimensions of all kinds in any order: the strategy, and that results agree.

// RUN: split-file %s %t
// RUN: tenon-opt %t/strategies.mlir --tenon-cpu-pipeline=target=avx512 | FileCheck %s --check-prefix=STRATEGY
// RUN: tenon-opt %t/strategies.mlir --tenon-cpu-pipeline=target=avx512 --tn-stats -o /dev/null 2>&1 | FileCheck %s --check-prefix=STATS
// RUN: tenon-opt %t/strategies.mlir --tenon-cpu-pipeline=target=avx512 --tn-debug=kernels -o /dev/null 2>&1 | FileCheck %s --check-prefix=DEBUG
// RUN: tenon-run %t/orders.mlir --random=1 --check | FileCheck %s
// RUN: tenon-run %t/types.mlir --random=2 --check | FileCheck %s
// RUN: tenon-run %t/semiring.mlir --random=3 --check | FileCheck %s
// RUN: tenon-run %t/orders.mlir --random=4 --threads=3 --check | FileCheck %s
// CHECK-COUNT-3: {{agrees|equal}}

//--- strategies.mlir
// The tiny operand is A, whichever comes first; runs of 3 fill no vectors.
// STRATEGY-DAG: strategy = "streamed", lanes = 16, tile = [1, 16]
// STRATEGY-DAG: strategy = "direct"
// STATS: 1  direct:
// STATS: 2  streamed:
// DEBUG: batch 4, m 2, n 2048, k 2: streamed,
// DEBUG: batch 4, m 2, n 2048, k 2: streamed,
// DEBUG: direct,
func.func @main(%a: tensor<2x2x4xf32>, %b: tensor<128x4x2x16xf32>, %c: tensor<16x4x2x128xf32>, %d: tensor<2x4x2xf32>, %e: tensor<2x2x4xf32>,
                %f: tensor<512x4x2x3xf32>) -> (tensor<128x4x2x16xf32>, tensor<128x4x16x2xf32>, tensor<512x4x2x3xf32>) {
  %0 = tn.contract (%a[i, k, b], %b[n, b, k, p]) -> [n, b, i, p] : (tensor<2x2x4xf32>, tensor<128x4x2x16xf32>) -> tensor<128x4x2x16xf32>
  %1 = tn.contract (%c[p, b, k, n], %d[i, b, k]) -> [n, b, p, i] : (tensor<16x4x2x128xf32>, tensor<2x4x2xf32>) -> tensor<128x4x16x2xf32>
  %2 = tn.contract (%e[i, k, b], %f[n, b, k, p]) -> [n, b, i, p] : (tensor<2x2x4xf32>, tensor<512x4x2x3xf32>) -> tensor<512x4x2x3xf32>
  return %0, %1, %2 : tensor<128x4x2x16xf32>, tensor<128x4x16x2xf32>, tensor<512x4x2x3xf32>
}

//--- orders.mlir
// Lanes of B at once, in fours and one by one; a dimension of 40 is cut into 32 and 8.
func.func @main(%a: tensor<2x2x4xf32>, %b: tensor<128x4x2x16xf32>, %c: tensor<4x2x2xf32>, %d: tensor<4x2x32x2x32x4xf32>,
                %e: tensor<2x4x4xf32>, %f: tensor<40x4x31x4x7xf32>)
    -> (tensor<128x4x2x16xf32>, tensor<32x32x2x2x4x4xf32>, tensor<31x7x2x4x40xf32>) {
  %0 = tn.contract (%a[i, k, b], %b[n, b, k, p]) -> [n, b, i, p] : (tensor<2x2x4xf32>, tensor<128x4x2x16xf32>) -> tensor<128x4x2x16xf32>
  %1 = tn.contract (%c[b, i, k], %d[b, k, p, q, n, r]) -> [p, n, i, q, b, r] : (tensor<4x2x2xf32>, tensor<4x2x32x2x32x4xf32>) -> tensor<32x32x2x2x4x4xf32>
  %2 = tn.contract (%e[i, b, k], %f[n, b, p, k, q]) -> [p, q, i, b, n] : (tensor<2x4x4xf32>, tensor<40x4x31x4x7xf32>) -> tensor<31x7x2x4x40xf32>
  return %0, %1, %2 : tensor<128x4x2x16xf32>, tensor<32x32x2x2x4x4xf32>, tensor<31x7x2x4x40xf32>
}

//--- types.mlir
// Gates on a state, on its last dimension and on two; the conjugate of a tiny operand; a result with the tiny operand's dimension innermost.
func.func @main(%a: tensor<2x2xcomplex<f32>>, %b: tensor<64x128x2xcomplex<f32>>, %c: tensor<2x2x2x2xf64>, %d: tensor<32x2x8x2x16xf64>,
                %e: tensor<4x4xcomplex<f64>>, %f: tensor<512x4x8xcomplex<f64>>)
    -> (tensor<64x128x2xcomplex<f32>>, tensor<32x2x8x2x16xf64>, tensor<8x512x4xcomplex<f64>>) {
  %g = tn.conj %a : tensor<2x2xcomplex<f32>>
  %0 = tn.contract (%g[i, k], %b[n, p, k]) -> [n, p, i] : (tensor<2x2xcomplex<f32>>, tensor<64x128x2xcomplex<f32>>) -> tensor<64x128x2xcomplex<f32>>
  %1 = tn.contract (%c[i, j, k, l], %d[n, k, p, l, q]) -> [n, i, p, j, q] : (tensor<2x2x2x2xf64>, tensor<32x2x8x2x16xf64>) -> tensor<32x2x8x2x16xf64>
  %2 = tn.contract (%e[i, b], %f[n, b, p]) -> [p, n, i] : (tensor<4x4xcomplex<f64>>, tensor<512x4x8xcomplex<f64>>) -> tensor<8x512x4xcomplex<f64>>
  return %0, %1, %2 : tensor<64x128x2xcomplex<f32>>, tensor<32x2x8x2x16xf64>, tensor<8x512x4xcomplex<f64>>
}

//--- semiring.mlir
func.func @main(%a: tensor<2x2x4xf32>, %b: tensor<16x4x2x128xf32>, %c: tensor<4x2xi32>, %d: tensor<4x64x2x64xi32>, %e: tensor<2x4xi1>, %f: tensor<4x128x2x16xi1>)
    -> (tensor<4x128x2x16xf32>, tensor<64x64x4xi32>, tensor<128x16x4xi1>) {
  %0 = tn.contract (%a[i, k, b], %b[p, b, k, n]) -> [b, n, i, p] semiring(max_plus) : (tensor<2x2x4xf32>, tensor<16x4x2x128xf32>) -> tensor<4x128x2x16xf32>
  %1 = tn.contract (%c[b, k], %d[b, p, k, n]) -> [p, n, b] semiring(min_plus) : (tensor<4x2xi32>, tensor<4x64x2x64xi32>) -> tensor<64x64x4xi32>
  %2 = tn.contract (%e[k, b], %f[b, p, k, n]) -> [p, n, b] semiring(or_and) : (tensor<2x4xi1>, tensor<4x128x2x16xi1>) -> tensor<128x16x4xi1>
  return %0, %1, %2 : tensor<4x128x2x16xf32>, tensor<64x64x4xi32>, tensor<128x16x4xi1>
}
