// Names that C, the header, the runtime or the C library has for something else are refused, wherever they come from.

// REQUIRES: plain-runtime
// RUN: rm -rf %t && mkdir %t
// RUN: not tenon-compile %s -o %t/net.so --symbol=calloc 2>&1 | FileCheck %s
// RUN: not tenon-compile %s -o %t/printf.so 2>&1 | FileCheck %s
// RUN: not tenon-compile %s -o %t/net.so --entry=memcpy 2>&1 | FileCheck %s
// RUN: not tenon-compile %s -o %t/net.h --symbol=size_t 2>&1 | FileCheck %s
// CHECK: tenon-compile: error: '{{calloc|printf|memcpy|size_t}}' is not free to name a function in C and C++; choose another by --symbol=NAME

// Every name that the runtime defines or takes from elsewhere, and every name that the header has before the network's.
// RUN: llvm-nm --format=just-symbols --extern-only %binary/lib/libTenonRuntime.a | grep -v -e '^$' -e ':$' -e '^_' > %t/names
// RUN: clang-22 -E -dM -I%source/include -include tenon-c/Runtime.h -xc /dev/null | sed -e 's/#define //' -e '/^_/d' -e 's/[ (].*//' >> %t/names
// RUN: printf '%%s\n' _Bool int64_t uint_fast16_t ptrdiff_t TENON_OK NULL errno xor_eq static_cast _exit malloc exp >> %t/names
// RUN: grep -c . %t/names | FileCheck %s --check-prefix=MANY
// MANY: {{^[0-9]{3,}$}}
// RUN: %python %S/Inputs/refused.py %s %t/names | FileCheck %s --check-prefix=ACCEPTED --allow-empty
// ACCEPTED-NOT: {{.}}
// RUN: ls %t | FileCheck %s --check-prefix=FILES
// FILES: names
// FILES-NOT: {{.}}

// Others that come near are free.
// RUN: tenon-compile %s -o %t/net.h --symbol=tenon
// RUN: tenon-compile %s -o %t/net.h --symbol=int64
// RUN: tenon-compile %s -o %t/net.h --symbol=callocs
// RUN: tenon-compile %s -o %t/net.h --symbol=Print_f

func.func @main(%a: tensor<3x4xf32>) -> tensor<4xf32> {
  %r = tn.contract (%a[i, k]) -> [k] : (tensor<3x4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

func.func @memcpy(%a: tensor<3x4xf32>) -> tensor<4xf32> {
  %r = tn.contract (%a[i, k]) -> [k] : (tensor<3x4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
