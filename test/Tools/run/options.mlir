// Options of tenon-run and what they report.

// RUN: tenon-run %s --random=3 --check | FileCheck %s --check-prefix=CHECK-ONLY
// CHECK-ONLY: {{^}}check: result 0: agrees: max error {{[0-9.e+-]+}}, bound there {{[0-9.e+-]+}}{{$}}
// CHECK-ONLY-NOT: {{.}}

// The same seed gives the same numbers, another others; --check prints none but by --print.
// RUN: tenon-run %s --random=3 --threads=1 > %t.1
// RUN: tenon-run %s --random=3 --threads=1 > %t.2
// RUN: diff %t.1 %t.2
// RUN: tenon-run %s --random=4 --threads=1 > %t.3
// RUN: not diff %t.1 %t.3
// RUN: tenon-run %s --random=3 --check --print | FileCheck %s --check-prefix=PRINT
// PRINT: check: result 0: agrees
// PRINT-NEXT: {{^}}{{\[\[}}

// RUN: tenon-run %s --random=3 --bench=4 --threads=2 | FileCheck %s --check-prefix=BENCH
// BENCH: bench: median {{[0-9.e+-]+}} ms, least {{[0-9.e+-]+}} ms, first {{[0-9.e+-]+}} ms, 4 runs, 2 threads
// BENCH-NEXT: bench: 80 multiply-adds, {{[0-9.]+}} GFLOP/s
// BENCH: bench: workspace

// RUN: tenon-run %s --random=3 --profile --threads=1 | FileCheck %s --check-prefix=PROFILE
// PROFILE: profile: least {{[0-9.e+-]+}} ms; of each of {{[0-9]+}} steps, in all {{[0-9.e+-]+}} ms; {{[0-9]+}} runs, 1 threads
// PROFILE-NEXT: {{^}}        ms  share   calls  GFLOP/s    GB/s  step
// PROFILE-NEXT: {{^ +[0-9.]+ +[0-9.]+% +1 +[0-9.]+ +[0-9.]+  (packed|direct) [0-9]+x[0-9]+: A .*, B .*, C .*}}

// RUN: tenon-run %s --random=3 --stats 2>&1 >/dev/null | FileCheck %s --check-prefix=STATS
// RUN: tenon-run %s --random=3 --verbose 2>&1 >/dev/null | FileCheck %s --check-prefix=STATS
// STATS: planned {{.*}} multiply-adds in 1 slice, {{.*}} beside inputs and outputs, about {{.*}} s
// STATS-NEXT: compiled plan {{.*}} ms, lower {{.*}} ms, bufferize {{.*}} ms, outline {{.*}} ms, kernels {{.*}} ms, load {{.*}} 1 kernels
// STATS-NEXT: ran {{.*}} s on {{[0-9]+}} thread
// STATS-NEXT: memory {{.*}} of workspace, {{.*}} at most in the whole process

// RUN: tenon-run %s --random=3 --progress=always --plan='min-slices=4' 2>&1 >/dev/null | FileCheck %s --check-prefix=PROGRESS
// PROGRESS: {{^}}[1/6] plan{{$}}
// PROGRESS: {{^}}[6/6] load{{$}}
// PROGRESS: {{^}}slices [[N:[0-9]+]]/[[N]]{{$}}
// RUN: tenon-run %s --random=3 2>&1 >/dev/null | count 0

// RUN: tenon-run %s --random=3 --memory-limit=16.5KiB --check --stats 2>&1 | FileCheck %s --check-prefix=LIMIT
// LIMIT: memory {{[0-9]+}} bytes of workspace
// RUN: not tenon-run %s --random=3 --memory-limit=100B 2>&1 | FileCheck %s --check-prefix=TOO-LOW
// TOO-LOW: tenon-run: error: {{.*}}options.mlir:{{[0-9:]+}}: {{.*}}the memory bound of 100 bytes cannot be kept: the smallest peak that slicing reaches is {{[0-9]+}} bytes

// No bound is derived for what is no tn operation any more: a convention, which the report names.
// RUN: tenon-opt %s --tenon-plan-stage --tenon-tensor-stage | tenon-run --random=3 --check | FileCheck %s --check-prefix=CONVENTION
// CONVENTION: check: result 0: agrees: normwise error {{[0-9.e+-]+}}, convention 6.1e-05 (no bound is derived for

// RUN: tenon-run --version | FileCheck %s --check-prefix=VERSION
// VERSION: tenon-run {{[0-9]+\.[0-9]+\.[0-9]+}} (LLVM 22

func.func @main(%a: tensor<3x2xf32>, %b: tensor<2x7xf32>, %c: tensor<7x4xf32>) -> tensor<3x4xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] : (tensor<3x2xf32>, tensor<2x7xf32>, tensor<7x4xf32>) -> tensor<3x4xf32>
  return %r : tensor<3x4xf32>
}
