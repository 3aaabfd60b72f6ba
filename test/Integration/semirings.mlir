// Every semiring on every kind of element type that it has: compiled code agrees with the interpreter. No product or sum
// overflows its type: max and min do not distribute over what wraps around.

// RUN: tenon-run %s --entry=max_plus_f16 --random=21 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=max_plus_bf16 --random=21 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=max_plus_f32 --random=21 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=max_plus_f64 --random=21 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=max_plus_i8 --random=21 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=max_plus_i16 --random=21 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=max_plus_i32 --random=21 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=max_plus_i64 --random=21 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=max_plus_index --random=21 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=min_plus_f16 --random=21 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=min_plus_bf16 --random=21 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=min_plus_f32 --random=21 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=min_plus_f64 --random=21 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=min_plus_i8 --random=21 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=min_plus_i16 --random=21 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=min_plus_i32 --random=21 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=min_plus_i64 --random=21 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=min_plus_index --random=21 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=max_times_f16 --random=21 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=max_times_bf16 --random=21 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=max_times_f32 --random=21 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=max_times_f64 --random=21 --check --threads=2 | FileCheck %s --check-prefix=BOUND
// RUN: tenon-run %s --entry=max_times_i8 --random=21 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=max_times_i16 --random=21 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=max_times_i32 --random=21 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=max_times_i64 --random=21 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=max_times_index --random=21 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=or_and_i1 --random=21 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=max_plus_unsigned --random=22 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=min_plus_unsigned --random=22 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=max_times_unsigned --random=22 --check --threads=2 | FileCheck %s --check-prefix=EXACT

// EXACT: {{^}}check: result 0: equal{{$}}
// BOUND: {{^}}check: result 0: agrees: max error {{[^ ]+}}, bound there

func.func @max_plus_f16(%a: tensor<7x11xf16>, %b: tensor<11x13x3xf16>) -> tensor<13x7xf16> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(max_plus) : (tensor<7x11xf16>, tensor<11x13x3xf16>) -> tensor<13x7xf16>
  return %r : tensor<13x7xf16>
}

func.func @max_plus_bf16(%a: tensor<7x11xbf16>, %b: tensor<11x13x3xbf16>) -> tensor<13x7xbf16> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(max_plus) : (tensor<7x11xbf16>, tensor<11x13x3xbf16>) -> tensor<13x7xbf16>
  return %r : tensor<13x7xbf16>
}

func.func @max_plus_f32(%a: tensor<7x11xf32>, %b: tensor<11x13x3xf32>) -> tensor<13x7xf32> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(max_plus) : (tensor<7x11xf32>, tensor<11x13x3xf32>) -> tensor<13x7xf32>
  return %r : tensor<13x7xf32>
}

func.func @max_plus_f64(%a: tensor<7x11xf64>, %b: tensor<11x13x3xf64>) -> tensor<13x7xf64> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(max_plus) : (tensor<7x11xf64>, tensor<11x13x3xf64>) -> tensor<13x7xf64>
  return %r : tensor<13x7xf64>
}

func.func @max_plus_i8(%a: tensor<7x11xi8>, %b: tensor<11x13x3xi8>) -> tensor<13x7xi8> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(max_plus) : (tensor<7x11xi8>, tensor<11x13x3xi8>) -> tensor<13x7xi8>
  return %r : tensor<13x7xi8>
}

func.func @max_plus_i16(%a: tensor<7x11xi16>, %b: tensor<11x13x3xi16>) -> tensor<13x7xi16> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(max_plus) : (tensor<7x11xi16>, tensor<11x13x3xi16>) -> tensor<13x7xi16>
  return %r : tensor<13x7xi16>
}

func.func @max_plus_i32(%a: tensor<7x11xi32>, %b: tensor<11x13x3xi32>) -> tensor<13x7xi32> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(max_plus) : (tensor<7x11xi32>, tensor<11x13x3xi32>) -> tensor<13x7xi32>
  return %r : tensor<13x7xi32>
}

