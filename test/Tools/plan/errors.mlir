// Bad input: one message, exit status 1, nothing written.

// RUN: rm -rf %t && mkdir %t && echo '{"inputs": [[0, 1], [1, 2]], "output": [0]}' > %t/bad.json && echo '2 h 0' > %t/bad.qsim
// RUN: not tenon-plan %t/none.json 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: {{^}}tenon-plan: error: cannot read '{{.*}}none.json': No such file or directory
// RUN: not tenon-plan %t/none.mlir 2>&1 | FileCheck %s --check-prefix=NONE-IR
// NONE-IR: {{^}}tenon-plan: error: cannot open input file '{{.*}}none.mlir': No such file or directory
// RUN: not tenon-plan %t/bad.json -o %t/out 2>&1 | FileCheck %s --check-prefix=JSON
// JSON: {{^}}{{.*}}bad.json:2:1: error: the network has no "sizes"
// RUN: not tenon-plan %t/bad.qsim -o %t/out 2>&1 | FileCheck %s --check-prefix=QSIM
// QSIM: {{^}}{{.*}}bad.qsim:1:{{[0-9]+}}: error:
// RUN: not tenon-plan %t/bad.json --format=mlir 2>&1 | FileCheck %s --check-prefix=NO-IR
// NO-IR: tenon-plan: error: {{.*}}bad.json:1:1: expected

// RUN: not tenon-plan %s 2>&1 | FileCheck %s --check-prefix=ENTRY
// ENTRY: tenon-plan: error: the module has several public functions (nothing, open, planned, path, wrong) and none is 'main'
// RUN: not tenon-plan %s --entry=nothing 2>&1 | FileCheck %s --check-prefix=NOTHING
// NOTHING: tenon-plan: error: function 'nothing' has no tn.contract; there is nothing to plan
// RUN: not tenon-plan %s --entry=open 2>&1 | FileCheck %s --check-prefix=OPEN
// OPEN: tenon-plan: error: {{.*}}errors.mlir:{{[0-9]+}}:8: 'tn.contract' op cannot be planned: the extent of index 'k' is not known; give it by tn.hint
// RUN: not tenon-plan %s --entry=planned 2>&1 | FileCheck %s --check-prefix=PLANNED
// PLANNED: tenon-plan: error: function 'planned' is planned already (it has tn.plan); give the IR before tn-plan
// RUN: not tenon-plan %s --entry=path 2>&1 | FileCheck %s --check-prefix=PATH
// PATH: tenon-plan: error: {{.*}}errors.mlir:{{[0-9]+}}:8: 'tn.contract' op cannot be planned: tn.path: step 1 {{.*}}
// RUN: not tenon-plan %s --entry=wrong 2>&1 | FileCheck %s --check-prefix=SLICED
// SLICED: 'tn.contract' op cannot be planned: tn.sliced belongs to a tn.path, which is missing

