// Slices: how many, over what, what is done once, and memory that stays within the limit.

// RUN: tenon-plan %s --threads=1 --memory-limit=20000 | FileCheck %s
// CHECK:      Optimized operations: 2.540e+05
// CHECK:      Largest intermediate: 1.100e+02 elements
// CHECK:      Peak of memory: {{[0-9.]+}} KiB
// CHECK:      Slices: 20 over i (20)
// CHECK-NEXT: Done once before slices: 0 % of the operations
// CHECK:      Heaviest contractions, 3 of 3; operations of all slices, sizes of one
// CHECK-NEXT: share
// CHECK-NEXT: 60.6% 1.540e+05 1.100e+02 1 x 110 x 70 5, 3: il,lm->im

// A bound on the elements of intermediates, as other planners have it.
// RUN: tenon-plan %s --threads=1 --largest=256 | FileCheck %s --check-prefix=LARGEST
// RUN: tenon-plan %s --threads=1 --largest=2^8 | FileCheck %s --check-prefix=LARGEST
// LARGEST: Largest intermediate: {{.*}} elements (2^{{[0-7]\.[0-9]+}})
// LARGEST: Slices: {{[0-9]+}} over

// What does not depend on a slice is counted once: 30*50*70 + 20*30*70, and 20*70*11 in slices.
// RUN: tenon-plan %s --entry=once --threads=1 | FileCheck %s --check-prefix=ONCE
// ONCE: Optimized operations: 1.624e+05
// ONCE: Slices: 11 over m (11)
// ONCE-NEXT: Done once before slices: 90.5 % of the operations
// ONCE: 64.7% 1.050e+05 {{.*}} once, 1, 2: jk,kl->jl

// The slices are written into the IR, where tn-plan finds them.
// RUN: tenon-plan %s --threads=1 --memory-limit=20000 --emit=mlir -o %t.mlir
// RUN: FileCheck %s --check-prefix=IR --input-file=%t.mlir
// IR: tn.contract {{.*}} {tn.path = array<i64: 0, 1, 4, 2, 5, 3>, tn.sliced = array<i64: 0>}
// RUN: tenon-run %t.mlir --entry=main --random=1 --threads=1 --check | FileCheck %s --check-prefix=AGREES
// AGREES: check: result 0: agrees

// A program reads the same.
// RUN: tenon-plan %s --threads=1 --memory-limit=20000 --emit=json -o %t.json
// RUN: %python %S/Inputs/check_json.py %t.json 20000 | FileCheck %s --check-prefix=JSON
// JSON: operations 254000 slices 20 sliced [0, 'i', 20]
// JSON-NEXT: steps add up
// JSON-NEXT: the largest moment is the peak
// JSON-NEXT: within the limit

// The error of a limit that cannot be kept names one that can.
// RUN: not tenon-plan %s --threads=1 --memory-limit=100 2>&1 | FileCheck %s --check-prefix=LIMIT
// LIMIT: tenon-plan: error: {{.*}}slices.mlir:{{[0-9]+}}:8: 'tn.contract' op cannot be planned: the memory bound of 100 bytes cannot be kept: the smallest peak that slicing reaches is [[BYTES:[0-9]+]] bytes; raise the bound to at least that

func.func @main(%a: tensor<20x30xf32>, %b: tensor<30x50xf32>, %c: tensor<50x70xf32>, %d: tensor<70x110xf32>) -> tensor<20x110xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l], %d[l, m]) -> [i, m]
    : (tensor<20x30xf32>, tensor<30x50xf32>, tensor<50x70xf32>, tensor<70x110xf32>) -> tensor<20x110xf32>
  return %r : tensor<20x110xf32>
}

func.func @once(%a: tensor<20x30xf32>, %b: tensor<30x50xf32>, %c: tensor<50x70xf32>, %d: tensor<70x11xf32>) -> tensor<20x11xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l], %d[l, m]) -> [i, m] {tn.path = array<i64: 1, 2, 0, 4, 3, 5>, tn.sliced = array<i64: 4>}
    : (tensor<20x30xf32>, tensor<30x50xf32>, tensor<50x70xf32>, tensor<70x11xf32>) -> tensor<20x11xf32>
  return %r : tensor<20x11xf32>
}
