// The switches --tn-stats and --tn-debug, in every tool that runs Tenon's passes.

// RUN: tenon-opt %s --tenon-cpu-pipeline='target=avx2 memory-limit=20000 threads=2' --tn-stats=json -o /dev/null 2>&1 | FileCheck %s --check-prefix=JSON
// JSON: {"convert-tn-to-linalg": {"contractions": {{[12]}}, "slices": 1, "others": 0, "dead": 0}, "tenon-destination-style": {"functions": 1, "inputs": 3, "outputs": 1}, "tenon-fold-loop-buffers":
// JSON-SAME: "tenon-outline-kernels": {"packed": {{[0-2]}}, "direct": {{[0-2]}}, "batched": 0, "streamed": 0, "gathered": 0, "split": 0,
// JSON-SAME: "tenon-plan-arena": {"functions": 1, "buffers": {{[1-9][0-9]*}}, "buffer-bytes": {{[1-9][0-9]*}}, "bytes": {{[1-9][0-9]*}}, "bound-bytes": {{[1-9][0-9]*}}},
// JSON-SAME: "tn-plan": {"networks": 1, "operands": 3, "given-paths": 0, "steps": 2, "shared-steps": 0, "sliced-networks": 1, "sliced-indices": {{[1-3]}}, "trivial": 0},
// JSON-SAME: "tn-simplify": {"networks": 1, "operands-before": 3, "operands-after": 3,
// JSON-SAME: "equal-ops": 0}}

// Sums over all functions; text is what the bare switch gives.
// RUN: cat %s %S/Inputs/second.mlir | tenon-opt --pass-pipeline='builtin.module(func.func(tn-plan{method=greedy}))' --tn-stats -o /dev/null 2>&1 | FileCheck %s --check-prefix=TEXT
// TEXT: --- counters of tn-plan ---
// TEXT-NEXT: {{^ +}}1  networks: contractions planned
// TEXT: {{^ +}}1  trivial: contractions of one or two operands, left as they are

// RUN: tenon-opt %s --tenon-cpu-pipeline='target=avx2 memory-limit=20000 threads=2' --tn-debug=simplify,plan,kernels,arena -o /dev/null 2>&1 | FileCheck %s --check-prefix=DEBUG
// DEBUG: simplify: {{.*}}switches.mlir:[[#LINE:]]:8: 3 operands, 3 left, unchanged
// DEBUG-NEXT: plan: {{.*}}switches.mlir:[[#LINE]]:8: 3 operands, method auto, 2^{{.*}} multiply-adds, largest result 2^{{.*}} elements, peak {{[0-9]+}} bytes, {{[1-9][0-9]*}} slices over {{[1-3]}} indices
// DEBUG-NEXT: kernels: {{.*}}switches.mlir:[[#LINE]]:8: batch 1, m {{[0-9]+}}, n {{[0-9]+}}, k {{[0-9]+}}: {{packed|direct}}, {{[0-9]+}} bytes of packing, {{adds to|writes}} its result, split 1 ways
// DEBUG: arena: {{.*}}switches.mlir:[[#LINE]]:8: {{[0-9]+}} bytes at {{[0-9]+}}{{.*}}, alive from step {{[0-9]+}} to {{[0-9]+}}
// DEBUG: arena: function 'main': {{[0-9]+}} bytes, at least {{[0-9]+}}

// One area says nothing of the others.
// RUN: tenon-opt %s --tenon-cpu-pipeline=target=avx2 --tn-debug=plan -o /dev/null 2>&1 | FileCheck %s --check-prefix=AREA --implicit-check-not={{^[a-z]+:}}
// AREA: plan: {{.*}} 1 slices over 0 indices

// RUN: tenon-run %s --random=1 --threads=1 --tn-debug=cache --tn-stats=json -o %t.npy 2>&1 | FileCheck %s --check-prefix=NATIVE
// NATIVE: cache: {{compiled|built in:}} 'contract_0'
// NATIVE: {"convert-tn-to-linalg": {{.*}}"kernel-cache": {"hits": 0, "disk": 0, "misses": {{[0-2]}}, "prebuilt": {{[0-2]}}}

// RUN: tenon-compile %s -o %t.o --threads=1 --tn-debug=plan --tn-stats=json 2>&1 | FileCheck %s --check-prefix=COMPILE
// COMPILE: plan: {{.*}} 3 operands
// COMPILE: {"convert-tn-to-linalg": {{.*}}"tn-plan": {"networks": 1,

// RUN: tenon-translate --import-einsum=ij,jk,kl-\>il --shapes 3x4,4x5,5x6 --tn-stats=json -o %t.mlir 2>&1 | FileCheck %s --check-prefix=TRANSLATE
// TRANSLATE: {"import": {"networks": 1, "operands": 3, "constants": 0, "indices": 4}}

// Nothing is counted where nothing ran, and nothing is said unasked.
// RUN: tenon-opt %s --tn-stats=json -o /dev/null 2>&1 | FileCheck %s --check-prefix=EMPTY
// EMPTY: {{^}}{}{{$}}
// RUN: tenon-opt %s --tenon-cpu-pipeline=target=avx2 -o /dev/null 2>&1 | count 0

// RUN: not tenon-opt %s --tn-debug=plan,speed 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// UNKNOWN: for the --tn-debug option: Cannot find option named 'speed'!
// RUN: not tenon-run %s --random=1 --tn-stats=xml 2>&1 | FileCheck %s --check-prefix=FORMAT
// FORMAT: for the --tn-stats option: Cannot find option named 'xml'!
// RUN: tenon-run --help | FileCheck %s --check-prefix=HELP
// HELP: --tn-debug=<value>
// HELP: --tn-stats

func.func @main(%a: tensor<30x40xf32>, %b: tensor<40x50xf32>, %c: tensor<50x60xf32>) -> tensor<60x30xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [l, i] : (tensor<30x40xf32>, tensor<40x50xf32>, tensor<50x60xf32>) -> tensor<60x30xf32>
  return %r : tensor<60x30xf32>
}