func.func @max_plus_i64(%a: tensor<7x11xi64>, %b: tensor<11x13x3xi64>) -> tensor<13x7xi64> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(max_plus) : (tensor<7x11xi64>, tensor<11x13x3xi64>) -> tensor<13x7xi64>
  return %r : tensor<13x7xi64>
}

func.func @max_plus_index(%a: tensor<7x11xindex>, %b: tensor<11x13x3xindex>) -> tensor<13x7xindex> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(max_plus) : (tensor<7x11xindex>, tensor<11x13x3xindex>) -> tensor<13x7xindex>
  return %r : tensor<13x7xindex>
}

func.func @min_plus_f16(%a: tensor<7x11xf16>, %b: tensor<11x13x3xf16>) -> tensor<13x7xf16> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(min_plus) : (tensor<7x11xf16>, tensor<11x13x3xf16>) -> tensor<13x7xf16>
  return %r : tensor<13x7xf16>
}

func.func @min_plus_bf16(%a: tensor<7x11xbf16>, %b: tensor<11x13x3xbf16>) -> tensor<13x7xbf16> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(min_plus) : (tensor<7x11xbf16>, tensor<11x13x3xbf16>) -> tensor<13x7xbf16>
  return %r : tensor<13x7xbf16>
}

func.func @min_plus_f32(%a: tensor<7x11xf32>, %b: tensor<11x13x3xf32>) -> tensor<13x7xf32> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(min_plus) : (tensor<7x11xf32>, tensor<11x13x3xf32>) -> tensor<13x7xf32>
  return %r : tensor<13x7xf32>
}

func.func @min_plus_f64(%a: tensor<7x11xf64>, %b: tensor<11x13x3xf64>) -> tensor<13x7xf64> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(min_plus) : (tensor<7x11xf64>, tensor<11x13x3xf64>) -> tensor<13x7xf64>
  return %r : tensor<13x7xf64>
}

func.func @min_plus_i8(%a: tensor<7x11xi8>, %b: tensor<11x13x3xi8>) -> tensor<13x7xi8> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(min_plus) : (tensor<7x11xi8>, tensor<11x13x3xi8>) -> tensor<13x7xi8>
  return %r : tensor<13x7xi8>
}

func.func @min_plus_i16(%a: tensor<7x11xi16>, %b: tensor<11x13x3xi16>) -> tensor<13x7xi16> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(min_plus) : (tensor<7x11xi16>, tensor<11x13x3xi16>) -> tensor<13x7xi16>
  return %r : tensor<13x7xi16>
}

func.func @min_plus_i32(%a: tensor<7x11xi32>, %b: tensor<11x13x3xi32>) -> tensor<13x7xi32> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(min_plus) : (tensor<7x11xi32>, tensor<11x13x3xi32>) -> tensor<13x7xi32>
  return %r : tensor<13x7xi32>
}

func.func @min_plus_i64(%a: tensor<7x11xi64>, %b: tensor<11x13x3xi64>) -> tensor<13x7xi64> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(min_plus) : (tensor<7x11xi64>, tensor<11x13x3xi64>) -> tensor<13x7xi64>
  return %r : tensor<13x7xi64>
}

func.func @min_plus_index(%a: tensor<7x11xindex>, %b: tensor<11x13x3xindex>) -> tensor<13x7xindex> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(min_plus) : (tensor<7x11xindex>, tensor<11x13x3xindex>) -> tensor<13x7xindex>
  return %r : tensor<13x7xindex>
}

func.func @max_times_f16(%a: tensor<7x11xf16>, %b: tensor<11x13x3xf16>) -> tensor<13x7xf16> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(max_times) : (tensor<7x11xf16>, tensor<11x13x3xf16>) -> tensor<13x7xf16>
  return %r : tensor<13x7xf16>
}

