// RUN: tenon-opt %s -tenon-cpu-pipeline -split-input-file -verify-diagnostics
// RUN: not tenon-opt %s -split-input-file "-tenon-cpu-pipeline=memory-limit=64" 2>&1 | FileCheck %s --check-prefix=LIMIT
// RUN: not tenon-opt %s -split-input-file -tenon-cpu-pipeline=method=best 2>&1 | FileCheck %s --check-prefix=METHOD
// RUN: not tenon-opt %s -split-input-file -tenon-cpu-pipeline=target=sse2 2>&1 | FileCheck %s --check-prefix=TARGET
// RUN: not tenon-opt %s -split-input-file -tenon-cpu-pipeline=threads=0 2>&1 | FileCheck %s --check-prefix=THREADS
// RUN: not tenon-opt %s -split-input-file -tenon-cpu-pipeline=slices=2 2>&1 | FileCheck %s --check-prefix=OPTION

// LIMIT: cannot be planned: the memory bound of 64 bytes cannot be kept: the smallest peak that slicing reaches is {{[0-9]+}} bytes; raise the bound to at least that
// METHOD: tn-plan: unknown strategy 'best'
// TARGET: tenon-outline-kernels: unknown target 'sse2'
// THREADS: tn-plan: memory-limit, kept-limit and search-threads are at least 0; min-slices, threads and restarts at least 1
// OPTION: no such option slices

func.func @network(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x7xf32>) -> tensor<4x7xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l]
     : (tensor<4x5xf32>, tensor<5x6xf32>, tensor<6x7xf32>) -> tensor<4x7xf32>
  return %r : tensor<4x7xf32>
}

// -----

// expected-error @below {{the extents of 'tensor<?x5xf32>' are not known; specialise the function to the extents of its arguments first (--tenon-specialize)}}
func.func @dynamic(%a: tensor<?x5xf32>, %b: tensor<5x6xf32>) -> tensor<?x6xf32> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<?x5xf32>, tensor<5x6xf32>) -> tensor<?x6xf32>
  return %r : tensor<?x6xf32>
}
