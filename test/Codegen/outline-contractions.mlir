// RUN: tenon-opt %s -tenon-outline-kernels=target=avx512 | FileCheck %s
// RUN: tenon-opt %s -tenon-outline-kernels=target=avx512 | tenon-opt | FileCheck %s

#a = affine_map<(d0, d1, d2) -> (d0, d2)>
#b = affine_map<(d0, d1, d2) -> (d2, d1)>
#c = affine_map<(d0, d1, d2) -> (d0, d1)>
#ct = affine_map<(d0, d1, d2) -> (d1, d0)>

// A fill with the semiring's zero just before makes the call overwrite. The packing buffer comes with it.
// CHECK-LABEL: func.func @overwrite(
// CHECK-SAME:    %[[A:.*]]: memref<24x30xf32>, %[[B:.*]]: memref<30x40xf32>, %[[C:.*]]: memref<24x40xf32>)
// CHECK-NOT:   linalg
// CHECK:       %[[W:.*]] = memref.alloc() {alignment = 64 : i64} : memref<[[BYTES:[0-9]+]]xi8>
// CHECK-NEXT:  tn.call_contraction @contract_0(%[[A]][0, 2], %[[B]][2, 1]) -> (%[[C]][0, 1]) order [0, 1, 2] blocks [{{[0-9]+}}, {{[0-9]+}}, {{[0-9]+}}] workspace(%[[W]])
// CHECK-SAME:    memref<[[BYTES]]xi8>
// CHECK-NEXT:  return
func.func @overwrite(%a: memref<24x30xf32>, %b: memref<30x40xf32>, %c: memref<24x40xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%c : memref<24x40xf32>)
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%a, %b : memref<24x30xf32>, memref<30x40xf32>) outs(%c : memref<24x40xf32>) {
  ^bb0(%x: f32, %y: f32, %sum: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  }
  return
}

// Without one it adds, through the same kernel.
// CHECK-LABEL: func.func @add(
// CHECK:       tn.call_contraction @contract_0(%{{.*}}) -> (%{{.*}}) order [0, 1, 2] blocks [{{.*}}] accumulate workspace
func.func @add(%a: memref<24x30xf32>, %b: memref<30x40xf32>, %c: memref<24x40xf32>) {
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%a, %b : memref<24x30xf32>, memref<30x40xf32>) outs(%c : memref<24x40xf32>) {
  ^bb0(%x: f32, %y: f32, %sum: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  }
  return
}

// A fill with something else stays, and so does one that another operation may have seen.
// CHECK-LABEL: func.func @fill_with_one(
// CHECK:       linalg.fill
// CHECK:       tn.call_contraction {{.*}} accumulate workspace
func.func @fill_with_one(%a: memref<24x30xf32>, %b: memref<30x40xf32>, %c: memref<24x40xf32>) {
  %zero = arith.constant 1.0 : f32
  linalg.fill ins(%zero : f32) outs(%c : memref<24x40xf32>)
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%a, %b : memref<24x30xf32>, memref<30x40xf32>) outs(%c : memref<24x40xf32>) {
  ^bb0(%x: f32, %y: f32, %sum: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  }
  return
}

// CHECK-LABEL: func.func @fill_not_just_before(
// CHECK:       linalg.fill
// CHECK:       call @other
// CHECK:       tn.call_contraction {{.*}} accumulate workspace
func.func @fill_not_just_before(%a: memref<24x30xf32>, %b: memref<30x40xf32>, %c: memref<24x40xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%c : memref<24x40xf32>)
  func.call @other(%c) : (memref<24x40xf32>) -> ()
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%a, %b : memref<24x30xf32>, memref<30x40xf32>) outs(%c : memref<24x40xf32>) {
  ^bb0(%x: f32, %y: f32, %sum: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  }
  return
}
func.func private @other(memref<24x40xf32>)

