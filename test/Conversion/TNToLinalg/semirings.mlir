// RUN: tenon-opt %s -convert-tn-to-linalg | FileCheck %s

// Each semiring on each kind of element: the zero that fills, the product, the sum.

// CHECK-LABEL: func.func @plus_times_f32(
// CHECK:      %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32{{$}}
// CHECK:      linalg.fill ins(%[[ZERO]] : f32)
// CHECK:      ^bb0(%[[A:.*]]: f32, %[[B:.*]]: f32, %[[SUM:.*]]: f32):
// CHECK-NEXT:   %[[PRODUCT:.*]] = arith.mulf %[[A]], %[[B]] : f32
// CHECK-NEXT:   %[[NEXT:.*]] = arith.addf %[[SUM]], %[[PRODUCT]] : f32
// CHECK-NEXT:   linalg.yield %[[NEXT]] : f32
func.func @plus_times_f32(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>) -> tensor<4x6xf32> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k]
     : (tensor<4x5xf32>, tensor<5x6xf32>) -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}

// CHECK-LABEL: func.func @plus_times_f64(
// CHECK:      %[[ZERO:.*]] = arith.constant 0.000000e+00 : f64{{$}}
// CHECK:      linalg.fill ins(%[[ZERO]] : f64)
// CHECK:      ^bb0(%[[A:.*]]: f64, %[[B:.*]]: f64, %[[SUM:.*]]: f64):
// CHECK-NEXT:   %[[PRODUCT:.*]] = arith.mulf %[[A]], %[[B]] : f64
// CHECK-NEXT:   %[[NEXT:.*]] = arith.addf %[[SUM]], %[[PRODUCT]] : f64
// CHECK-NEXT:   linalg.yield %[[NEXT]] : f64
func.func @plus_times_f64(%a: tensor<4x5xf64>, %b: tensor<5x6xf64>) -> tensor<4x6xf64> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k]
     : (tensor<4x5xf64>, tensor<5x6xf64>) -> tensor<4x6xf64>
  return %r : tensor<4x6xf64>
}

// CHECK-LABEL: func.func @plus_times_i32(
// CHECK:      %[[ZERO:.*]] = arith.constant 0 : i32{{$}}
// CHECK:      linalg.fill ins(%[[ZERO]] : i32)
// CHECK:      ^bb0(%[[A:.*]]: i32, %[[B:.*]]: i32, %[[SUM:.*]]: i32):
// CHECK-NEXT:   %[[PRODUCT:.*]] = arith.muli %[[A]], %[[B]] : i32
// CHECK-NEXT:   %[[NEXT:.*]] = arith.addi %[[SUM]], %[[PRODUCT]] : i32
// CHECK-NEXT:   linalg.yield %[[NEXT]] : i32
func.func @plus_times_i32(%a: tensor<4x5xi32>, %b: tensor<5x6xi32>) -> tensor<4x6xi32> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k]
     : (tensor<4x5xi32>, tensor<5x6xi32>) -> tensor<4x6xi32>
  return %r : tensor<4x6xi32>
}

// CHECK-LABEL: func.func @plus_times_i1(
// CHECK:      %[[ZERO:.*]] = arith.constant false{{$}}
// CHECK:      linalg.fill ins(%[[ZERO]] : i1)
// CHECK:      ^bb0(%[[A:.*]]: i1, %[[B:.*]]: i1, %[[SUM:.*]]: i1):
// CHECK-NEXT:   %[[PRODUCT:.*]] = arith.andi %[[A]], %[[B]] : i1
// CHECK-NEXT:   %[[NEXT:.*]] = arith.xori %[[SUM]], %[[PRODUCT]] : i1
// CHECK-NEXT:   linalg.yield %[[NEXT]] : i1
func.func @plus_times_i1(%a: tensor<4x5xi1>, %b: tensor<5x6xi1>) -> tensor<4x6xi1> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k]
     : (tensor<4x5xi1>, tensor<5x6xi1>) -> tensor<4x6xi1>
  return %r : tensor<4x6xi1>
}

