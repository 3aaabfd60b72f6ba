// What is lowered as far as buffers is taken up where it stands.

// RUN: rm -rf %t && mkdir %t
// RUN: tenon-run %s --random=1 > %t/tensors.txt
// RUN: tenon-opt %s --tenon-plan-stage --tenon-tensor-stage --tenon-buffer-stage -o %t/buffers.mlir
// RUN: tenon-opt %t/buffers.mlir --tenon-kernel-stage -o %t/schedule.mlir
// RUN: tenon-run %t/buffers.mlir --random=1 | diff %t/tensors.txt -
// RUN: tenon-run %t/schedule.mlir --random=1 | diff %t/tensors.txt -

// An edit of a stage is what runs.
// RUN: sed s/arith.mulf/arith.addf/ %t/buffers.mlir > %t/edited.mlir
// RUN: tenon-run %t/edited.mlir --random=1 > %t/edited.txt
// RUN: not diff %t/tensors.txt %t/edited.txt

// RUN: tenon-compile %t/schedule.mlir -o %t/schedule.o --emit-header=%t/schedule.h
// RUN: FileCheck %s --check-prefix=HEADER < %t/schedule.h
// HEADER: #define SCHEDULE_NUM_INPUTS 3
// HEADER-NEXT: #define SCHEDULE_NUM_OUTPUTS 2

// RUN: not tenon-run %t/schedule.mlir --random=1 --check 2>&1 | FileCheck %s --check-prefix=REFERENCE
// REFERENCE: tenon-run: error: function 'main' takes buffers; the interpreter runs functions on tensors
// RUN: not tenon-run %t/schedule.mlir --random=1 --memory-limit=10B 2>&1 | FileCheck %s --check-prefix=LIMIT
// LIMIT: error: {{.*}}the memory bound of 10 bytes cannot be kept: {{.*}} raise the bound to at least that
// RUN: sed 's/tn.num_inputs = 3/tn.num_inputs = 9/' %t/schedule.mlir > %t/count.mlir
// RUN: not tenon-run %t/count.mlir --random=1 2>&1 | FileCheck %s --check-prefix=COUNT
// COUNT: tenon-run: error: function 'main' has 5 arguments; tn.num_inputs, the number of those that are read, is not among 0 to that
// RUN: sed 's/tn.num_inputs/tn.other/' %t/schedule.mlir > %t/none.mlir
// RUN: not tenon-run %t/none.mlir --random=1 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: tenon-run: error: function 'main' takes buffers, and no tn.num_inputs says which of them are read

func.func @main(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x3xf32>) -> (tensor<4x3xf32>, tensor<4x5xf32>) {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] : (tensor<4x5xf32>, tensor<5x6xf32>, tensor<6x3xf32>) -> tensor<4x3xf32>
  %s = tn.contract (%a[i, j], %a[i, j]) -> [i, j] : (tensor<4x5xf32>, tensor<4x5xf32>) -> tensor<4x5xf32>
  return %r, %s : tensor<4x3xf32>, tensor<4x5xf32>
}
