// RUN: mlir-opt %s | FileCheck %s --check-prefix=WRITTEN
// RUN: mlir-opt %s | not mlir-opt 2>&1 | FileCheck %s

// The custom form of linalg.map says of a body that is one operation its name alone. A failure means that MLIR has mended it: round trips can
// write such programs in their custom form again (lib/Fuzz/Judge/RoundTrip.cpp).

// WRITTEN: linalg.map { scf.if }
// CHECK: error: 'scf.if' op expected 2 regions
func.func @main(%a: tensor<4xi1>, %b: tensor<4xi1>) -> tensor<4xi1> {
  %m = linalg.map ins(%a : tensor<4xi1>) outs(%b : tensor<4xi1>) (%in: i1, %init: i1) {
    %1 = scf.if %in -> (i1) {
      scf.yield %in : i1
    } else {
      scf.yield %init : i1
    }
    linalg.yield %1 : i1
  }
  return %m : tensor<4xi1>
}
