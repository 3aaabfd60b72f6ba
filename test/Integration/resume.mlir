// What each stage prints can be read again, and goes on to the same result; so can the schedule.

// RUN: tenon-opt %s --tenon-plan-stage | tenon-run --random=71 --threads=1 > %t.plan
// RUN: tenon-opt %s --tenon-plan-stage | tenon-opt --tenon-tensor-stage | tenon-run --random=71 --threads=1 > %t.tensor
// RUN: diff %t.plan %t.tensor
// RUN: tenon-run %s --random=71 --threads=1 > %t.all
// RUN: diff %t.plan %t.all
// RUN: tenon-opt %s --tenon-plan-stage | tenon-opt --tenon-tensor-stage | tenon-opt --tenon-buffer-stage | tenon-opt --tenon-kernel-stage > %t.staged
// RUN: tenon-opt %s --tenon-cpu-pipeline | tenon-opt > %t.whole
// RUN: diff %t.staged %t.whole
// RUN: FileCheck %s --input-file=%t.whole
// CHECK: tn.call_contraction

func.func @main(%a: tensor<5x4x6xi32> {tn.unsigned}, %b: tensor<6x7x4xi32> {tn.unsigned}, %c: tensor<7x3xi32> {tn.unsigned}) -> (tensor<3x5xi32> {tn.unsigned}) {
  %r = tn.contract (%a[i, j, k], %b[k, l, j], %c[l, m]) -> [m, i] unsigned : (tensor<5x4x6xi32>, tensor<6x7x4xi32>, tensor<7x3xi32>) -> tensor<3x5xi32>
  return %r : tensor<3x5xi32>
}
