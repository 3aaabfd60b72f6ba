// Bad input: one message, exit status 1, nothing written.

// RUN: rm -rf %t && mkdir %t
// RUN: %python %S/Inputs/npy.py write %t/a.npy '<f4' 2x3
// RUN: %python %S/Inputs/npy.py write %t/b.npy '<f4' 3x4
// RUN: %python %S/Inputs/npy.py write %t/double.npy '<f8' 3x4
// RUN: head -c 70 %t/b.npy > %t/short.npy

// RUN: not tenon-run %s --entry=product --arg %t/a.npy --arg %t/double.npy -o %t/r.npy 2>&1 | FileCheck %s --check-prefix=DTYPE
// DTYPE: tenon-run: error: argument 1 ('right'): {{.*}}double.npy holds 3x4xf64, expected 3x4xf32
// RUN: not tenon-run %s --entry=product --arg %t/b.npy --arg %t/a.npy -o %t/r.npy 2>&1 | FileCheck %s --check-prefix=SHAPE
// SHAPE: tenon-run: error: argument 0: {{.*}}b.npy holds 3x4xf32, expected 2x3xf32
// RUN: not tenon-run %s --entry=product --arg %t/a.npy -o %t/r.npy 2>&1 | FileCheck %s --check-prefix=COUNT
// COUNT: tenon-run: error: function 'product' takes 2 arguments, found 1; give --arg=FILE.npy for each, in order, or --random=SEED
// RUN: not tenon-run %s --entry=product --arg %t/a.npy --arg %t/short.npy -o %t/r.npy 2>&1 | FileCheck %s --check-prefix=SHORT
// SHORT: tenon-run: error: {{.*}}short.npy
// RUN: not tenon-run %s --entry=product --arg %t/a.npy --arg %t/none.npy -o %t/r.npy 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: tenon-run: error: {{.*}}none.npy
// RUN: not tenon-run %s --entry=open --arg %t/a.npy --arg %t/a.npy -o %t/r.npy 2>&1 | FileCheck %s --check-prefix=EXTENTS
// EXTENTS: tenon-run: error: {{.*}}3{{.*}}2
// RUN: not tenon-run %s --entry=open --random=1 2>&1 | FileCheck %s --check-prefix=HINT
// HINT: tenon-run: error: argument 0 of type 2x?xf32 has extents that are known only when it is run; for --random give them in the IR as its attribute tn.hint

// RUN: not tenon-run %s --random=1 2>&1 | FileCheck %s --check-prefix=ENTRY
// ENTRY: tenon-run: error: the module has several public functions (product, two, open, type, huge, outer) and none is 'main'; name one
// RUN: not tenon-run %s --entry=nobody --random=1 2>&1 | FileCheck %s --check-prefix=NOBODY
// NOBODY: tenon-run: error: the module has no function 'nobody' with a body
// RUN: not tenon-run %s --entry=type --random=1 2>&1 | FileCheck %s --check-prefix=TYPE
// TYPE: tenon-run: error: argument 0 has type f32; expected a ranked tensor
// RUN: not tenon-run %s --entry=product --random=1 -o %t/r.npy -o %t/s.npy 2>&1 | FileCheck %s --check-prefix=RESULTS
// RESULTS: tenon-run: error: function 'product' has 1 results, found 2 options -o; give one for each, in order, or none

