// Sums that are rounded right after a contraction are rounded by its kernel, where k is one block.

// RUN: tenon-opt %s -tenon-cpu-pipeline --tn-stats -o - 2>&1 | FileCheck %s
// RUN: tenon-run %s --entry=half --random=1 --check --threads=2 | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %s --entry=bfloat --random=2 --check | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %s --entry=product --random=3 --check | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %s --entry=deep --random=4 --check | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %s --entry=read_twice --random=5 --check | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %s --entry=permuted --random=6 --check | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %s --entry=double --random=7 --check | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %s --entry=chain --random=8 --check | FileCheck %s --check-prefix=EXEC
// EXEC: check: result 0: agrees
// EXEC-NOT: differs

// CHECK-LABEL: func.func @half(
// CHECK-NOT:   call @map
// CHECK:       tn.call_contraction @[[$HALF:.*]](%arg0[{{.*}}], %arg1[{{.*}}]) -> (%arg2[0, 1])
// CHECK-NOT:   accumulate
// CHECK-NOT:   call @map
// CHECK:       return
func.func @half(%a: tensor<13x37xf16>, %b: tensor<37x50xf16>) -> tensor<13x50xf16> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k] accumulate(f32) : (tensor<13x37xf16>, tensor<37x50xf16>) -> tensor<13x50xf16>
  return %r : tensor<13x50xf16>
}

// CHECK-LABEL: func.func @bfloat(
// CHECK-NOT:   call @map
// CHECK:       return
func.func @bfloat(%a: tensor<5x13x37xbf16>, %b: tensor<5x37x50xf32>) -> tensor<13x5x50xbf16> {
  %r = tn.contract (%a[b, i, j], %b[b, j, k]) -> [i, b, k] accumulate(f32) : (tensor<5x13x37xbf16>, tensor<5x37x50xf32>) -> tensor<13x5x50xbf16>
  return %r : tensor<13x5x50xbf16>
}

// A product without a sum.
// CHECK-LABEL: func.func @product(
// CHECK-NOT:   call @map
// CHECK:       return
func.func @product(%a: tensor<13xf16>, %b: tensor<50xf16>) -> tensor<13x50xf16> {
  %r = tn.contract (%a[i], %b[k]) -> [i, k] accumulate(f32) : (tensor<13xf16>, tensor<50xf16>) -> tensor<13x50xf16>
  return %r : tensor<13x50xf16>
}

// Here k is cut into blocks: sums are kept in f32 and rounded by an operation of their own.
// CHECK-LABEL: func.func @deep(
// CHECK:       tn.call_contraction
// CHECK:       call @map
func.func @deep(%a: tensor<16x9001xf16>, %b: tensor<9001x32xf16>) -> tensor<16x32xf16> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k] accumulate(f32) : (tensor<16x9001xf16>, tensor<9001x32xf16>) -> tensor<16x32xf16>
  return %r : tensor<16x32xf16>
}

// Others read the sums.
// CHECK-LABEL: func.func @read_twice(
// CHECK:       tn.call_contraction
// CHECK:       call @map
func.func @read_twice(%a: tensor<13x37xf16>, %b: tensor<37x50xf16>, %c: tensor<50x4xf32>) -> (tensor<13x50xf16>, tensor<13x4xf32>) {
  %s = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<13x37xf16>, tensor<37x50xf16>) -> tensor<13x50xf32>
  %r = tn.contract (%s[i, k]) -> [i, k] accumulate(f32) : (tensor<13x50xf32>) -> tensor<13x50xf16>
  %t = tn.contract (%s[i, k], %c[k, l]) -> [i, l] : (tensor<13x50xf32>, tensor<50x4xf32>) -> tensor<13x4xf32>
  return %r, %t : tensor<13x50xf16>, tensor<13x4xf32>
}

// A permutation that rounds is not one that is folded here.
// CHECK-LABEL: func.func @permuted(
func.func @permuted(%a: tensor<13x37xf16>, %b: tensor<37x50xf16>) -> tensor<50x13xf16> {
  %s = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<13x37xf16>, tensor<37x50xf16>) -> tensor<13x50xf32>
  %r = tn.contract (%s[i, k]) -> [k, i] accumulate(f32) : (tensor<13x50xf32>) -> tensor<50x13xf16>
  return %r : tensor<50x13xf16>
}

// No kernel rounds f64 to f32.
// CHECK-LABEL: func.func @double(
// CHECK:       tn.call_contraction
// CHECK:       call @map
func.func @double(%a: tensor<13x37xf32>, %b: tensor<37x50xf32>) -> tensor<13x50xf32> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k] accumulate(f64) : (tensor<13x37xf32>, tensor<37x50xf32>) -> tensor<13x50xf32>
  return %r : tensor<13x50xf32>
}

// The last step of a tree.
// CHECK-LABEL: func.func @chain(
// CHECK-COUNT-2: tn.call_contraction
// CHECK-NOT:   call @map
// CHECK:       return
func.func @chain(%a: tensor<13x37xf16>, %b: tensor<37x50xf16>, %c: tensor<50x20xf16>) -> tensor<20x13xf16> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [l, i] accumulate(f32)
     : (tensor<13x37xf16>, tensor<37x50xf16>, tensor<50x20xf16>) -> tensor<20x13xf16>
  return %r : tensor<20x13xf16>
}

// CHECK: func.func private @[[$HALF]]({{.*}}) attributes {tn.kernel = #tn.contraction_kernel<a = f16, b = f16, c = f16, accumulate = f32
// CHECK: {{[0-9]+}} rounded: contractions that store their sums in a narrower type
