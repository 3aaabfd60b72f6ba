// A shared library: it exports the network's functions and those of contexts, and computes with its own kernels only.

// REQUIRES: plain-runtime
// RUN: rm -rf %t && mkdir %t
// RUN: tenon-compile %s -o %t/net.so --emit-header=%t/net.h
// RUN: llvm-nm -D --defined-only --format=just-symbols %t/net.so | count 9
// RUN: llvm-nm -D --defined-only --format=just-symbols %t/net.so | FileCheck %s --check-prefix=EXPORTS --match-full-lines
// EXPORTS: net
// EXPORTS-NEXT: net_signature
// EXPORTS-NEXT: net_workspace_size
// EXPORTS-NEXT: tenon_context_cancel
// EXPORTS-NEXT: tenon_context_create
// EXPORTS-NEXT: tenon_context_destroy
// EXPORTS-NEXT: tenon_context_error
// EXPORTS-NEXT: tenon_context_set_progress
// EXPORTS-NEXT: tenon_context_threads

// RUN: llvm-nm %t/net.so | FileCheck %s --check-prefix=KERNELS
// KERNELS-NOT: {{(gemm|blas|sgemv|interpret|reference|mlir::|_ZN4llvm)}}
// KERNELS: t net_kernel_0
// KERNELS-NOT: {{(gemm|blas|sgemv|interpret|reference|mlir::|_ZN4llvm)}}
// RUN: llvm-readelf --needed-libs %t/net.so | FileCheck %s --check-prefix=NEEDED
// NEEDED: NeededLibraries [
// NEEDED-NEXT: libc.so.6
// NEEDED-NEXT: ]

// RUN: FileCheck %s --check-prefix=HEADER --input-file=%t/net.h
// HEADER: #ifndef TENON_NETWORK_NET_H
// HEADER: #include "tenon-c/Runtime.h"
// HEADER: #define NET_NUM_INPUTS 2
// HEADER: #define NET_NUM_OUTPUTS 2
// HEADER: Inputs, in this order:
// HEADER-NEXT: 0  TENON_F32, extents 3 x 4, 'left?? of it'
// HEADER-NEXT: 1  TENON_F32, extents 4 x 5
// HEADER-NEXT: Outputs, in this order:
// HEADER-NEXT: 0  TENON_F32, extents 5 x 3
// HEADER-NEXT: 1  TENON_I32 (unsigned), rank 0
// HEADER: TENON_EXPORT tenon_status net(tenon_context *context,
// HEADER: TENON_EXPORT int64_t net_workspace_size(void);
// HEADER: TENON_EXPORT const char *net_signature(void);

// For C and C++, whatever the names in the IR.
// RUN: clang-22 -std=c99 -Wall -Wextra -Werror -fsyntax-only -I%source/include -xc %t/net.h
// RUN: clang-22 -std=c++17 -Wall -Wextra -Werror -fsyntax-only -I%source/include -xc++ %t/net.h

// The header alone, and again.
// RUN: tenon-compile %s -o %t/net2.h --symbol=net
// RUN: diff %t/net.h %t/net2.h

// An object has the runtime left to link.
// RUN: tenon-compile %s -o %t/net.o
// RUN: llvm-nm --format=just-symbols --undefined-only %t/net.o | FileCheck %s --check-prefix=UNDEFINED --match-full-lines
// UNDEFINED-DAG: tenon_rt_release
// UNDEFINED-DAG: tenon_rt_run
// RUN: llvm-readelf -s %t/net.o | FileCheck %s --check-prefix=VISIBILITY
// VISIBILITY-DAG: FUNC GLOBAL HIDDEN {{.*}} net_kernel_0
// VISIBILITY-DAG: FUNC GLOBAL DEFAULT {{.*}} net{{$}}

// The same input gives the same file, whichever way it comes in.
// RUN: mkdir %t/again
// RUN: tenon-compile - --emit=shared -o %t/again/net.so < %s
// RUN: cmp %t/net.so %t/again/net.so

func.func @main(%a: tensor<3x4xf32> {tn.name = "left*/ of it"}, %b: tensor<4x5xf32>) -> (tensor<5x3xf32>, tensor<i32> {tn.unsigned}) {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] : (tensor<3x4xf32>, tensor<4x5xf32>) -> tensor<5x3xf32>
  %c = tn.constant dense<7> : tensor<i32>
  return %r, %c : tensor<5x3xf32>, tensor<i32>
}