// RUN: not tenon-run %s --entry=product --random=1 --device=cuda 2>&1 | FileCheck %s --check-prefix=DEVICE
// DEVICE: tenon-run: error: --device=cuda: there is no such device; expected cpu
// RUN: not tenon-run %s --entry=product --random=1 --memory-limit=2GBB 2>&1 | FileCheck %s --check-prefix=LIMIT
// LIMIT: tenon-run: error: --memory-limit: '2GBB' is no amount of memory; expected a number and a unit, as in 4096, 512MiB or 2GB
// RUN: not tenon-run %s --entry=product --random=1 --memory-limit=0 2>&1 | FileCheck %s --check-prefix=ZERO
// ZERO: tenon-run: error: --memory-limit: expected at least one byte
// RUN: not tenon-run %s --entry=product --random=1 --threads=0 2>&1 | FileCheck %s --check-prefix=THREADS
// THREADS: tenon-run: error: --threads=0: expected 1 to 1024
// RUN: not tenon-run %s --entry=product --random=1 --bench=0 2>&1 | FileCheck %s --check-prefix=BENCH
// BENCH: tenon-run: error: --bench=0: expected a number of runs from 1 to 1000000
// RUN: not tenon-run %s --entry=product --random=1 --arg %t/a.npy 2>&1 | FileCheck %s --check-prefix=BOTH
// BOTH: tenon-run: error: --random and --arg are both given
// RUN: not tenon-run %s --entry=product --random=1 --reference --check 2>&1 | FileCheck %s --check-prefix=CHECK-TWICE
// CHECK-TWICE: tenon-run: error: --check runs the interpreter and compiled code; leave out --reference
// RUN: not tenon-run %s --entry=product --random=1 --reference --bench 2>&1 | FileCheck %s --check-prefix=BENCH-REFERENCE
// BENCH-REFERENCE: tenon-run: error: --bench times compiled code; leave out --reference

// RUN: not tenon-run %s --entry=product --random=1 --profile=0 2>&1 | FileCheck %s --check-prefix=PROFILE
// RUN: not tenon-run %s --entry=product --random=1 --profile=many 2>&1 | FileCheck %s --check-prefix=PROFILE
// PROFILE: tenon-run: error: --profile={{.*}}: expected a number of steps from 1 to 1000000

// RUN: not tenon-run %s --entry=product --random=1 --reference --profile 2>&1 | FileCheck %s --check-prefix=PROFILE-REFERENCE
// PROFILE-REFERENCE: tenon-run: error: --profile times compiled code; leave out --reference
// RUN: not tenon-run %s --entry=product --random=1 --plan='color=blue' 2>&1 | FileCheck %s --check-prefix=PLAN
// PLAN: tenon-run: error: options of the plan: no such option color
// What is not the planner's to choose is refused, not dropped, and a bad value is one error.
// RUN: not tenon-run %s --entry=product --random=1 --plan='seed=3 memory-limit=10' 2>&1 | FileCheck %s --check-prefix=PLAN-LIMIT
// PLAN-LIMIT: tenon-run: error: options of the plan: 'memory-limit=10' is no option of the plan; give it beside the plan, as --memory-limit (tools) or memory_limit (Python, C)
// RUN: not tenon-run %s --entry=product --random=1 --plan='threads=2' 2>&1 | FileCheck %s --check-prefix=PLAN-THREADS
// PLAN-THREADS: tenon-run: error: options of the plan: 'threads=2' is no option of the plan; give it beside the plan, as --threads (tools) or threads (Python, C)
// RUN: not tenon-run %s --entry=product --random=1 --plan='seed=x' > %t/log 2>&1
// RUN: count 1 < %t/log
// RUN: FileCheck %s --check-prefix=PLAN-VALUE < %t/log
// PLAN-VALUE: tenon-run: error: options of the plan: 'seed=x': expected a number
// RUN: not tenon-run %s --entry=product --random=1 --plan='least-memory=2' 2>&1 | FileCheck %s --check-prefix=PLAN-BOOL
// PLAN-BOOL: tenon-run: error: options of the plan: 'least-memory=2': expected true or false

// RUN: not tenon-run %t/none.mlir 2>&1 | FileCheck %s --check-prefix=FILE
// FILE: tenon-run: error: cannot open input file '{{.*}}none.mlir': No such file or directory
// RUN: not tenon-run %S/Inputs/truncated.txt --random=1 2>&1 | FileCheck %s --check-prefix=TRUNCATED
// TRUNCATED: tenon-run: error: {{.*}}truncated.txt:3:{{[0-9]+}}: expected 