// CHECK-LABEL: func.func @plus_times_complex(
// CHECK:      %[[ZERO:.*]] = complex.constant {{[[]}}0.000000e+00 : f32, 0.000000e+00 : f32] : complex<f32>{{$}}
// CHECK:      linalg.fill ins(%[[ZERO]] : complex<f32>)
// CHECK:      ^bb0(%[[A:.*]]: complex<f32>, %[[B:.*]]: complex<f32>, %[[SUM:.*]]: complex<f32>):
// CHECK-NEXT:   %[[PRODUCT:.*]] = complex.mul %[[A]], %[[B]] : complex<f32>
// CHECK-NEXT:   %[[NEXT:.*]] = complex.add %[[SUM]], %[[PRODUCT]] : complex<f32>
// CHECK-NEXT:   linalg.yield %[[NEXT]] : complex<f32>
func.func @plus_times_complex(%a: tensor<4x5xcomplex<f32>>, %b: tensor<5x6xcomplex<f32>>) -> tensor<4x6xcomplex<f32>> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k]
     : (tensor<4x5xcomplex<f32>>, tensor<5x6xcomplex<f32>>) -> tensor<4x6xcomplex<f32>>
  return %r : tensor<4x6xcomplex<f32>>
}

// CHECK-LABEL: func.func @plus_times_index(
// CHECK:      %[[ZERO:.*]] = arith.constant 0 : index{{$}}
// CHECK:      linalg.fill ins(%[[ZERO]] : index)
// CHECK:      ^bb0(%[[A:.*]]: index, %[[B:.*]]: index, %[[SUM:.*]]: index):
// CHECK-NEXT:   %[[PRODUCT:.*]] = arith.muli %[[A]], %[[B]] : index
// CHECK-NEXT:   %[[NEXT:.*]] = arith.addi %[[SUM]], %[[PRODUCT]] : index
// CHECK-NEXT:   linalg.yield %[[NEXT]] : index
func.func @plus_times_index(%a: tensor<4x5xindex>, %b: tensor<5x6xindex>) -> tensor<4x6xindex> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k]
     : (tensor<4x5xindex>, tensor<5x6xindex>) -> tensor<4x6xindex>
  return %r : tensor<4x6xindex>
}

// CHECK-LABEL: func.func @max_plus_f32(
// CHECK:      %[[ZERO:.*]] = arith.constant 0xFF800000 : f32{{$}}
// CHECK:      linalg.fill ins(%[[ZERO]] : f32)
// CHECK:      ^bb0(%[[A:.*]]: f32, %[[B:.*]]: f32, %[[SUM:.*]]: f32):
// CHECK-NEXT:   %[[PRODUCT:.*]] = arith.addf %[[A]], %[[B]] : f32
// CHECK-NEXT:   %[[NEXT:.*]] = arith.maximumf %[[SUM]], %[[PRODUCT]] : f32
// CHECK-NEXT:   linalg.yield %[[NEXT]] : f32
func.func @max_plus_f32(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>) -> tensor<4x6xf32> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k] semiring(max_plus)
     : (tensor<4x5xf32>, tensor<5x6xf32>) -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}

// CHECK-LABEL: func.func @max_plus_i8(
// CHECK:      %[[ZERO:.*]] = arith.constant -128 : i8{{$}}
// CHECK:      linalg.fill ins(%[[ZERO]] : i8)
// CHECK:      ^bb0(%[[A:.*]]: i8, %[[B:.*]]: i8, %[[SUM:.*]]: i8):
// CHECK-NEXT:   %[[PRODUCT:.*]] = arith.addi %[[A]], %[[B]] : i8
// CHECK-NEXT:   %[[NEXT:.*]] = arith.maxsi %[[SUM]], %[[PRODUCT]] : i8
// CHECK-NEXT:   linalg.yield %[[NEXT]] : i8
func.func @max_plus_i8(%a: tensor<4x5xi8>, %b: tensor<5x6xi8>) -> tensor<4x6xi8> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k] semiring(max_plus)
     : (tensor<4x5xi8>, tensor<5x6xi8>) -> tensor<4x6xi8>
  return %r : tensor<4x6xi8>
}

