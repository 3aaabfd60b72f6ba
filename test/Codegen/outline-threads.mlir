// RUN: tenon-opt %s "-tenon-outline-kernels=target=avx512 threads=4" | FileCheck %s
// RUN: tenon-opt %s "-tenon-outline-kernels=target=avx512 threads=4" | tenon-opt | FileCheck %s
// RUN: tenon-opt %s "-tenon-outline-kernels=target=avx512 threads=1" | FileCheck %s --check-prefix=ONE

// ONE-NOT: split
// ONE-NOT: into

#a = affine_map<(d0, d1, d2) -> (d0, d2)>
#b = affine_map<(d0, d1, d2) -> (d2, d1)>
#c = affine_map<(d0, d1, d2) -> (d0, d1)>

// Threads share the longer of m and n, in whole register tiles; each has a packing buffer.
// CHECK-LABEL: func.func @many_rows(
// CHECK:       tn.call_contraction @{{.*}} split m by {{[0-9]+}} into 4 workspace
func.func @many_rows(%a: memref<2400x300xf32>, %b: memref<300x40xf32>, %c: memref<2400x40xf32>) {
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%a, %b : memref<2400x300xf32>, memref<300x40xf32>) outs(%c : memref<2400x40xf32>) {
  ^bb0(%x: f32, %y: f32, %sum: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  }
  return
}

// CHECK-LABEL: func.func @many_columns(
// CHECK:       tn.call_contraction @{{.*}} split n by {{[0-9]+}} into 4 workspace
func.func @many_columns(%a: memref<24x300xf32>, %b: memref<300x4000xf32>, %c: memref<24x4000xf32>) {
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%a, %b : memref<24x300xf32>, memref<300x4000xf32>) outs(%c : memref<24x4000xf32>) {
  ^bb0(%x: f32, %y: f32, %sum: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  }
  return
}

// Eight batches and more for four threads: they take whole ones.
// CHECK-LABEL: func.func @batches(
// CHECK:       tn.call_contraction @{{.*}} split batch by 1 into 4 workspace
func.func @batches(%a: memref<12x24x300xf32>, %b: memref<12x300x40xf32>, %c: memref<12x24x40xf32>) {
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d3, d2)>,
                                   affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>],
                  iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
    ins(%a, %b : memref<12x24x300xf32>, memref<12x300x40xf32>) outs(%c : memref<12x24x40xf32>) {
  ^bb0(%x: f32, %y: f32, %sum: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  }
  return
}

// Little work is not shared: 24 * 40 * 30 multiply-adds.
// CHECK-LABEL: func.func @small(
// CHECK-NOT:   split
// CHECK:       return
func.func @small(%a: memref<24x30xf32>, %b: memref<30x40xf32>, %c: memref<24x40xf32>) {
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%a, %b : memref<24x30xf32>, memref<30x40xf32>) outs(%c : memref<24x40xf32>) {
  ^bb0(%x: f32, %y: f32, %sum: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  }
  return
}

// A long sum alone has nothing to share.
// CHECK-LABEL: func.func @dot_product(
// CHECK:       tn.call_contraction @{{.*}} order [0] blocks [512, 4096, 1024] accumulate workspace
func.func @dot_product(%a: memref<3000000xf32>, %b: memref<3000000xf32>, %c: memref<f32>) {
  linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>],
                  iterator_types = ["reduction"]}
    ins(%a, %b : memref<3000000xf32>, memref<3000000xf32>) outs(%c : memref<f32>) {
  ^bb0(%x: f32, %y: f32, %sum: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  }
  return
}

// Inside a parallel loop all threads are busy.
// CHECK-LABEL: func.func @in_parallel_loop(
// CHECK-NOT:   split
// CHECK:       return
func.func @in_parallel_loop(%a: memref<2400x300xf32>, %b: memref<300x40xf32>, %c: memref<2x2400x40xf32>) {
  scf.forall (%i) in (2) {
    %part = memref.subview %c[%i, 0, 0] [1, 2400, 40] [1, 1, 1]
      : memref<2x2400x40xf32> to memref<2400x40xf32, strided<[40, 1], offset: ?>>
    linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : memref<2400x300xf32>, memref<300x40xf32>) outs(%part : memref<2400x40xf32, strided<[40, 1], offset: ?>>) {
    ^bb0(%x: f32, %y: f32, %sum: f32):
      %p = arith.mulf %x, %y : f32
      %s = arith.addf %sum, %p : f32
      linalg.yield %s : f32
    }
  }
  return
}