// The innermost index of C belongs to A here: A and B change places, so that the kernel writes whole rows.
// CHECK-LABEL: func.func @swapped(
// CHECK-SAME:    %[[A:.*]]: memref<24x30xf32>, %[[B:.*]]: memref<30x40xf32>, %[[C:.*]]: memref<40x24xf32>)
// CHECK:       tn.call_contraction @{{.*}}(%[[B]][2, 0], %[[A]][1, 2]) -> (%[[C]][0, 1]) order [0, 1, 2]
func.func @swapped(%a: memref<24x30xf32>, %b: memref<30x40xf32>, %c: memref<40x24xf32>) {
  linalg.generic {indexing_maps = [#a, #b, #ct], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%a, %b : memref<24x30xf32>, memref<30x40xf32>) outs(%c : memref<40x24xf32>) {
  ^bb0(%x: f32, %y: f32, %sum: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  }
  return
}

// An index of all three is a batch index and goes outermost.
// CHECK-LABEL: func.func @batch(
// CHECK-SAME:    %[[A:.*]]: memref<6x24x30xf32>, %[[B:.*]]: memref<30x40x6xf32>, %[[C:.*]]: memref<24x6x40xf32>)
// CHECK:       tn.call_contraction @[[$BATCH:[a-z_0-9]+]](%[[A]][0, 1, 3], %[[B]][3, 2, 0]) -> (%[[C]][1, 0, 2]) order [0, 1, 2, 3]
func.func @batch(%a: memref<6x24x30xf32>, %b: memref<30x40x6xf32>, %c: memref<24x6x40xf32>) {
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, d2, d0)>,
                                   affine_map<(d0, d1, d2, d3) -> (d1, d0, d2)>],
                  iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
    ins(%a, %b : memref<6x24x30xf32>, memref<30x40x6xf32>) outs(%c : memref<24x6x40xf32>) {
  ^bb0(%x: f32, %y: f32, %sum: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  }
  return
}

// A product without a sum overwrites. An index that only A has and nobody keeps is summed.
// CHECK-LABEL: func.func @outer_product(
// CHECK:       tn.call_contraction @{{.*}}(%{{.*}}[0], %{{.*}}[1]) -> (%{{.*}}[0, 1]) order [0, 1] blocks [{{.*}}] workspace
func.func @outer_product(%a: memref<24xf32>, %b: memref<40xf32>, %c: memref<24x40xf32>) {
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>],
                  iterator_types = ["parallel", "parallel"]}
    ins(%a, %b : memref<24xf32>, memref<40xf32>) outs(%c : memref<24x40xf32>) {
  ^bb0(%x: f32, %y: f32, %old: f32):
    %p = arith.mulf %x, %y : f32
    linalg.yield %p : f32
  }
  return
}

// Factors in either order, the sum on either side.
// CHECK-LABEL: func.func @other_order(
// CHECK-SAME:    %[[A:.*]]: memref<24x30xf32>, %[[B:.*]]: memref<30x40xf32>, %[[C:.*]]: memref<24x40xf32>)
// CHECK:       tn.call_contraction @contract_0(%[[A]][0, 2], %[[B]][2, 1]) -> (%[[C]][0, 1])
func.func @other_order(%a: memref<24x30xf32>, %b: memref<30x40xf32>, %c: memref<24x40xf32>) {
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%a, %b : memref<24x30xf32>, memref<30x40xf32>) outs(%c : memref<24x40xf32>) {
  ^bb0(%x: f32, %y: f32, %sum: f32):
    %p = arith.mulf %y, %x : f32
    %s = arith.addf %p, %sum : f32
    linalg.yield %s : f32
  }
  return
}

// CHECK-LABEL: func.func @mixed_types(
// CHECK:       tn.call_contraction @[[$MIXED:[a-z_0-9]+]](
func.func @mixed_types(%a: memref<24x30xf16>, %b: memref<30x40xbf16>, %c: memref<24x40xf32>) {
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%a, %b : memref<24x30xf16>, memref<30x40xbf16>) outs(%c : memref<24x40xf32>) {
  ^bb0(%x: f16, %y: bf16, %sum: f32):
    %wx = arith.extf %x : f16 to f32
    %wy = arith.extf %y : bf16 to f32
    %p = arith.mulf %wx, %wy : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  }
  return
}

