// Slice loops with sums and concatenations, over lanes of two threads and under the memory bound of a plan.

// RUN: tenon-run %s --entry=summed --random=51 --check --threads=1 | FileCheck %s
// RUN: tenon-run %s --entry=summed --random=52 --check --threads=2 | FileCheck %s
// RUN: tenon-run %s --entry=concatenated --random=53 --check --threads=1 | FileCheck %s
// RUN: tenon-run %s --entry=concatenated --random=54 --check --threads=2 | FileCheck %s
// RUN: tenon-run %s --entry=both --random=55 --check --threads=2 | FileCheck %s
// RUN: tenon-run %s --entry=integers --random=56 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=shortest --random=57 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=scalar --random=59 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=none --random=58 --check --threads=2 --print | FileCheck %s --check-prefix=NONE
// RUN: tenon-run %s --entry=none_of_two --random=60 --check --threads=2 --print | FileCheck %s --check-prefix=TWO
// RUN: tenon-run %s --entry=uneven --random=63 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=uneven --random=64 --check --threads=3 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=uneven --random=65 --check --threads=5 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=largest_unsigned --random=66 --check --threads=1 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=largest_unsigned --random=67 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=no_index --random=61 --check --threads=2 | FileCheck %s --check-prefix=EXACT
// RUN: tenon-run %s --entry=no_index_passed --random=62 --check | FileCheck %s --check-prefix=EXACT
// CHECK: check: result 0: agrees
// EXACT: check: result 0: equal
// NONE: check: result 0: agrees: max error 0, bound there 0
// NONE-NEXT: {{^}}[0 0 0]
// TWO: check: result 0: equal
// TWO-NEXT: check: result 1: equal
// TWO-NEXT: result 0, 5x3xi32:
// TWO-NEXT: {{^\[\[}}2147483647 2147483647 2147483647]

func.func @summed(%a: tensor<6x5x4xf32>, %b: tensor<4x6x3xf32>) -> tensor<3x5xf32> {
  %r = tn.slice (%s in 6) -> (tensor<3x5xf32> [sum]) {
    %x = tensor.extract_slice %a[%s, 0, 0] [1, 5, 4] [1, 1, 1] : tensor<6x5x4xf32> to tensor<5x4xf32>
    %y = tensor.extract_slice %b[0, %s, 0] [4, 1, 3] [1, 1, 1] : tensor<4x6x3xf32> to tensor<4x3xf32>
    %p = tn.contract (%x[i, k], %y[k, j]) -> [j, i] : (tensor<5x4xf32>, tensor<4x3xf32>) -> tensor<3x5xf32>
    tn.yield %p : tensor<3x5xf32>
  }
  return %r : tensor<3x5xf32>
}

func.func @concatenated(%a: tensor<6x5x4xf64>, %b: tensor<4x3xf64>) -> tensor<3x6x5xf64> {
  %r = tn.slice (%s in 6) -> (tensor<3x6x5xf64> [1]) {
    %x = tensor.extract_slice %a[%s, 0, 0] [1, 5, 4] [1, 1, 1] : tensor<6x5x4xf64> to tensor<5x4xf64>
    %p = tn.contract (%x[i, k], %b[k, j]) -> [j, i] : (tensor<5x4xf64>, tensor<4x3xf64>) -> tensor<3x5xf64>
    tn.yield %p : tensor<3x5xf64>
  }
  return %r : tensor<3x6x5xf64>
}

func.func @both(%a: tensor<6x5x4xcomplex<f64>>, %b: tensor<4x6x3xcomplex<f64>>) -> (tensor<5x3xcomplex<f64>>, tensor<6xcomplex<f64>>) {
  %r:2 = tn.slice (%s in 6, %k in 4) -> (tensor<5x3xcomplex<f64>> [sum, sum], tensor<6xcomplex<f64>> [0, sum]) {
    %x = tensor.extract_slice %a[%s, 0, %k] [1, 5, 1] [1, 1, 1] : tensor<6x5x4xcomplex<f64>> to tensor<5xcomplex<f64>>
    %y = tensor.extract_slice %b[%k, %s, 0] [1, 1, 3] [1, 1, 1] : tensor<4x6x3xcomplex<f64>> to tensor<3xcomplex<f64>>
    %p = tn.contract (%x[i], %y[j]) -> [i, j] : (tensor<5xcomplex<f64>>, tensor<3xcomplex<f64>>) -> tensor<5x3xcomplex<f64>>
    %q = tn.contract (%p[i, j]) -> [] : (tensor<5x3xcomplex<f64>>) -> tensor<complex<f64>>
    tn.yield %p, %q : tensor<5x3xcomplex<f64>>, tensor<complex<f64>>
  }
  return %r#0, %r#1 : tensor<5x3xcomplex<f64>>, tensor<6xcomplex<f64>>
}