// CHECK-LABEL: func.func @max_plus_u8(
// CHECK:      %[[ZERO:.*]] = arith.constant 0 : i8{{$}}
// CHECK:      linalg.fill ins(%[[ZERO]] : i8)
// CHECK:      ^bb0(%[[A:.*]]: i8, %[[B:.*]]: i8, %[[SUM:.*]]: i8):
// CHECK-NEXT:   %[[PRODUCT:.*]] = arith.addi %[[A]], %[[B]] : i8
// CHECK-NEXT:   %[[NEXT:.*]] = arith.maxui %[[SUM]], %[[PRODUCT]] : i8
// CHECK-NEXT:   linalg.yield %[[NEXT]] : i8
func.func @max_plus_u8(%a: tensor<4x5xi8>, %b: tensor<5x6xi8>) -> tensor<4x6xi8> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k] semiring(max_plus) unsigned
     : (tensor<4x5xi8>, tensor<5x6xi8>) -> tensor<4x6xi8>
  return %r : tensor<4x6xi8>
}

// CHECK-LABEL: func.func @min_plus_f64(
// CHECK:      %[[ZERO:.*]] = arith.constant 0x7FF0000000000000 : f64{{$}}
// CHECK:      linalg.fill ins(%[[ZERO]] : f64)
// CHECK:      ^bb0(%[[A:.*]]: f64, %[[B:.*]]: f64, %[[SUM:.*]]: f64):
// CHECK-NEXT:   %[[PRODUCT:.*]] = arith.addf %[[A]], %[[B]] : f64
// CHECK-NEXT:   %[[NEXT:.*]] = arith.minimumf %[[SUM]], %[[PRODUCT]] : f64
// CHECK-NEXT:   linalg.yield %[[NEXT]] : f64
func.func @min_plus_f64(%a: tensor<4x5xf64>, %b: tensor<5x6xf64>) -> tensor<4x6xf64> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k] semiring(min_plus)
     : (tensor<4x5xf64>, tensor<5x6xf64>) -> tensor<4x6xf64>
  return %r : tensor<4x6xf64>
}

// CHECK-LABEL: func.func @min_plus_i16(
// CHECK:      %[[ZERO:.*]] = arith.constant 32767 : i16{{$}}
// CHECK:      linalg.fill ins(%[[ZERO]] : i16)
// CHECK:      ^bb0(%[[A:.*]]: i16, %[[B:.*]]: i16, %[[SUM:.*]]: i16):
// CHECK-NEXT:   %[[PRODUCT:.*]] = arith.addi %[[A]], %[[B]] : i16
// CHECK-NEXT:   %[[NEXT:.*]] = arith.minsi %[[SUM]], %[[PRODUCT]] : i16
// CHECK-NEXT:   linalg.yield %[[NEXT]] : i16
func.func @min_plus_i16(%a: tensor<4x5xi16>, %b: tensor<5x6xi16>) -> tensor<4x6xi16> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k] semiring(min_plus)
     : (tensor<4x5xi16>, tensor<5x6xi16>) -> tensor<4x6xi16>
  return %r : tensor<4x6xi16>
}

// CHECK-LABEL: func.func @min_plus_u16(
// CHECK:      %[[ZERO:.*]] = arith.constant -1 : i16{{$}}
// CHECK:      linalg.fill ins(%[[ZERO]] : i16)
// CHECK:      ^bb0(%[[A:.*]]: i16, %[[B:.*]]: i16, %[[SUM:.*]]: i16):
// CHECK-NEXT:   %[[PRODUCT:.*]] = arith.addi %[[A]], %[[B]] : i16
// CHECK-NEXT:   %[[NEXT:.*]] = arith.minui %[[SUM]], %[[PRODUCT]] : i16
// CHECK-NEXT:   linalg.yield %[[NEXT]] : i16
func.func @min_plus_u16(%a: tensor<4x5xi16>, %b: tensor<5x6xi16>) -> tensor<4x6xi16> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k] semiring(min_plus) unsigned
     : (tensor<4x5xi16>, tensor<5x6xi16>) -> tensor<4x6xi16>
  return %r : tensor<4x6xi16>
}