// RUN: not tenon-plan %s --entry=path --method=blue 2>&1 | FileCheck %s --check-prefix=METHOD
// METHOD: tenon-plan: error: --method: unknown strategy 'blue'; expected one of {{.*}}auto, {{.*}}greedy
// RUN: not tenon-plan %s --entry=path --minimize=blue 2>&1 | FileCheck %s --check-prefix=MINIMIZE
// MINIMIZE: tenon-plan: error: --minimize: unknown cost model 'blue'; expected flops, size, write, combo or time
// RUN: not tenon-plan %s --entry=path --time-table=%t/none.times 2>&1 | FileCheck %s --check-prefix=NO-TIMES
// NO-TIMES: tenon-plan: error: --time-table: cannot read the table of times '{{.*}}none.times': No such file or directory
// RUN: not tenon-plan %s --entry=path --minimize=time --time-table=%t/bad.json 2>&1 | FileCheck %s --check-prefix=BAD-TIMES
// BAD-TIMES: tenon-plan: error: --time-table: {{.*}}bad.json:1:1: this is no table of times; expected 'tenon-times 2'
// RUN: not tenon-plan %s --entry=path --time-table= 2>&1 | FileCheck %s --check-prefix=NO-NAME
// NO-NAME: tenon-plan: error: --time-table: expected the name of a file
// RUN: not tenon-plan %s --entry=path --minimize=combo-0 2>&1 | FileCheck %s --check-prefix=FACTOR
// FACTOR: tenon-plan: error: --minimize=combo-0: expected a factor above 0 after 'combo-'
// RUN: not tenon-plan %s --entry=path --time-limit=-1 2>&1 | FileCheck %s --check-prefix=TIME
// TIME: tenon-plan: error: --time-limit=-1: expected seconds, from 0 to 30 days
// RUN: not tenon-plan %s --entry=path --time-limit=soon 2>&1 | FileCheck %s --check-prefix=SOON
// SOON: tenon-plan: error: --time-limit=soon: expected seconds, from 0 to 30 days
// RUN: not tenon-plan %s --entry=path --restarts=0 2>&1 | FileCheck %s --check-prefix=RESTARTS
// RESTARTS: tenon-plan: error: --restarts=0: expected at least 1
// RUN: not tenon-plan %s --entry=path --memory-limit=2GBB 2>&1 | FileCheck %s --check-prefix=MEMORY
// MEMORY: tenon-plan: error: --memory-limit: '2GBB' is no amount of memory
// RUN: not tenon-plan %s --entry=path --largest=0 2>&1 | FileCheck %s --check-prefix=LARGEST
// LARGEST: tenon-plan: error: --largest=0: expected a number of elements, at least 1, or 2^N
// RUN: not tenon-plan %s --entry=path --largest=2^x 2>&1 | FileCheck %s --check-prefix=POWER
// POWER: tenon-plan: error: --largest=2^x: expected a number of elements, at least 1, or 2^N
// RUN: not tenon-plan %s --entry=path --threads=0 2>&1 | FileCheck %s --check-prefix=THREADS
// THREADS: tenon-plan: error: --threads=0: expected 1 to 1024
// RUN: not tenon-plan %s --entry=path --bitstring=0 2>&1 | FileCheck %s --check-prefix=BITS
// BITS: tenon-plan: error: --bitstring belongs to circuits; say --format=qsim or --format=openqasm if the input is one
// RUN: not tenon-plan %s --entry=path --type=f32 2>&1 | FileCheck %s --check-prefix=TYPE
// TYPE: tenon-plan: error: --type belongs to networks and circuits; IR has its types
// RUN: not tenon-plan %t/bad.json --type=f33 2>&1 | FileCheck %s --check-prefix=NO-TYPE
// NO-TYPE: tenon-plan: error: unsupported element type 'f33'; expected one of
// RUN: not tenon-plan %s --entry=path --emit=blue 2>&1 | FileCheck %s --check-prefix=EMIT
// EMIT: tenon-plan: for the --emit option: Cannot find option named 'blue'!

// RUN: not tenon-plan %source/test/Inputs/networks/rtree_100_a.json -o %t/none/out 2>&1 | FileCheck %s --check-prefix=UNWRITABLE
// UNWRITABLE: tenon-plan: error: cannot write '{{.*}}none/out': No such file or directory
// RUN: not tenon-plan %source/test/Inputs/networks/rtree_100_a.json 2>&1 >/dev/full | FileCheck %s --check-prefix=FULL
// FULL: tenon-plan: error: cannot write {{.*}}No space left on device
// RUN: ls %t | FileCheck %s --check-prefix=FILES --implicit-check-not=out
// FILES: bad.json

func.func @nothing(%a: tensor<2x3xf32>) -> tensor<2x3xf32> {
  return %a : tensor<2x3xf32>
}

func.func @open(%a: tensor<2x?xf32>, %b: tensor<?x3xf32>, %c: tensor<3x5xf32>) -> tensor<2x5xf32> {
  %r = tn.contract (%a[i, k], %b[k, j], %c[j, l]) -> [i, l] : (tensor<2x?xf32>, tensor<?x3xf32>, tensor<3x5xf32>) -> tensor<2x5xf32>
  return %r : tensor<2x5xf32>
}

func.func @planned(%a: tensor<2x3xf32>, %b: tensor<3x5xf32>) -> tensor<2x5xf32> attributes {tn.plan = "{}"} {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [i, j] : (tensor<2x3xf32>, tensor<3x5xf32>) -> tensor<2x5xf32>
  return %r : tensor<2x5xf32>
}

func.func @path(%a: tensor<2x3xf32>, %b: tensor<3x5xf32>, %c: tensor<5x7xf32>) -> tensor<2x7xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] {tn.path = array<i64: 0, 1, 0, 2>}
    : (tensor<2x3xf32>, tensor<3x5xf32>, tensor<5x7xf32>) -> tensor<2x7xf32>
  return %r : tensor<2x7xf32>
}

func.func @wrong(%a: tensor<2x3xf32>, %b: tensor<3x5xf32>, %c: tensor<5x7xf32>) -> tensor<2x7xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] {tn.sliced = array<i64: 1>}
    : (tensor<2x3xf32>, tensor<3x5xf32>, tensor<5x7xf32>) -> tensor<2x7xf32>
  return %r : tensor<2x7xf32>
}
