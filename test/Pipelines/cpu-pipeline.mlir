// The pipeline is its four stages. Between any two the module can be written out and read again, as text or as bytecode, and
// the passes that a stage names can be run by themselves.

// RUN: tenon-opt %s "-tenon-cpu-pipeline=min-slices=3 threads=2 target=avx512" -o %t.all
// RUN: FileCheck %s < %t.all

// RUN: tenon-opt %s "-tenon-plan-stage=min-slices=3 threads=2 target=avx512" -o %t.1
// RUN: tenon-opt %t.1 "-tenon-tensor-stage=min-slices=3 threads=2 target=avx512" -o %t.2
// RUN: tenon-opt %t.2 "-tenon-buffer-stage=min-slices=3 threads=2 target=avx512" -o %t.3
// RUN: tenon-opt %t.3 "-tenon-kernel-stage=min-slices=3 threads=2 target=avx512" -o %t.4
// RUN: diff %t.all %t.4
// RUN: FileCheck %s --check-prefix=PLANNED < %t.1
// RUN: FileCheck %s --check-prefix=TENSORS < %t.2
// RUN: FileCheck %s --check-prefix=BUFFERS < %t.3

// RUN: tenon-opt %s "-tenon-plan-stage=min-slices=3 threads=2 target=avx512" --emit-bytecode -o %t.bc.1
// RUN: tenon-opt %t.bc.1 "-tenon-tensor-stage=min-slices=3 threads=2 target=avx512" --emit-bytecode -o %t.bc.2
// RUN: tenon-opt %t.bc.2 "-tenon-buffer-stage=min-slices=3 threads=2 target=avx512" --emit-bytecode -o %t.bc.3
// RUN: tenon-opt %t.bc.3 "-tenon-kernel-stage=min-slices=3 threads=2 target=avx512" -o %t.bc.4
// RUN: diff %t.all %t.bc.4

// RUN: tenon-opt %s -tn-simplify "-tn-plan=min-slices=3 threads=2" -loop-invariant-code-motion -convert-tn-to-linalg=threads=2 \
// RUN:   -tenon-destination-style -eliminate-empty-tensors "-one-shot-bufferize=buffer-alignment=64" -tenon-fold-loop-buffers \
// RUN:   "-tenon-outline-kernels=target=avx512 threads=2" -tenon-plan-arena -o %t.passes
// RUN: diff %t.all %t.passes

// What came out reads and writes as it is, and so does the generic form.
// RUN: tenon-opt %t.all -o %t.again
// RUN: diff %t.all %t.again
// RUN: tenon-opt %t.all --mlir-print-op-generic | tenon-opt -o %t.generic
// RUN: diff %t.all %t.generic

// PLANNED-LABEL: func.func @network(
// PLANNED-SAME:    tn.plan =
// PLANNED:       tn.slice
// PLANNED-COUNT-2: tn.contract

// TENSORS-LABEL: func.func @network(
// TENSORS-NOT:   = tn.
// TENSORS:       scf.forall (%{{.*}}) in (2)
// TENSORS:         scf.for
// TENSORS-COUNT-2: linalg.generic

// BUFFERS-LABEL: func.func @network(
// BUFFERS-SAME:    tn.num_inputs = 3
// BUFFERS-NOT:   = linalg.generic
// BUFFERS:       memref.alloc() {alignment = 64 : i64}
// BUFFERS-NOT:   iter_args

// CHECK-LABEL: func.func @network(
// CHECK-SAME:    memref<[[BYTES:[0-9]+]]xi8>) attributes {tn.num_inputs = 3 : i64, tn.plan = "{{.*}}", tn.workspace = [[BYTES]] : i64
// CHECK-NOT:   memref.alloc
// CHECK-NOT:   linalg.generic
// CHECK:       scf.forall
// CHECK:         scf.for
// CHECK-COUNT-2: tn.call_contraction @contract_0(
// CHECK:       func.func private @contract_0(
// CHECK-NOT:   func.func private @contract_
func.func @network(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x7xf32>) -> tensor<4x7xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l]
     : (tensor<4x5xf32>, tensor<5x6xf32>, tensor<6x7xf32>) -> tensor<4x7xf32>
  return %r : tensor<4x7xf32>
}
