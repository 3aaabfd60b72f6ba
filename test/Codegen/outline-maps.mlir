// RUN: tenon-opt %s -tenon-outline-kernels=target=avx512 -mlir-print-local-scope | FileCheck %s

// A permutation is a copy between views: the runtime does it, no kernel is made.
// CHECK-LABEL: func.func @permuted_copy(
// CHECK-SAME:    %[[A:.*]]: memref<4x5x6xf32>, %[[C:.*]]: memref<5x6x4xf32>)
// CHECK-NEXT:  %[[T:.*]] = memref.transpose %[[A]] (d0, d1, d2) -> (d1, d2, d0) :
// CHECK-NEXT:  memref.copy %[[T]], %[[C]]
// CHECK-NEXT:  return
func.func @permuted_copy(%a: memref<4x5x6xf32>, %c: memref<5x6x4xf32>) {
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d1, d2, d0)>],
                  iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%a : memref<4x5x6xf32>) outs(%c : memref<5x6x4xf32>) {
  ^bb0(%x: f32, %old: f32):
    linalg.yield %x : f32
  }
  return
}

// Fills with constants and copies stay as they are.
// CHECK-LABEL: func.func @kept(
// CHECK:       linalg.fill
// CHECK:       memref.copy
func.func @kept(%a: memref<4x5xf32>, %c: memref<4x5xf32>) {
  %seven = arith.constant 7.0 : f32
  linalg.fill ins(%seven : f32) outs(%a : memref<4x5xf32>)
  memref.copy %a, %c : memref<4x5xf32> to memref<4x5xf32>
  return
}

// Two maps with the same body on other extents share a kernel on buffers of any extents; the constant goes with them. Another
// body is another kernel.
// CHECK-LABEL: func.func @maps(
// CHECK:       %[[X:.*]] = memref.cast %{{.*}} : memref<4x5xf32> to memref<?x?xf32, strided<[?, 1], offset: ?>>
// CHECK:       call @map_0(%[[X]], %{{.*}})
// CHECK:       call @map_0(
// CHECK:       call @map_1(
func.func @maps(%a: memref<4x5xf32>, %b: memref<4x5xf32>, %c: memref<6x7xf32>, %d: memref<6x7xf32>) {
  %two = arith.constant 2.0 : f32
  %three = arith.constant 3.0 : f32
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>],
                  iterator_types = ["parallel", "parallel"]} ins(%a : memref<4x5xf32>) outs(%b : memref<4x5xf32>) {
  ^bb0(%x: f32, %old: f32):
    %y = arith.mulf %x, %two : f32
    linalg.yield %y : f32
  }
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>],
                  iterator_types = ["parallel", "parallel"]} ins(%c : memref<6x7xf32>) outs(%d : memref<6x7xf32>) {
  ^bb0(%x: f32, %old: f32):
    %y = arith.mulf %x, %two : f32
    linalg.yield %y : f32
  }
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>],
                  iterator_types = ["parallel", "parallel"]} ins(%c : memref<6x7xf32>) outs(%d : memref<6x7xf32>) {
  ^bb0(%x: f32, %old: f32):
    %y = arith.mulf %x, %three : f32
    linalg.yield %y : f32
  }
  return
}

// A product minus a sum is no semiring's: it becomes a map.
// CHECK-LABEL: func.func @no_contraction(
// CHECK-NOT:   tn.call_contraction
// CHECK:       call @map_2(
func.func @no_contraction(%a: memref<4x5xf32>, %b: memref<5x6xf32>, %c: memref<4x6xf32>) {
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>,
                                   affine_map<(d0, d1, d2) -> (d0, d1)>],
                  iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%a, %b : memref<4x5xf32>, memref<5x6xf32>) outs(%c : memref<4x6xf32>) {
  ^bb0(%x: f32, %y: f32, %sum: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.subf %sum, %p : f32
    linalg.yield %s : f32
  }
  return
}

// Nor is a square of one operand, though two are there.
// CHECK-LABEL: func.func @one_factor_twice(
// CHECK-NOT:   tn.call_contraction
// CHECK:       call @map_3(
func.func @one_factor_twice(%a: memref<4x5xf32>, %b: memref<4x5xf32>, %c: memref<4xf32>) {
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>],
                  iterator_types = ["parallel", "reduction"]}
    ins(%a, %b : memref<4x5xf32>, memref<4x5xf32>) outs(%c : memref<4xf32>) {
  ^bb0(%x: f32, %y: f32, %sum: f32):
    %p = arith.mulf %x, %x : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  }
  return
}

// A sign extension of i1 means -1, which no kernel does.
// CHECK-LABEL: func.func @minus_one(
// CHECK-NOT:   tn.call_contraction
// CHECK:       call @map_4(
func.func @minus_one(%a: memref<4x5xi1>, %b: memref<5xi32>, %c: memref<4xi32>) {
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0)>],
                  iterator_types = ["parallel", "reduction"]}
    ins(%a, %b : memref<4x5xi1>, memref<5xi32>) outs(%c : memref<4xi32>) {
  ^bb0(%x: i1, %y: i32, %sum: i32):
    %w = arith.extsi %x : i1 to i32
    %p = arith.muli %w, %y : i32
    %s = arith.addi %sum, %p : i32
    linalg.yield %s : i32
  }
  return
}

// A sum over the rows of an operand walks them one after the other, whatever the order of its loops; a sum along rows does too.
// CHECK-LABEL: func.func @sum_over_rows(
// CHECK:       call @[[$ROWS:map_[0-9]+]](
// CHECK:       call @[[$ALONG:map_[0-9]+]](
func.func @sum_over_rows(%a: memref<40x5x6xf32>, %c: memref<6x5xf32>, %d: memref<40x5xf32>) {
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d2, d1, d0)>, affine_map<(d0, d1, d2) -> (d0, d1)>],
                  iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%a : memref<40x5x6xf32>) outs(%c : memref<6x5xf32>) {
  ^bb0(%x: f32, %sum: f32):
    %s = arith.addf %sum, %x : f32
    linalg.yield %s : f32
  }
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>],
                  iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%a : memref<40x5x6xf32>) outs(%d : memref<40x5xf32>) {
  ^bb0(%x: f32, %sum: f32):
    %s = arith.addf %sum, %x : f32
    linalg.yield %s : f32
  }
  return
}

// CHECK: func.func private @map_0(%[[A:.*]]: memref<?x?xf32, strided<[?, 1], offset: ?>>, %[[B:.*]]: memref<?x?xf32, strided<[?, 1], offset: ?>>)
// CHECK-SAME: attributes {tn.kernel = "views"}
// CHECK:   %[[TWO:.*]] = arith.constant 2.000000e+00 : f32
// CHECK:   linalg.generic {{.*}} ins(%[[A]] : {{.*}}) outs(%[[B]]
// CHECK:     arith.mulf %{{.*}}, %[[TWO]] : f32
// CHECK: func.func private @map_1(
// CHECK:   arith.constant 3.000000e+00 : f32
// CHECK: func.func private @map_2(
// CHECK:   arith.subf
// CHECK: func.func private @[[$ROWS]](
// CHECK:   linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>]
// CHECK-SAME: iterator_types = ["reduction", "parallel", "parallel"]
// CHECK: func.func private @[[$ALONG]](
// CHECK:   linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "reduction"]
// CHECK-NOT: @map_7
