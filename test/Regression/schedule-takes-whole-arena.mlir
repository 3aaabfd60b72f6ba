// RUN: tenon-opt %s --tenon-cpu-pipeline --canonicalize | FileCheck %s
// RUN: tenon-opt %s --tenon-cpu-pipeline --canonicalize | tenon-run - --random=1 > %t.folded
// RUN: tenon-run %s --random=1 | diff - %t.folded

// A view of the whole arena folds into the argument, for which the schedule had no place: a crash.

// CHECK: workspace(%arg3)
func.func @main(%a: tensor<3xi8>, %b: tensor<3x5xi8>) -> tensor<3x5xi8> {
  %r = tn.contract (%a[i], %b[i, j]) -> [i, j] : (tensor<3xi8>, tensor<3x5xi8>) -> tensor<3x5xi8>
  return %r : tensor<3x5xi8>
}
