// Operands of one type, sums in another: compiled code agrees with the interpreter.

// RUN: tenon-run %s --entry=f16_f16_f32_f16 --random=31 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=bf16_bf16_f32_bf16 --random=31 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=f16_f16_f32_f32 --random=31 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=bf16_bf16_f64_f32 --random=31 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=f32_f32_f64_f64 --random=31 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=f32_f32_f64_f32 --random=31 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=f16_f32_f32_f32 --random=31 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=f32_c64_c64_c64 --random=31 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=c64_c64_c128_c64 --random=31 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=f64_c64_c128_c128 --random=31 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=i8_i8_i32_i32 --random=31 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=i8_i16_i64_i64 --random=31 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=i1_i8_i32_i32 --random=31 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=i1_i1_i64_i64 --random=31 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=i8_i8_i32_i32_unsigned --random=31 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=i8_i16_i64_i64_unsigned --random=31 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=i1_i8_i32_i32_unsigned --random=31 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=i1_i1_i64_i64_unsigned --random=31 --check --threads=2 | FileCheck %s --check-prefix=EXACT

// EXACT: {{^}}check: result 0: equal{{$}}
// BOUND: {{^}}check: result 0: agrees: max error {{[^ ]+}}, bound there

func.func @f16_f16_f32_f16(%a: tensor<9x21xf16>, %b: tensor<21x10xf16>) -> tensor<10x9xf16> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] accumulate(f32) : (tensor<9x21xf16>, tensor<21x10xf16>) -> tensor<10x9xf16>
  return %r : tensor<10x9xf16>
}

func.func @bf16_bf16_f32_bf16(%a: tensor<9x21xbf16>, %b: tensor<21x10xbf16>) -> tensor<10x9xbf16> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] accumulate(f32) : (tensor<9x21xbf16>, tensor<21x10xbf16>) -> tensor<10x9xbf16>
  return %r : tensor<10x9xbf16>
}

func.func @f16_f16_f32_f32(%a: tensor<9x21xf16>, %b: tensor<21x10xf16>) -> tensor<10x9xf32> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] : (tensor<9x21xf16>, tensor<21x10xf16>) -> tensor<10x9xf32>
  return %r : tensor<10x9xf32>
}

func.func @bf16_bf16_f64_f32(%a: tensor<9x21xbf16>, %b: tensor<21x10xbf16>) -> tensor<10x9xf32> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] accumulate(f64) : (tensor<9x21xbf16>, tensor<21x10xbf16>) -> tensor<10x9xf32>
  return %r : tensor<10x9xf32>
}

func.func @f32_f32_f64_f64(%a: tensor<9x21xf32>, %b: tensor<21x10xf32>) -> tensor<10x9xf64> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] : (tensor<9x21xf32>, tensor<21x10xf32>) -> tensor<10x9xf64>
  return %r : tensor<10x9xf64>
}

func.func @f32_f32_f64_f32(%a: tensor<9x21xf32>, %b: tensor<21x10xf32>) -> tensor<10x9xf32> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] accumulate(f64) : (tensor<9x21xf32>, tensor<21x10xf32>) -> tensor<10x9xf32>
  return %r : tensor<10x9xf32>
}

func.func @f16_f32_f32_f32(%a: tensor<9x21xf16>, %b: tensor<21x10xf32>) -> tensor<10x9xf32> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] : (tensor<9x21xf16>, tensor<21x10xf32>) -> tensor<10x9xf32>
  return %r : tensor<10x9xf32>
}

func.func @f32_c64_c64_c64(%a: tensor<9x21xf32>, %b: tensor<21x10xcomplex<f32>>) -> tensor<10x9xcomplex<f32>> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] : (tensor<9x21xf32>, tensor<21x10xcomplex<f32>>) -> tensor<10x9xcomplex<f32>>
  return %r : tensor<10x9xcomplex<f32>>
}

func.func @c64_c64_c128_c64(%a: tensor<9x21xcomplex<f32>>, %b: tensor<21x10xcomplex<f32>>) -> tensor<10x9xcomplex<f32>> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] accumulate(complex<f64>) : (tensor<9x21xcomplex<f32>>, tensor<21x10xcomplex<f32>>) -> tensor<10x9xcomplex<f32>>
  return %r : tensor<10x9xcomplex<f32>>
}

func.func @f64_c64_c128_c128(%a: tensor<9x21xf64>, %b: tensor<21x10xcomplex<f32>>) -> tensor<10x9xcomplex<f64>> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] : (tensor<9x21xf64>, tensor<21x10xcomplex<f32>>) -> tensor<10x9xcomplex<f64>>
  return %r : tensor<10x9xcomplex<f64>>
}

func.func @i8_i8_i32_i32(%a: tensor<9x21xi8>, %b: tensor<21x10xi8>) -> tensor<10x9xi32> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] : (tensor<9x21xi8>, tensor<21x10xi8>) -> tensor<10x9xi32>
  return %r : tensor<10x9xi32>
}

func.func @i8_i16_i64_i64(%a: tensor<9x21xi8>, %b: tensor<21x10xi16>) -> tensor<10x9xi64> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] : (tensor<9x21xi8>, tensor<21x10xi16>) -> tensor<10x9xi64>
  return %r : tensor<10x9xi64>
}

func.func @i1_i8_i32_i32(%a: tensor<9x21xi1>, %b: tensor<21x10xi8>) -> tensor<10x9xi32> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] : (tensor<9x21xi1>, tensor<21x10xi8>) -> tensor<10x9xi32>
  return %r : tensor<10x9xi32>
}

func.func @i1_i1_i64_i64(%a: tensor<9x21xi1>, %b: tensor<21x10xi1>) -> tensor<10x9xi64> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] : (tensor<9x21xi1>, tensor<21x10xi1>) -> tensor<10x9xi64>
  return %r : tensor<10x9xi64>
}

func.func @i8_i8_i32_i32_unsigned(%a: tensor<9x21xi8> {tn.unsigned}, %b: tensor<21x10xi8> {tn.unsigned}) -> (tensor<10x9xi32> {tn.unsigned}) {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] unsigned : (tensor<9x21xi8>, tensor<21x10xi8>) -> tensor<10x9xi32>
  return %r : tensor<10x9xi32>
}

func.func @i8_i16_i64_i64_unsigned(%a: tensor<9x21xi8> {tn.unsigned}, %b: tensor<21x10xi16> {tn.unsigned}) -> (tensor<10x9xi64> {tn.unsigned}) {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] unsigned : (tensor<9x21xi8>, tensor<21x10xi16>) -> tensor<10x9xi64>
  return %r : tensor<10x9xi64>
}

func.func @i1_i8_i32_i32_unsigned(%a: tensor<9x21xi1>, %b: tensor<21x10xi8> {tn.unsigned}) -> (tensor<10x9xi32> {tn.unsigned}) {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] unsigned : (tensor<9x21xi1>, tensor<21x10xi8>) -> tensor<10x9xi32>
  return %r : tensor<10x9xi32>
}

func.func @i1_i1_i64_i64_unsigned(%a: tensor<9x21xi1>, %b: tensor<21x10xi1>) -> (tensor<10x9xi64> {tn.unsigned}) {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] unsigned : (tensor<9x21xi1>, tensor<21x10xi1>) -> tensor<10x9xi64>
  return %r : tensor<10x9xi64>
}