func.func @max_times_bf16(%a: tensor<7x11xbf16>, %b: tensor<11x13x3xbf16>) -> tensor<13x7xbf16> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(max_times) : (tensor<7x11xbf16>, tensor<11x13x3xbf16>) -> tensor<13x7xbf16>
  return %r : tensor<13x7xbf16>
}

func.func @max_times_f32(%a: tensor<7x11xf32>, %b: tensor<11x13x3xf32>) -> tensor<13x7xf32> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(max_times) : (tensor<7x11xf32>, tensor<11x13x3xf32>) -> tensor<13x7xf32>
  return %r : tensor<13x7xf32>
}

func.func @max_times_f64(%a: tensor<7x11xf64>, %b: tensor<11x13x3xf64>) -> tensor<13x7xf64> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(max_times) : (tensor<7x11xf64>, tensor<11x13x3xf64>) -> tensor<13x7xf64>
  return %r : tensor<13x7xf64>
}

func.func @max_times_i8(%a: tensor<7x11xi8>, %b: tensor<11x13x3xi8>) -> tensor<13x7xi8> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(max_times) : (tensor<7x11xi8>, tensor<11x13x3xi8>) -> tensor<13x7xi8>
  return %r : tensor<13x7xi8>
}

func.func @max_times_i16(%a: tensor<7x11xi16>, %b: tensor<11x13x3xi16>) -> tensor<13x7xi16> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(max_times) : (tensor<7x11xi16>, tensor<11x13x3xi16>) -> tensor<13x7xi16>
  return %r : tensor<13x7xi16>
}

func.func @max_times_i32(%a: tensor<7x11xi32>, %b: tensor<11x13x3xi32>) -> tensor<13x7xi32> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(max_times) : (tensor<7x11xi32>, tensor<11x13x3xi32>) -> tensor<13x7xi32>
  return %r : tensor<13x7xi32>
}

func.func @max_times_i64(%a: tensor<7x11xi64>, %b: tensor<11x13x3xi64>) -> tensor<13x7xi64> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(max_times) : (tensor<7x11xi64>, tensor<11x13x3xi64>) -> tensor<13x7xi64>
  return %r : tensor<13x7xi64>
}

func.func @max_times_index(%a: tensor<7x11xindex>, %b: tensor<11x13x3xindex>) -> tensor<13x7xindex> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(max_times) : (tensor<7x11xindex>, tensor<11x13x3xindex>) -> tensor<13x7xindex>
  return %r : tensor<13x7xindex>
}

func.func @or_and_i1(%a: tensor<7x11xi1>, %b: tensor<11x13x3xi1>) -> tensor<13x7xi1> {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(or_and) : (tensor<7x11xi1>, tensor<11x13x3xi1>) -> tensor<13x7xi1>
  return %r : tensor<13x7xi1>
}

func.func @max_plus_unsigned(%a: tensor<7x11xi8> {tn.unsigned}, %b: tensor<11x13x3xi8> {tn.unsigned}) -> (tensor<13x7xi8> {tn.unsigned}) {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(max_plus) unsigned : (tensor<7x11xi8>, tensor<11x13x3xi8>) -> tensor<13x7xi8>
  return %r : tensor<13x7xi8>
}

func.func @min_plus_unsigned(%a: tensor<7x11xi8> {tn.unsigned}, %b: tensor<11x13x3xi8> {tn.unsigned}) -> (tensor<13x7xi8> {tn.unsigned}) {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(min_plus) unsigned : (tensor<7x11xi8>, tensor<11x13x3xi8>) -> tensor<13x7xi8>
  return %r : tensor<13x7xi8>
}

func.func @max_times_unsigned(%a: tensor<7x11xi16> {tn.unsigned}, %b: tensor<11x13x3xi16> {tn.unsigned}) -> (tensor<13x7xi16> {tn.unsigned}) {
  %r = tn.contract (%a[i, k], %b[k, j, s]) -> [j, i] semiring(max_times) unsigned : (tensor<7x11xi16>, tensor<11x13x3xi16>) -> tensor<13x7xi16>
  return %r : tensor<13x7xi16>
}
