// Where types and extents agree, nothing but the maps tells operands and dimensions apart.

// RUN: tenon-run %s --entry=product --random=41 --check | FileCheck %s
// RUN: tenon-run %s --entry=turned --random=42 --check | FileCheck %s
// RUN: tenon-run %s --entry=batches --random=43 --check | FileCheck %s
// RUN: tenon-run %s --entry=cycled --random=44 --check | FileCheck %s
// CHECK: check: result 0: equal

func.func @product(%a: tensor<5x5xi32>, %b: tensor<5x5xi32>) -> tensor<5x5xi32> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [i, j] : (tensor<5x5xi32>, tensor<5x5xi32>) -> tensor<5x5xi32>
  return %r : tensor<5x5xi32>
}

func.func @turned(%a: tensor<5x5xi32>, %b: tensor<5x5xi32>) -> tensor<5x5xi32> {
  %r = tn.contract (%a[k, i], %b[j, k]) -> [j, i] : (tensor<5x5xi32>, tensor<5x5xi32>) -> tensor<5x5xi32>
  return %r : tensor<5x5xi32>
}

func.func @batches(%a: tensor<3x3x3xi32>, %b: tensor<3x3x3xi32>) -> tensor<3x3x3xi32> {
  %r = tn.contract (%a[i, h, k], %b[k, j, h]) -> [j, h, i] : (tensor<3x3x3xi32>, tensor<3x3x3xi32>) -> tensor<3x3x3xi32>
  return %r : tensor<3x3x3xi32>
}

// A permutation that is not its own inverse, on the way to its reader.
func.func @cycled(%a: tensor<3x3x3xi32>, %x: tensor<3x4xi32>) -> tensor<3x3x4xi32> {
  %p = tn.contract (%a[i, j, k]) -> [j, k, i] : (tensor<3x3x3xi32>) -> tensor<3x3x3xi32>
  %r = tn.contract (%p[i, j, k], %x[k, l]) -> [i, j, l] : (tensor<3x3x3xi32>, tensor<3x4xi32>) -> tensor<3x3x4xi32>
  return %r : tensor<3x3x4xi32>
}
