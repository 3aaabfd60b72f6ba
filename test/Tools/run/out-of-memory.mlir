// An allocation that fails is one error, whatever was to be allocated; nothing is written.

// REQUIRES: plain-runtime

// RUN: rm -rf %t && mkdir %t
// RUN: not bash -c "ulimit -v 3000000; exec tenon-run %s --entry=outer --random=1 --plan=fuse=false -o %t/r.npy" 2>&1 | FileCheck %s --check-prefix=WORKSPACE
// WORKSPACE: tenon-run: error: a run needs 48{{[0-9]+}} bytes beside arguments and results, which cannot be allocated; --memory-limit=SIZE slices the network to take less
// WORKSPACE-NOT: {{.}}
// RUN: not bash -c "ulimit -v 3000000; exec tenon-run %s --entry=result --random=1 -o %t/r.npy" 2>&1 | FileCheck %s --check-prefix=RESULT
// RESULT: tenon-run: error: result 0: {{.*}}
// RESULT-NOT: {{.}}
// RUN: ls %t | count 0

// RUN: not bash -c "ulimit -v 3000000; exec tenon-run %s --entry=closed --random=1 -o %t/r.npy" 2>&1 | FileCheck %s --check-prefix=CLOSED
// CLOSED: tenon-run: error: a run needs 7{{[0-9]+}} bytes beside arguments and results, which cannot be allocated; {{.*}}
// CLOSED-NOT: {{.}}
// RUN: ls %t | count 0

// With a limit that network runs in the same room.
// RUN: bash -c "ulimit -v 3000000; exec tenon-run %s --entry=closed --random=1 --memory-limit=10MiB --threads=1 -o %t/r.npy"
// RUN: ls %t | FileCheck %s --check-prefix=WRITTEN
// WRITTEN: r.npy

// Contractions in two semirings are not merged: the intermediate takes 4.8e9 bytes, where it is not made in tiles.
func.func @outer(%a: tensor<30000xf32>, %b: tensor<40000xf32>) -> tensor<30000xf32> {
  %ab = tn.contract (%a[i], %b[j]) -> [i, j] semiring(max_plus) : (tensor<30000xf32>, tensor<40000xf32>) -> tensor<30000x40000xf32>
  %r = tn.contract (%ab[i, j]) -> [i] : (tensor<30000x40000xf32>) -> tensor<30000xf32>
  return %r : tensor<30000xf32>
}

func.func @result(%a: tensor<30000xf32>, %b: tensor<40000xf32>) -> tensor<30000x40000xf32> {
  %r = tn.contract (%a[i], %b[j]) -> [i, j] : (tensor<30000xf32>, tensor<40000xf32>) -> tensor<30000x40000xf32>
  return %r : tensor<30000x40000xf32>
}

func.func @closed(%a: tensor<20000x2xf32>, %b: tensor<2x45000xf32>, %c: tensor<45000x3xf32>, %d: tensor<3x20000xf32>) -> tensor<f32> {
  %r = tn.contract (%a[i, k], %b[k, j], %c[j, l], %d[l, i]) -> [] {tn.path = array<i64: 0, 1, 2, 3, 4, 5>}
     : (tensor<20000x2xf32>, tensor<2x45000xf32>, tensor<45000x3xf32>, tensor<3x20000xf32>) -> tensor<f32>
  return %r : tensor<f32>
}
