// Machine code of kernels is kept on disk: another process reads it, with the same result.

// RUN: rm -rf %t.cache
// RUN: env TENON_KERNEL_CACHE=on TENON_CACHE_DIR=%t.cache tenon-run %s --random=1 --threads=1 --check --tn-stats=json --tn-debug=cache -o %t.first.npy 2>&1 | FileCheck %s --check-prefix=FIRST
// FIRST: cache: compiled 'contract_0'
// FIRST: check: result 0: equal
// FIRST: "kernel-cache": {"hits": 0, "disk": 0, "misses": 1, "prebuilt": 0}
// RUN: env TENON_KERNEL_CACHE=on TENON_CACHE_DIR=%t.cache tenon-run %s --random=1 --threads=1 --check --tn-stats=json --tn-debug=cache -o %t.second.npy 2>&1 | FileCheck %s --check-prefix=SECOND
// SECOND: cache: read 'contract_0'
// SECOND: check: result 0: equal
// SECOND: "kernel-cache": {"hits": 0, "disk": 1, "misses": 0, "prebuilt": 0}
// RUN: cmp %t.first.npy %t.second.npy

// Off: what is there is not read.
// RUN: env TENON_KERNEL_CACHE=off TENON_CACHE_DIR=%t.cache tenon-run %s --random=1 --threads=1 --tn-stats=json -o %t.npy 2>&1 | FileCheck %s --check-prefix=OFF
// OFF: "kernel-cache": {"hits": 0, "disk": 0, "misses": 1, "prebuilt": 0}

// A directory that cannot be written is a remark in the debug log, once, and no error.
// RUN: env TENON_KERNEL_CACHE=on TENON_CACHE_DIR=%s/nowhere tenon-run %s --random=1 --threads=1 --check --tn-debug=cache -o %t.npy 2>&1 | FileCheck %s --check-prefix=NOWHERE
// NOWHERE-COUNT-1: cache: kernels are not kept: the cache '{{.*}}nowhere' cannot be written: {{.*}}; name another directory, or use no cache
// NOWHERE: check: result 0: equal

func.func @main(%a: tensor<5x7xi32>, %b: tensor<7x3xi32>) -> tensor<3x5xi32> {
  %0 = tn.contract (%a[i, j], %b[j, k]) -> [k, i] : (tensor<5x7xi32>, tensor<7x3xi32>) -> tensor<3x5xi32>
  return %0 : tensor<3x5xi32>
}