// RUN: not tenon-run %s --entry=product --random=1 -o %t/none/r.npy 2>&1 | FileCheck %s --check-prefix=UNWRITABLE
// UNWRITABLE: tenon-run: error: cannot write '{{.*}}none/r.npy': No such file or directory
// RUN: not tenon-run %s --entry=product --random=1 -o /dev/full 2>&1 | FileCheck %s --check-prefix=FULL
// FULL: tenon-run: error: cannot write '/dev/full': No space left on device
// RUN: not tenon-run %s --entry=product --random=1 2>&1 >/dev/full | FileCheck %s --check-prefix=FULL-TEXT
// FULL-TEXT: tenon-run: error: cannot write standard output: No space left on device
// Results are written all or none, and each to a file of its own.
// RUN: not tenon-run %s --entry=two --random=1 -o %t/r.npy -o %t/none/s.npy 2>&1 | FileCheck %s --check-prefix=LATER
// LATER: tenon-run: error: cannot write '{{.*}}none/s.npy': No such file or directory
// RUN: not tenon-run %s --entry=two --random=1 -o %t/r.npy -o /dev/full 2>&1 | FileCheck %s --check-prefix=FULL
// RUN: not tenon-run %s --entry=two --random=1 -o /dev/full -o %t/r.npy 2>&1 | FileCheck %s --check-prefix=FULL
// RUN: cd %t && not tenon-run %s --entry=two --random=1 -o r.npy -o ./r.npy 2>&1 | FileCheck %s --check-prefix=TWICE
// TWICE: tenon-run: error: results 0 and 1 go to one file, './r.npy'; give each an -o of its own
// RUN: ln -s a.npy %t/link.npy
// RUN: not tenon-run %s --entry=two --random=1 -o %t/link.npy -o %t/a.npy 2>&1 | FileCheck %s --check-prefix=LINK
// LINK: tenon-run: error: results 0 and 1 go to one file, '{{.*}}a.npy'
// RUN: tenon-run %s --entry=two --random=1 -o /dev/null -o /dev/null
// RUN: ls %t | FileCheck %s --check-prefix=FILES --implicit-check-not=r.npy
// FILES: a.npy

// RUN: not tenon-run %s --entry=huge --random=1 --reference 2>&1 | FileCheck %s --check-prefix=WORK
// WORK: tenon-run: error: {{.*}}errors.mlir:{{[0-9]+:[0-9]+}}: {{.*}}
// RUN: not tenon-run %s --entry=outer --random=1 2>&1 | FileCheck %s --check-prefix=WORKSPACE
// WORKSPACE: tenon-run: error: a run needs 4{{[0-9]+}} bytes beside arguments and results, which cannot be allocated; --memory-limit=SIZE slices the network to take less

func.func @product(%a: tensor<2x3xf32>, %b: tensor<3x4xf32> {tn.name = "right"}) -> tensor<2x4xf32> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [i, j] : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return %r : tensor<2x4xf32>
}

func.func @two(%a: tensor<2x3xf32>) -> (tensor<3xf32>, tensor<2xf32>) {
  %r = tn.contract (%a[i, k]) -> [k] : (tensor<2x3xf32>) -> tensor<3xf32>
  %s = tn.contract (%a[i, k]) -> [i] : (tensor<2x3xf32>) -> tensor<2xf32>
  return %r, %s : tensor<3xf32>, tensor<2xf32>
}

func.func @open(%a: tensor<2x?xf32>, %b: tensor<?x3xf32>) -> tensor<2x3xf32> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [i, j] : (tensor<2x?xf32>, tensor<?x3xf32>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

func.func @type(%a: f32) -> tensor<2xf32> {
  %r = tn.constant dense<[1.0, 2.0]> : tensor<2xf32>
  return %r : tensor<2xf32>
}

func.func @huge(%a: tensor<3000x2000xi8>, %b: tensor<2000x2500xi8>) -> tensor<3000x2500xi8> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [i, j] : (tensor<3000x2000xi8>, tensor<2000x2500xi8>) -> tensor<3000x2500xi8>
  return %r : tensor<3000x2500xi8>
}

// Contractions in two semirings are not merged: the intermediate takes 4e15 bytes.
func.func @outer(%a: tensor<100000xf32>, %b: tensor<100000xf32>, %c: tensor<100000xf32>) -> tensor<f32> {
  %abc = tn.contract (%a[i], %b[j], %c[k]) -> [i, j, k] semiring(max_plus) : (tensor<100000xf32>, tensor<100000xf32>, tensor<100000xf32>) -> tensor<100000x100000x100000xf32>
  %r = tn.contract (%abc[i, j, k]) -> [] : (tensor<100000x100000x100000xf32>) -> tensor<f32>
  return %r : tensor<f32>
}