func.func @integers(%a: tensor<6x5x4xi16>, %b: tensor<4x6x3xi16>) -> tensor<3x5xi16> {
  %r = tn.slice (%s in 6) -> (tensor<3x5xi16> [sum]) {
    %x = tensor.extract_slice %a[%s, 0, 0] [1, 5, 4] [1, 1, 1] : tensor<6x5x4xi16> to tensor<5x4xi16>
    %y = tensor.extract_slice %b[0, %s, 0] [4, 1, 3] [1, 1, 1] : tensor<4x6x3xi16> to tensor<4x3xi16>
    %p = tn.contract (%x[i, k], %y[k, j]) -> [j, i] : (tensor<5x4xi16>, tensor<4x3xi16>) -> tensor<3x5xi16>
    tn.yield %p : tensor<3x5xi16>
  }
  return %r : tensor<3x5xi16>
}

func.func @shortest(%a: tensor<6x5x4xi32>, %b: tensor<4x6x3xi32>) -> tensor<3x5xi32> {
  %r = tn.slice (%s in 6) -> (tensor<3x5xi32> [sum]) semiring(min_plus) {
    %x = tensor.extract_slice %a[%s, 0, 0] [1, 5, 4] [1, 1, 1] : tensor<6x5x4xi32> to tensor<5x4xi32>
    %y = tensor.extract_slice %b[0, %s, 0] [4, 1, 3] [1, 1, 1] : tensor<4x6x3xi32> to tensor<4x3xi32>
    %p = tn.contract (%x[i, k], %y[k, j]) -> [j, i] semiring(min_plus) : (tensor<5x4xi32>, tensor<4x3xi32>) -> tensor<3x5xi32>
    tn.yield %p : tensor<3x5xi32>
  }
  return %r : tensor<3x5xi32>
}

// Seven slices are no multiple of the threads: the last thread has fewer, or none.
func.func @uneven(%a: tensor<7x5x4xi32>, %b: tensor<4x7x3xi32>) -> tensor<3x5xi32> {
  %r = tn.slice (%s in 7) -> (tensor<3x5xi32> [sum]) {
    %x = tensor.extract_slice %a[%s, 0, 0] [1, 5, 4] [1, 1, 1] : tensor<7x5x4xi32> to tensor<5x4xi32>
    %y = tensor.extract_slice %b[0, %s, 0] [4, 1, 3] [1, 1, 1] : tensor<4x7x3xi32> to tensor<4x3xi32>
    %p = tn.contract (%x[i, k], %y[k, j]) -> [j, i] : (tensor<5x4xi32>, tensor<4x3xi32>) -> tensor<3x5xi32>
    tn.yield %p : tensor<3x5xi32>
  }
  return %r : tensor<3x5xi32>
}

// The least unsigned number begins the maximum: the least signed one is above all that is drawn.
func.func @largest_unsigned(%a: tensor<3x4xi8> {tn.unsigned}) -> (tensor<4xi8> {tn.unsigned}) {
  %r = tn.slice (%s in 3) -> (tensor<4xi8> [sum]) semiring(max_plus) unsigned {
    %x = tensor.extract_slice %a[%s, 0] [1, 4] [1, 1] : tensor<3x4xi8> to tensor<4xi8>
    tn.yield %x : tensor<4xi8>
  }
  return %r : tensor<4xi8>
}

func.func @scalar(%a: tensor<6x5xi32>, %b: tensor<5x6xi32>) -> tensor<i32> {
  %r = tn.slice (%s in 6) -> (tensor<i32> [sum]) {
    %x = tensor.extract_slice %a[%s, 0] [1, 5] [1, 1] : tensor<6x5xi32> to tensor<5xi32>
    %y = tensor.extract_slice %b[0, %s] [5, 1] [1, 1] : tensor<5x6xi32> to tensor<5xi32>
    %p = tn.contract (%x[k], %y[k]) -> [] : (tensor<5xi32>, tensor<5xi32>) -> tensor<i32>
    tn.yield %p : tensor<i32>
  }
  return %r : tensor<i32>
}

func.func @none(%a: tensor<3xf32>) -> tensor<3xf32> {
  %r = tn.slice (%s in 0) -> (tensor<3xf32> [sum]) {
    tn.yield %a : tensor<3xf32>
  }
  return %r : tensor<3xf32>
}

func.func @none_of_two(%a: tensor<0x5x3xi32>) -> (tensor<5x3xi32>, tensor<0x5x3xi32>) {
  %r:2 = tn.slice (%s in 0, %k in 5) -> (tensor<5x3xi32> [sum, 0], tensor<0x5x3xi32> [0, 1]) semiring(min_plus) {
    %x = tensor.extract_slice %a[%s, %k, 0] [1, 1, 3] [1, 1, 1] : tensor<0x5x3xi32> to tensor<3xi32>
    tn.yield %x, %x : tensor<3xi32>, tensor<3xi32>
  }
  return %r#0, %r#1 : tensor<5x3xi32>, tensor<0x5x3xi32>
}

func.func @no_index(%a: tensor<3x4xi32>) -> tensor<3xi32> {
  %r = tn.slice () -> (tensor<3xi32> []) {
    %t = tn.contract (%a[i, j]) -> [i] : (tensor<3x4xi32>) -> tensor<3xi32>
    tn.yield %t : tensor<3xi32>
  }
  return %r : tensor<3xi32>
}

func.func @no_index_passed(%a: tensor<3xi32>) -> tensor<3xi32> {
  %r = tn.slice () -> (tensor<3xi32> []) {
    tn.yield %a : tensor<3xi32>
  }
  return %r : tensor<3xi32>
}