// CHECK-LABEL: func.func @or_and_i1(
// CHECK:      %[[ZERO:.*]] = arith.constant false{{$}}
// CHECK:      linalg.fill ins(%[[ZERO]] : i1)
// CHECK:      ^bb0(%[[A:.*]]: i1, %[[B:.*]]: i1, %[[SUM:.*]]: i1):
// CHECK-NEXT:   %[[PRODUCT:.*]] = arith.andi %[[A]], %[[B]] : i1
// CHECK-NEXT:   %[[NEXT:.*]] = arith.ori %[[SUM]], %[[PRODUCT]] : i1
// CHECK-NEXT:   linalg.yield %[[NEXT]] : i1
func.func @or_and_i1(%a: tensor<4x5xi1>, %b: tensor<5x6xi1>) -> tensor<4x6xi1> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k] semiring(or_and)
     : (tensor<4x5xi1>, tensor<5x6xi1>) -> tensor<4x6xi1>
  return %r : tensor<4x6xi1>
}

// CHECK-LABEL: func.func @max_times_f32(
// CHECK:      %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32{{$}}
// CHECK:      linalg.fill ins(%[[ZERO]] : f32)
// CHECK:      ^bb0(%[[A:.*]]: f32, %[[B:.*]]: f32, %[[SUM:.*]]: f32):
// CHECK-NEXT:   %[[PRODUCT:.*]] = arith.mulf %[[A]], %[[B]] : f32
// CHECK-NEXT:   %[[NEXT:.*]] = arith.maximumf %[[SUM]], %[[PRODUCT]] : f32
// CHECK-NEXT:   linalg.yield %[[NEXT]] : f32
func.func @max_times_f32(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>) -> tensor<4x6xf32> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k] semiring(max_times)
     : (tensor<4x5xf32>, tensor<5x6xf32>) -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}

// CHECK-LABEL: func.func @max_times_i64(
// CHECK:      %[[ZERO:.*]] = arith.constant 0 : i64{{$}}
// CHECK:      linalg.fill ins(%[[ZERO]] : i64)
// CHECK:      ^bb0(%[[A:.*]]: i64, %[[B:.*]]: i64, %[[SUM:.*]]: i64):
// CHECK-NEXT:   %[[PRODUCT:.*]] = arith.muli %[[A]], %[[B]] : i64
// CHECK-NEXT:   %[[NEXT:.*]] = arith.maxsi %[[SUM]], %[[PRODUCT]] : i64
// CHECK-NEXT:   linalg.yield %[[NEXT]] : i64
func.func @max_times_i64(%a: tensor<4x5xi64>, %b: tensor<5x6xi64>) -> tensor<4x6xi64> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k] semiring(max_times)
     : (tensor<4x5xi64>, tensor<5x6xi64>) -> tensor<4x6xi64>
  return %r : tensor<4x6xi64>
}

// CHECK-LABEL: func.func @max_times_u64(
// CHECK:      %[[ZERO:.*]] = arith.constant 0 : i64{{$}}
// CHECK:      linalg.fill ins(%[[ZERO]] : i64)
// CHECK:      ^bb0(%[[A:.*]]: i64, %[[B:.*]]: i64, %[[SUM:.*]]: i64):
// CHECK-NEXT:   %[[PRODUCT:.*]] = arith.muli %[[A]], %[[B]] : i64
// CHECK-NEXT:   %[[NEXT:.*]] = arith.maxui %[[SUM]], %[[PRODUCT]] : i64
// CHECK-NEXT:   linalg.yield %[[NEXT]] : i64
func.func @max_times_u64(%a: tensor<4x5xi64>, %b: tensor<5x6xi64>) -> tensor<4x6xi64> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k] semiring(max_times) unsigned
     : (tensor<4x5xi64>, tensor<5x6xi64>) -> tensor<4x6xi64>
  return %r : tensor<4x6xi64>
}
