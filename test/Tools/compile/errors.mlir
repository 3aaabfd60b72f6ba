// Bad input: one message, exit status 1, nothing written.

// REQUIRES: plain-runtime
// RUN: rm -rf %t && mkdir %t
// RUN: not tenon-compile %s 2>&1 | FileCheck %s --check-prefix=OUTPUT
// OUTPUT: tenon-compile: error: no output: give -o FILE.so, FILE.o or FILE.h
// RUN: not tenon-compile %s -o %t/net.bin 2>&1 | FileCheck %s --check-prefix=KIND
// KIND: tenon-compile: error: '{{.*}}net.bin' does not say what to write: end it in .so, .o or .h, or give --emit
// RUN: not tenon-compile %s -o %t/net.so --emit-header=%t/net.so 2>&1 | FileCheck %s --check-prefix=SAME
// SAME: tenon-compile: error: -o and --emit-header are one file
// RUN: cd %t && not tenon-compile %s -o net.so --emit-header=./net.so 2>&1 | FileCheck %s --check-prefix=SAME
// RUN: not tenon-compile %s -o %t/2nd-net.so --entry=main 2>&1 | FileCheck %s --check-prefix=IDENTIFIER
// IDENTIFIER: tenon-compile: error: '2nd-net' is no identifier of C: letters, digits and '_', not a digit first; choose one by --symbol=NAME
// RUN: not tenon-compile %s -o %t/net.so --entry=a.b 2>&1 | FileCheck %s --check-prefix=DOT
// DOT: tenon-compile: error: 'a.b' is no identifier of C
// RUN: not tenon-compile %s -o %t/net.so --symbol=while 2>&1 | FileCheck %s --check-prefix=KEYWORD
// KEYWORD: tenon-compile: error: 'while' is not free to name a function in C and C++; choose another by --symbol=NAME
// RUN: not tenon-compile %s -o %t/net.so --entry=dynamic 2>&1 | FileCheck %s --check-prefix=OPEN
// OPEN: tenon-compile: error: function 'dynamic' has extents that are known only when it is run; fix them
// RUN: not tenon-compile %s -o %t/net.so --target-cpu=z80 2>&1 | FileCheck %s --check-prefix=CPU
// CPU: tenon-compile: error: --target-cpu=z80: no such processor
// RUN: not tenon-compile %s -o %t/net.so --target-features=+fma 2>&1 | FileCheck %s --check-prefix=FEATURES
// FEATURES: tenon-compile: error: --target-features needs --target-cpu
// RUN: not tenon-compile %s -o %t/net.so --memory-limit=lots 2>&1 | FileCheck %s --check-prefix=LIMIT
// LIMIT: tenon-compile: error: --memory-limit: 'lots' is no amount of memory
// RUN: not tenon-compile %s -o %t/net.so --plan=color=blue 2>&1 | FileCheck %s --check-prefix=PLAN
// PLAN: tenon-compile: error: --plan: no such option color
// RUN: not tenon-compile %s -o %t/net.so --plan='memory-limit=10 seed=3' 2>&1 | FileCheck %s --check-prefix=PLAN-LIMIT
// PLAN-LIMIT: tenon-compile: error: --plan: 'memory-limit=10' is no option of the plan; give it beside the plan, as --memory-limit
// RUN: not tenon-compile %s -o %t/net.so --plan=target=avx2 2>&1 | FileCheck %s --check-prefix=PLAN-TARGET
// PLAN-TARGET: tenon-compile: error: --plan: 'target=avx2' is no option of the plan; give it beside the plan, as --target-cpu of tenon-compile
// RUN: not tenon-compile %s -o %t/net.so --runtime=%t/none.a 2>&1 | FileCheck %s --check-prefix=RUNTIME
// RUNTIME: tenon-compile: error: the runtime is not at '{{.*}}none.a'; say by --runtime=FILE where libTenonRuntime.a is
// RUN: not tenon-compile %s -o %t/net.so --runtime=%s 2>&1 | FileCheck %s --check-prefix=LINKER
// LINKER: tenon-compile: error: '{{.*}}ld.lld{{.*}}' failed:
// RUN: not sh -c 'program=$(command -v tenon-compile); PATH=/nonexistent exec "$program" %s -o %t/net.so' 2>&1 | FileCheck %s --check-prefix=NO-LINKER
// NO-LINKER: tenon-compile: error: no linker: expected ld.lld-22 or ld.lld in PATH
// RUN: not tenon-compile %s -o %t/none/net.so 2>&1 | FileCheck %s --check-prefix=UNWRITABLE
// UNWRITABLE: tenon-compile: error: cannot write '{{.*}}none/net.so': No such file or directory
// RUN: not tenon-compile %s -o /dev/full --emit=shared --symbol=net 2>&1 | FileCheck %s --check-prefix=FULL
// FULL: tenon-compile: error: cannot write '/dev/full': No space left on device
// Library and header are written both or neither, whichever fails.
// RUN: not tenon-compile %s -o %t/net.o --emit-header=/dev/full 2>&1 | FileCheck %s --check-prefix=FULL
// RUN: not tenon-compile %s -o %t/net.so --emit-header=%t/none/net.h 2>&1 | FileCheck %s --check-prefix=HEADER
// HEADER: tenon-compile: error: cannot write '{{.*}}none/net.h': No such file or directory
// RUN: ls %t | count 0

func.func @main(%a: tensor<3x4xf32>) -> tensor<4xf32> {
  %r = tn.contract (%a[i, k]) -> [k] : (tensor<3x4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

func.func @a.b(%a: tensor<3x4xf32>) -> tensor<4xf32> {
  %r = tn.contract (%a[i, k]) -> [k] : (tensor<3x4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

func.func @dynamic(%a: tensor<?x4xf32>) -> tensor<4xf32> {
  %r = tn.contract (%a[i, k]) -> [k] : (tensor<?x4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
