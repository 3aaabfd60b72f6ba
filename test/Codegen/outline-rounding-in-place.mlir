// RUN: tenon-opt %s -tenon-outline-kernels | FileCheck %s

#a = affine_map<(i, k, j) -> (i, j)>
#b = affine_map<(i, k, j) -> (j, k)>
#c = affine_map<(i, k, j) -> (i, k)>
#same = affine_map<(i, k) -> (i, k)>

// The rounded sums replace an operand, which the kernel still reads while it writes.
// CHECK-LABEL: func.func @over_an_operand(
// CHECK:       %[[SUMS:.*]] = memref.alloc() : memref<16x16xf32>
// CHECK:       tn.call_contraction @{{.*}}(%{{.*}}) -> (%[[SUMS]][0, 1])
// CHECK:       call @map
func.func @over_an_operand(%x: memref<16x16xf16>, %y: memref<16x16xf16>) {
  %zero = arith.constant 0.0 : f32
  %sums = memref.alloc() : memref<16x16xf32>
  linalg.fill ins(%zero : f32) outs(%sums : memref<16x16xf32>)
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%x, %y : memref<16x16xf16>, memref<16x16xf16>) outs(%sums : memref<16x16xf32>) {
  ^bb0(%p: f16, %q: f16, %s: f32):
    %pw = arith.extf %p : f16 to f32
    %qw = arith.extf %q : f16 to f32
    %m = arith.mulf %pw, %qw : f32
    %t = arith.addf %s, %m : f32
    linalg.yield %t : f32
  }
  linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel", "parallel"]}
    ins(%sums : memref<16x16xf32>) outs(%x : memref<16x16xf16>) {
  ^bb0(%s: f32, %o: f16):
    %r = arith.truncf %s : f32 to f16
    linalg.yield %r : f16
  }
  return
}

// Somebody reads the old content of the destination in between.
// CHECK-LABEL: func.func @read_before(
// CHECK:       tn.call_contraction @{{.*}} -> (%{{.*}}[0, 1]) {{.*}}memref<16x16xf32>
// CHECK:       memref.copy
// CHECK:       call @map
func.func @read_before(%x: memref<16x16xf16>, %y: memref<16x16xf16>, %z: memref<16x16xf16>, %old: memref<16x16xf16>) {
  %zero = arith.constant 0.0 : f32
  %sums = memref.alloc() : memref<16x16xf32>
  linalg.fill ins(%zero : f32) outs(%sums : memref<16x16xf32>)
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%x, %y : memref<16x16xf16>, memref<16x16xf16>) outs(%sums : memref<16x16xf32>) {
  ^bb0(%p: f16, %q: f16, %s: f32):
    %pw = arith.extf %p : f16 to f32
    %qw = arith.extf %q : f16 to f32
    %m = arith.mulf %pw, %qw : f32
    %t = arith.addf %s, %m : f32
    linalg.yield %t : f32
  }
  memref.copy %z, %old : memref<16x16xf16> to memref<16x16xf16>
  linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel", "parallel"]}
    ins(%sums : memref<16x16xf32>) outs(%z : memref<16x16xf16>) {
  ^bb0(%s: f32, %o: f16):
    %r = arith.truncf %s : f32 to f16
    linalg.yield %r : f16
  }
  return
}
