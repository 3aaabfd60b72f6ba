// Matrix products over a batch, with a summed and a kept index more, in every element type: compiled code agrees with the
// interpreter, integers and booleans exactly.

// RUN: tenon-run %s --entry=f16 --random=11 --check --threads=1 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=f16 --random=12 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=bf16 --random=11 --check --threads=1 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=bf16 --random=12 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=f32 --random=11 --check --threads=1 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=f32 --random=12 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=f64 --random=11 --check --threads=1 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=f64 --random=12 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=c64 --random=11 --check --threads=1 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=c64 --random=12 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=c128 --random=11 --check --threads=1 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=c128 --random=12 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=i1 --random=11 --check --threads=1 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=i1 --random=12 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=i8 --random=11 --check --threads=1 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=i8 --random=12 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=i16 --random=11 --check --threads=1 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=i16 --random=12 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=i32 --random=11 --check --threads=1 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=i32 --random=12 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=i64 --random=11 --check --threads=1 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=i64 --random=12 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=index --random=11 --check --threads=1 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=index --random=12 --check --threads=2 | FileCheck %s --check-prefix=EXACT

// EXACT: {{^}}check: result 0: equal{{$}}
// BOUND: {{^}}check: result 0: agrees: max error {{[^ ]+}}, bound there

func.func @f16(%a: tensor<3x17x5xf16>, %b: tensor<5x3x19x2xf16>) -> tensor<19x3x17xf16> {
  %r = tn.contract (%a[b, i, k], %b[k, b, j, s]) -> [j, b, i] : (tensor<3x17x5xf16>, tensor<5x3x19x2xf16>) -> tensor<19x3x17xf16>
  return %r : tensor<19x3x17xf16>
}

func.func @bf16(%a: tensor<3x17x5xbf16>, %b: tensor<5x3x19x2xbf16>) -> tensor<19x3x17xbf16> {
  %r = tn.contract (%a[b, i, k], %b[k, b, j, s]) -> [j, b, i] : (tensor<3x17x5xbf16>, tensor<5x3x19x2xbf16>) -> tensor<19x3x17xbf16>
  return %r : tensor<19x3x17xbf16>
}

func.func @f32(%a: tensor<3x17x5xf32>, %b: tensor<5x3x19x2xf32>) -> tensor<19x3x17xf32> {
  %r = tn.contract (%a[b, i, k], %b[k, b, j, s]) -> [j, b, i] : (tensor<3x17x5xf32>, tensor<5x3x19x2xf32>) -> tensor<19x3x17xf32>
  return %r : tensor<19x3x17xf32>
}

func.func @f64(%a: tensor<3x17x5xf64>, %b: tensor<5x3x19x2xf64>) -> tensor<19x3x17xf64> {
  %r = tn.contract (%a[b, i, k], %b[k, b, j, s]) -> [j, b, i] : (tensor<3x17x5xf64>, tensor<5x3x19x2xf64>) -> tensor<19x3x17xf64>
  return %r : tensor<19x3x17xf64>
}

func.func @c64(%a: tensor<3x17x5xcomplex<f32>>, %b: tensor<5x3x19x2xcomplex<f32>>) -> tensor<19x3x17xcomplex<f32>> {
  %r = tn.contract (%a[b, i, k], %b[k, b, j, s]) -> [j, b, i] : (tensor<3x17x5xcomplex<f32>>, tensor<5x3x19x2xcomplex<f32>>) -> tensor<19x3x17xcomplex<f32>>
  return %r : tensor<19x3x17xcomplex<f32>>
}

func.func @c128(%a: tensor<3x17x5xcomplex<f64>>, %b: tensor<5x3x19x2xcomplex<f64>>) -> tensor<19x3x17xcomplex<f64>> {
  %r = tn.contract (%a[b, i, k], %b[k, b, j, s]) -> [j, b, i] : (tensor<3x17x5xcomplex<f64>>, tensor<5x3x19x2xcomplex<f64>>) -> tensor<19x3x17xcomplex<f64>>
  return %r : tensor<19x3x17xcomplex<f64>>
}

func.func @i1(%a: tensor<3x17x5xi1>, %b: tensor<5x3x19x2xi1>) -> tensor<19x3x17xi1> {
  %r = tn.contract (%a[b, i, k], %b[k, b, j, s]) -> [j, b, i] : (tensor<3x17x5xi1>, tensor<5x3x19x2xi1>) -> tensor<19x3x17xi1>
  return %r : tensor<19x3x17xi1>
}

func.func @i8(%a: tensor<3x17x5xi8>, %b: tensor<5x3x19x2xi8>) -> tensor<19x3x17xi8> {
  %r = tn.contract (%a[b, i, k], %b[k, b, j, s]) -> [j, b, i] : (tensor<3x17x5xi8>, tensor<5x3x19x2xi8>) -> tensor<19x3x17xi8>
  return %r : tensor<19x3x17xi8>
}

func.func @i16(%a: tensor<3x17x5xi16>, %b: tensor<5x3x19x2xi16>) -> tensor<19x3x17xi16> {
  %r = tn.contract (%a[b, i, k], %b[k, b, j, s]) -> [j, b, i] : (tensor<3x17x5xi16>, tensor<5x3x19x2xi16>) -> tensor<19x3x17xi16>
  return %r : tensor<19x3x17xi16>
}

func.func @i32(%a: tensor<3x17x5xi32>, %b: tensor<5x3x19x2xi32>) -> tensor<19x3x17xi32> {
  %r = tn.contract (%a[b, i, k], %b[k, b, j, s]) -> [j, b, i] : (tensor<3x17x5xi32>, tensor<5x3x19x2xi32>) -> tensor<19x3x17xi32>
  return %r : tensor<19x3x17xi32>
}

func.func @i64(%a: tensor<3x17x5xi64>, %b: tensor<5x3x19x2xi64>) -> tensor<19x3x17xi64> {
  %r = tn.contract (%a[b, i, k], %b[k, b, j, s]) -> [j, b, i] : (tensor<3x17x5xi64>, tensor<5x3x19x2xi64>) -> tensor<19x3x17xi64>
  return %r : tensor<19x3x17xi64>
}

func.func @index(%a: tensor<3x17x5xindex>, %b: tensor<5x3x19x2xindex>) -> tensor<19x3x17xindex> {
  %r = tn.contract (%a[b, i, k], %b[k, b, j, s]) -> [j, b, i] : (tensor<3x17x5xindex>, tensor<5x3x19x2xindex>) -> tensor<19x3x17xindex>
  return %r : tensor<19x3x17xindex>
}
