// RUN: tenon-opt %s -convert-tn-to-linalg | FileCheck %s

// Operands are widened to the accumulation type in the body; the finished sums are rounded once, by a second operation.
// CHECK-LABEL: func.func @round_halves(
// CHECK:       %[[EMPTY:.*]] = tensor.empty() : tensor<4xf32>
// CHECK:       %[[INIT:.*]] = linalg.fill {{.*}} outs(%[[EMPTY]] : tensor<4xf32>)
// CHECK:       %[[SUM:.*]] = linalg.generic {{.*}} outs(%[[INIT]] : tensor<4xf32>)
// CHECK:       ^bb0(%[[A:.*]]: f16, %[[B:.*]]: f16, %[[OLD:.*]]: f32):
// CHECK-NEXT:    %[[WA:.*]] = arith.extf %[[A]] : f16 to f32
// CHECK-NEXT:    %[[WB:.*]] = arith.extf %[[B]] : f16 to f32
// CHECK-NEXT:    %[[P:.*]] = arith.mulf %[[WA]], %[[WB]] : f32
// CHECK-NEXT:    arith.addf %[[OLD]], %[[P]] : f32
// CHECK:       %[[ROUNDED:.*]] = tensor.empty() : tensor<4xf16>
// CHECK:       linalg.generic {{.*}} ins(%[[SUM]] : tensor<4xf32>) outs(%[[ROUNDED]] : tensor<4xf16>)
// CHECK:         arith.truncf %{{.*}} : f32 to f16
func.func @round_halves(%a: tensor<4x5xf16>, %b: tensor<5xf16>) -> tensor<4xf16> {
  %r = tn.contract (%a[i, j], %b[j]) -> [i] accumulate(f32) : (tensor<4x5xf16>, tensor<5xf16>) -> tensor<4xf16>
  return %r : tensor<4xf16>
}

// CHECK-LABEL: func.func @real_times_complex(
// CHECK:       ^bb0(%[[A:.*]]: f16, %[[Z:.*]]: complex<f32>, %{{.*}}: complex<f64>):
// CHECK:         %[[WIDE:.*]] = arith.extf %[[A]] : f16 to f64
// CHECK:         %[[NONE:.*]] = arith.constant 0.000000e+00 : f64
// CHECK:         %[[WA:.*]] = complex.create %[[WIDE]], %[[NONE]] : complex<f64>
// CHECK:         %[[RE:.*]] = complex.re %[[Z]]
// CHECK:         %[[WRE:.*]] = arith.extf %[[RE]] : f32 to f64
// CHECK:         %[[IM:.*]] = complex.im %[[Z]]
// CHECK:         %[[WIM:.*]] = arith.extf %[[IM]] : f32 to f64
// CHECK:         %[[WZ:.*]] = complex.create %[[WRE]], %[[WIM]] : complex<f64>
// CHECK:         complex.mul %[[WA]], %[[WZ]] : complex<f64>
// CHECK:         complex.add
// CHECK:       ^bb0(%[[SUM:.*]]: complex<f64>, %{{.*}}: complex<f32>):
// CHECK:         %[[SRE:.*]] = complex.re %[[SUM]]
// CHECK:         %[[RRE:.*]] = arith.truncf %[[SRE]] : f64 to f32
// CHECK:         %[[SIM:.*]] = complex.im %[[SUM]]
// CHECK:         %[[RIM:.*]] = arith.truncf %[[SIM]] : f64 to f32
// CHECK:         complex.create %[[RRE]], %[[RIM]] : complex<f32>
func.func @real_times_complex(%a: tensor<4x5xf16>, %z: tensor<5xcomplex<f32>>) -> tensor<4xcomplex<f32>> {
  %r = tn.contract (%a[i, j], %z[j]) -> [i] accumulate(complex<f64>)
     : (tensor<4x5xf16>, tensor<5xcomplex<f32>>) -> tensor<4xcomplex<f32>>
  return %r : tensor<4xcomplex<f32>>
}

// Integers keep their sign, i1 is 0 or 1.
// CHECK-LABEL: func.func @signed(
// CHECK-DAG:     arith.extsi %{{.*}} : i8 to i32
// CHECK-DAG:     arith.extui %{{.*}} : i1 to i32
func.func @signed(%a: tensor<4x5xi8>, %m: tensor<5xi1>) -> tensor<4xi32> {
  %r = tn.contract (%a[i, j], %m[j]) -> [i] accumulate(i32) : (tensor<4x5xi8>, tensor<5xi1>) -> tensor<4xi32>
  return %r : tensor<4xi32>
}

// CHECK-LABEL: func.func @unsigned(
// CHECK-NOT:     arith.extsi
// CHECK:         arith.extui %{{.*}} : i8 to i32
// CHECK:         arith.extui %{{.*}} : i16 to i32
// CHECK-NOT:     arith.extsi
// CHECK:         return
func.func @unsigned(%a: tensor<4x5xi8>, %b: tensor<5xi16>) -> tensor<4xi32> {
  %r = tn.contract (%a[i, j], %b[j]) -> [i] accumulate(i32) unsigned : (tensor<4x5xi8>, tensor<5xi16>) -> tensor<4xi32>
  return %r : tensor<4xi32>
}
