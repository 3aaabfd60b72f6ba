// RUN: tenon-run %s --random=1 --check | FileCheck %s
// RUN: tenon-opt %s --tenon-destination-style | FileCheck %s --check-prefix=IR

// The body reads an init that is needed afterwards. MLIR bufferizes linalg.map as if the init were not read: results came out of memory
// that nobody had written.

// CHECK: result 0: equal
// CHECK: result 1: equal

// IR-NOT: linalg.map
// IR: linalg.generic
// IR: linalg.map

func.func @main(%a: tensor<13xi32>, %b: tensor<13xi32>) -> (tensor<13xi32>, tensor<13xi32>) {
  %sum = linalg.map ins(%a : tensor<13xi32>) outs(%b : tensor<13xi32>) (%x: i32, %z: i32) {
    %s = arith.addi %x, %z : i32
    linalg.yield %s : i32
  }
  // This one stays: it reads its inputs alone.
  %e = tensor.empty() : tensor<13xi32>
  %both = linalg.map ins(%sum, %b : tensor<13xi32>, tensor<13xi32>) outs(%e : tensor<13xi32>) (%x: i32, %y: i32, %z: i32) {
    %p = arith.muli %x, %y : i32
    linalg.yield %p : i32
  }
  return %both, %b : tensor<13xi32>, tensor<13xi32>
}
