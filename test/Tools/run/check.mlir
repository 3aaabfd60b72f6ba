// --check finds a difference: exit status 1, the place, and no file. What differs here is outside the semiring max_times, in
// which maxima are taken before products: numbers below zero, and a product that overflows.

// RUN: rm -rf %t && mkdir %t
// RUN: %python %S/Inputs/npy.py write %t/a.npy '<f4' 3 -7
// RUN: %python %S/Inputs/npy.py write %t/b.npy '<f4' 3x4 -5
// RUN: not tenon-run %s --entry=floats --arg %t/a.npy --arg %t/b.npy --check -o %t/r.npy > %t/report
// RUN: FileCheck %s --check-prefix=FLOATS --input-file=%t/report
// RUN: test ! -e %t/r.npy
// FLOATS: {{^}}check: result 0: MISMATCH: max error {{[0-9.e+]+}}, bound there {{[0-9.e+-]+}}; 3 of 3 elements outside their bounds, first 0{{$}}

// RUN: %python %S/Inputs/npy.py write %t/c.npy '|i1' 3 10
// RUN: %python %S/Inputs/npy.py write %t/d.npy '|i1' 3x4 3
// RUN: not tenon-run %s --entry=integers --arg %t/c.npy --arg %t/d.npy --check -o %t/r.npy > %t/report
// RUN: FileCheck %s --check-prefix=INTEGERS --input-file=%t/report
// RUN: test ! -e %t/r.npy
// INTEGERS: {{^}}check: result 0: MISMATCH: element 2 differs; integers and booleans must be equal{{$}}

// Infinities and NaN agree where both sides have them.
// RUN: tenon-run %s --entry=infinite --random=1 --check --print | FileCheck %s --check-prefix=INFINITE
// INFINITE: check: result 0: agrees
// INFINITE-NEXT: [inf inf nan]

// A sum that underflows: each product is below the smallest subnormal number, and may be lost in either order.
// RUN: tenon-run %s --entry=underflow --random=2 --check | FileCheck %s --check-prefix=UNDERFLOW
// UNDERFLOW: check: result 0: agrees

// Processors with dots of bf16 take subnormal factors, and sums, for 0; the others do not. Factors to come make what is lost larger.
// RUN: tenon-run %s --entry=dots --random=4 --check | FileCheck %s --check-prefix=DOTS
// RUN: tenon-run %s --entry=dots_alone --random=4 --check | FileCheck %s --check-prefix=DOTS
// DOTS: check: result 0: agrees

// A long sum in f16 loses all digits in either order; its bound is derived, and larger than the magnitude.
// RUN: tenon-run %s --entry=long_sum --random=1 --threads=2 --check | FileCheck %s --check-prefix=LONG
// LONG: {{^}}check: result 0: agrees: max error {{[0-9.e+]+}}, bound there {{[0-9.e+]+}}, which says little: it is 6.67 times the magnitude{{$}}
// Where even that bound is no finite number, there is only the convention.
// RUN: tenon-run %s --entry=longest_sum --random=1 --check | FileCheck %s --check-prefix=LONGEST
// LONGEST: {{^}}check: result 0: agrees: normwise error {{[0-9.e+-]+}}, convention 4 (its bound exceeds all numbers){{$}}

func.func @floats(%a: tensor<3xf32>, %b: tensor<3x4xf32>) -> tensor<3xf32> {
  %r = tn.contract (%a[i], %b[i, s]) -> [i] semiring(max_times) : (tensor<3xf32>, tensor<3x4xf32>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}

func.func @integers(%a: tensor<3xi8>, %b: tensor<3x4xi8>) -> tensor<3xi8> {
  %r = tn.contract (%a[i], %b[i, s]) -> [i] semiring(max_times) : (tensor<3xi8>, tensor<3x4xi8>) -> tensor<3xi8>
  return %r : tensor<3xi8>
}

func.func @infinite() -> tensor<3xf32> {
  %a = tn.constant dense<[[1.0, 0x7F800000], [0x7F800000, 2.0], [0x7F800000, 0.0]]> : tensor<3x2xf32>
  %b = tn.constant dense<[[3.0, 4.0], [5.0, 1.0], [0.0, 0x7F800000]]> : tensor<3x2xf32>
  %r = tn.contract (%a[i, j], %b[i, j]) -> [i] : (tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}

func.func @underflow(%a: tensor<5x7xf32>, %b: tensor<7x3xf32>) -> tensor<3x5xf32> {
  %tiny = tn.constant dense<1.0e-30> : tensor<7xf32>
  %small = tn.constant dense<1.0e-14> : tensor<7xf32>
  %big = tn.constant dense<1.0e30> : tensor<7xf32>
  %r = tn.contract (%a[i, k], %tiny[k], %small[k], %big[k], %b[k, j]) -> [j, i] : (tensor<5x7xf32>, tensor<7xf32>, tensor<7xf32>, tensor<7xf32>, tensor<7x3xf32>) -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}

func.func @dots(%a: tensor<40x50xbf16>, %b: tensor<45x60xbf16>) -> tensor<40x60xf32> {
  %tiny = tn.constant dense<5.0e-39> : tensor<50x45xbf16>
  %big = tn.constant dense<3.0e+20> : tensor<60xbf16>
  %r = tn.contract (%a[i, k], %tiny[k, l], %b[l, j], %big[j]) -> [i, j] accumulate(f32) : (tensor<40x50xbf16>, tensor<50x45xbf16>, tensor<45x60xbf16>, tensor<60xbf16>) -> tensor<40x60xf32>
  return %r : tensor<40x60xf32>
}

func.func @dots_alone(%a: tensor<40x50xbf16>) -> tensor<40x45xf32> {
  %tiny = tn.constant dense<5.0e-39> : tensor<50x45xbf16>
  %r = tn.contract (%a[i, k], %tiny[k, l]) -> [i, l] accumulate(f32) : (tensor<40x50xbf16>, tensor<50x45xbf16>) -> tensor<40x45xf32>
  return %r : tensor<40x45xf32>
}

func.func @long_sum(%a: tensor<5x8x5x5xf16>, %b: tensor<3x5x1xf16>, %c: tensor<5x5xf16>, %d: tensor<5xf16>, %e: tensor<1x5xf16>) -> tensor<f16> {
  %r = tn.contract (%a[i, j, k, i], %b[l, i, m], %c[k, n], %d[k], %e[m, n]) -> [] : (tensor<5x8x5x5xf16>, tensor<3x5x1xf16>, tensor<5x5xf16>, tensor<5xf16>, tensor<1x5xf16>) -> tensor<f16>
  return %r : tensor<f16>
}

func.func @longest_sum(%a: tensor<430x431xbf16>) -> tensor<bf16> {
  %r = tn.contract (%a[i, j]) -> [] : (tensor<430x431xbf16>) -> tensor<bf16>
  return %r : tensor<bf16>
}
