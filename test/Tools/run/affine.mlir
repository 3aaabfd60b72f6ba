// The interpreter executes the index arithmetic that tiling and slicing leave behind.

// RUN: tenon-run %s --reference --entry=arithmetic --random=1 --print | FileCheck %s
// 2 * 11 + 3 ceildiv 2 = 24; min(4, 11 - 10) = 1; max(-11 floordiv 3, -11 mod 3) = 1; 11 is (1, 2, 1) in ? x 3 x 2.
// CHECK: [24 1 1 1 2 1]
func.func @arithmetic() -> tensor<6xindex> {
  %n = arith.constant 11 : index
  %m = arith.constant 3 : index
  %minus = arith.constant -11 : index
  %0 = affine.apply affine_map<(d0)[s0] -> (d0 * 2 + s0 ceildiv 2)>(%n)[%m]
  %1 = affine.min affine_map<(d0) -> (4, d0 - 10)>(%n)
  %2 = affine.max affine_map<(d0)[s0] -> (d0 floordiv s0, d0 mod s0)>(%minus)[%m]
  %3:3 = affine.delinearize_index %n into (%m, 2) : index, index, index
  %r = tensor.from_elements %0, %1, %2, %3#0, %3#1, %3#2 : tensor<6xindex>
  return %r : tensor<6xindex>
}

// RUN: not tenon-run %s --reference --entry=division 2>&1 | FileCheck %s --check-prefix=DIVISION
// DIVISION: error: {{.*}}: the affine expression overflows or divides by a number that is not positive
func.func @division() -> tensor<1xindex> {
  %n = arith.constant 11 : index
  %m = arith.constant 0 : index
  %0 = affine.apply affine_map<(d0)[s0] -> (d0 mod s0)>(%n)[%m]
  %r = tensor.from_elements %0 : tensor<1xindex>
  return %r : tensor<1xindex>
}

// RUN: not tenon-run %s --reference --entry=extent 2>&1 | FileCheck %s --check-prefix=EXTENT
// EXTENT: error: {{.*}}: an index is split by the extent 0, but extents must be positive
func.func @extent() -> tensor<2xindex> {
  %n = arith.constant 11 : index
  %m = arith.constant 0 : index
  %0:2 = affine.delinearize_index %n into (4, %m) : index, index
  %r = tensor.from_elements %0#0, %0#1 : tensor<2xindex>
  return %r : tensor<2xindex>
}
