// RUN: tenon-opt %s -verify-diagnostics=only-expected "-tn-plan=memory-limit=10 packing=none" -split-input-file
// RUN: not tenon-opt %s -split-input-file -tn-plan=method=best 2>&1 | FileCheck %s --check-prefix=METHOD
// RUN: not tenon-opt %s -split-input-file -tn-plan=minimize=speed 2>&1 | FileCheck %s --check-prefix=MINIMIZE
// RUN: not tenon-opt %s -split-input-file -tn-plan=min-slices=1000 2>&1 | FileCheck %s --check-prefix=SLICES
// RUN: not tenon-opt %s -split-input-file -tn-plan=min-slices=0 2>&1 | FileCheck %s --check-prefix=RANGE
// RUN: not tenon-opt %s -split-input-file -tn-plan=threads=0 2>&1 | FileCheck %s --check-prefix=RANGE
// RUN: not tenon-opt %s -split-input-file -tn-plan=restarts=0 2>&1 | FileCheck %s --check-prefix=RANGE
// RUN: not tenon-opt %s -split-input-file -tn-plan=packing=512/32 2>&1 | FileCheck %s --check-prefix=PACKING
// RUN: not tenon-opt %s -split-input-file -tn-plan=memory-limit=-1 2>&1 | FileCheck %s --check-prefix=RANGE
// RUN: not tenon-opt %s -split-input-file -tn-plan=kept-limit=-1 2>&1 | FileCheck %s --check-prefix=RANGE

// METHOD: tn-plan: unknown strategy 'best'; expected one of annealing, auto, bisection, elimination, greedy, optimal, random-greedy, reconfiguration
// MINIMIZE: tn-plan: unknown cost model 'speed'; expected flops, size, write, combo or time
// SLICES: cannot be planned: found no slicing into at least 1000 slices that keeps the other limits: the most that was reached is 840; ask for fewer slices
// RANGE: tn-plan: memory-limit, kept-limit and search-threads are at least 0; min-slices, threads and restarts at least 1
// PACKING: tn-plan: packing is 'none' or six numbers of a processor, as in 512/32/1/32768/1048576/16777216 (vector bits, registers, memory operands, bytes of three caches); found '512/32'

func.func @net(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x7xf32>) -> tensor<4x7xf32> {
  // The smallest intermediate takes one unit of 64 bytes.
  // expected-error @below {{cannot be planned: the memory bound of 10 bytes cannot be kept: the smallest peak that slicing reaches is 64 bytes; raise the bound to at least that}}
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l]
     : (tensor<4x5xf32>, tensor<5x6xf32>, tensor<6x7xf32>) -> tensor<4x7xf32>
  return %r : tensor<4x7xf32>
}

// -----

func.func @given_slices(%a: tensor<4x50xf32>, %b: tensor<50x6xf32>, %c: tensor<6x7xf32>) -> tensor<4x7xf32> {
  // expected-error @below {{the given path and slices need 128 bytes, the limit is 10; slice more indices, or give no slices}}
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] {tn.path = array<i64: 0, 1, 2, 3>, tn.sliced = array<i64: 1>}
     : (tensor<4x50xf32>, tensor<50x6xf32>, tensor<6x7xf32>) -> tensor<4x7xf32>
  return %r : tensor<4x7xf32>
}

// -----

func.func @no_hint(%a: tensor<?x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x7xf32>) -> tensor<?x7xf32> {
  // expected-error @below {{cannot be planned: the extent of index 'row' is not known; give it by tn.hint on an argument, or fix it (tenon-specialize)}}
  %r = tn.contract (%a[row, j], %b[j, k], %c[k, l]) -> [row, l]
     : (tensor<?x5xf32>, tensor<5x6xf32>, tensor<6x7xf32>) -> tensor<?x7xf32>
  return %r : tensor<?x7xf32>
}