// CHECK-LABEL: func.func @conjugated(
// CHECK:       tn.call_contraction @[[$CONJ:[a-z_0-9]+]](
func.func @conjugated(%a: memref<24x30xcomplex<f32>>, %b: memref<30x40xcomplex<f32>>, %c: memref<24x40xcomplex<f32>>) {
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%a, %b : memref<24x30xcomplex<f32>>, memref<30x40xcomplex<f32>>) outs(%c : memref<24x40xcomplex<f32>>) {
  ^bb0(%x: complex<f32>, %y: complex<f32>, %sum: complex<f32>):
    %cy = complex.conj %y : complex<f32>
    %p = complex.mul %x, %cy : complex<f32>
    %s = complex.add %sum, %p : complex<f32>
    linalg.yield %s : complex<f32>
  }
  return
}

// The zero of (min, +) on unsigned bytes is 255.
// CHECK-LABEL: func.func @unsigned_tropical(
// CHECK-NOT:   linalg.fill
// CHECK:       tn.call_contraction @[[$TROPICAL:[a-z_0-9]+]](%{{.*}}) -> (%{{.*}}) order [0, 1, 2] blocks [{{.*}}] workspace
func.func @unsigned_tropical(%a: memref<24x30xi8>, %b: memref<30x40xi8>, %c: memref<24x40xi8>) {
  %zero = arith.constant -1 : i8
  linalg.fill ins(%zero : i8) outs(%c : memref<24x40xi8>)
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%a, %b : memref<24x30xi8>, memref<30x40xi8>) outs(%c : memref<24x40xi8>) {
  ^bb0(%x: i8, %y: i8, %sum: i8):
    %p = arith.addi %x, %y : i8
    %s = arith.minui %sum, %p : i8
    linalg.yield %s : i8
  }
  return
}

// Booleans: exclusive or is the sum of (+, x), or that of (or, and).
// CHECK-LABEL: func.func @parity(
// CHECK:       tn.call_contraction @[[$PARITY:[a-z_0-9]+]](
func.func @parity(%a: memref<24x30xi1>, %b: memref<30x40xi1>, %c: memref<24x40xi1>) {
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%a, %b : memref<24x30xi1>, memref<30x40xi1>) outs(%c : memref<24x40xi1>) {
  ^bb0(%x: i1, %y: i1, %sum: i1):
    %p = arith.andi %x, %y : i1
    %s = arith.xori %sum, %p : i1
    linalg.yield %s : i1
  }
  return
}

// CHECK-LABEL: func.func @reachable(
// CHECK:       tn.call_contraction @[[$REACH:[a-z_0-9]+]](
func.func @reachable(%a: memref<24x30xi1>, %b: memref<30x40xi1>, %c: memref<24x40xi1>) {
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%a, %b : memref<24x30xi1>, memref<30x40xi1>) outs(%c : memref<24x40xi1>) {
  ^bb0(%x: i1, %y: i1, %sum: i1):
    %p = arith.andi %x, %y : i1
    %s = arith.ori %sum, %p : i1
    linalg.yield %s : i1
  }
  return
}

// Kernels are declarations; extents are no part of them, so that @overwrite, @add and others share one. What would gather
// its vectors is packed.
// CHECK: func.func private @contract_0(memref<?xf32>, memref<?xf32>, memref<?xf32>, memref<?xi64>, memref<?xi8>)
// CHECK-SAME: tn.kernel = #tn.contraction_kernel<a = f32, b = f32, c = f32, accumulate = f32, semiring = plus_times, strategy = "direct", lanes = 16, tile = [4, 32]
// CHECK: func.func private @[[$BATCH]](
// CHECK-SAME: strategy = "packed", lanes = 16,
// CHECK: func.func private @[[$MIXED]](memref<?xf16>, memref<?xbf16>, memref<?xf32>,
// CHECK-SAME: <a = f16, b = bf16, c = f32, accumulate = f32,
// CHECK: func.func private @[[$CONJ]](memref<?xf32>, memref<?xf32>, memref<?xf32>,
// CHECK-SAME: <a = complex<f32>, b = complex<f32>, c = complex<f32>, accumulate = complex<f32>, semiring = plus_times conj_b = true,
// CHECK: func.func private @[[$TROPICAL]](memref<?xi8>,
// CHECK-SAME: semiring = min_plus unsigned = true,
// CHECK: func.func private @[[$PARITY]](memref<?xi8>,
// CHECK-SAME: <a = i1, b = i1, c = i1, accumulate = i1, semiring = plus_times,
// CHECK: func.func private @[[$REACH]](memref<?xi8>,
// CHECK-SAME: semiring = or_and,
