// A loop over slices whose result has no element: there is no slice of it to take or to insert, upstream says.
// RUN: tenon-opt %s --convert-tn-to-linalg | FileCheck %s
// RUN: tenon-opt %s --convert-tn-to-linalg=threads=2 | FileCheck %s
// RUN: tenon-run %s --entry=main --random=4 --check | FileCheck %s --check-prefix=BOTH
// RUN: tenon-run %s --entry=main --random=4 --check --threads=2 | FileCheck %s --check-prefix=BOTH

// Such a result is no part of the loop, whose threads would allocate it.
// BOTH: result 0: {{agrees|equal}}
// BOTH: result 1: {{agrees|equal}}
// CHECK: func.func @main
// CHECK-NOT: tensor.insert_slice {{.*}} into tensor<8x0xf32>
func.func @main(%a: tensor<8x0xf32>, %b: tensor<8x5xf32>) -> (tensor<8x0xf32>, tensor<5xf32>) {
  %r:2 = tn.slice (%i in 8) -> (tensor<8x0xf32> [0], tensor<5xf32> [sum]) {
    %x = tensor.extract_slice %b[%i, 0] [1, 5] [1, 1] : tensor<8x5xf32> to tensor<5xf32>
    %e = tensor.empty() : tensor<0xf32>
    %y = tn.contract (%e[j], %x[k]) -> [j] : (tensor<0xf32>, tensor<5xf32>) -> tensor<0xf32>
    tn.yield %y, %x : tensor<0xf32>, tensor<5xf32>
  }
  return %r#0, %r#1 : tensor<8x0xf32>, tensor<5xf32>
}

// RUN: tenon-run %s --entry=only --random=4 --check | FileCheck %s --check-prefix=ONLY
// RUN: tenon-run %s --entry=only --random=4 --check --threads=2 | FileCheck %s --check-prefix=ONLY
// ONLY: result 0: {{agrees|equal}}
func.func @only(%a: tensor<3x4xi32>, %b: tensor<4x0xi32>) -> tensor<3x0xi32> {
  %r = tn.slice (%i in 4) -> (tensor<3x0xi32> [sum]) {
    %x = tensor.extract_slice %a[0, %i] [3, 1] [1, 1] : tensor<3x4xi32> to tensor<3xi32>
    %e = tensor.empty() : tensor<0xi32>
    %y = tn.contract (%x[i], %e[j]) -> [i, j] : (tensor<3xi32>, tensor<0xi32>) -> tensor<3x0xi32>
    tn.yield %y : tensor<3x0xi32>
  }
  return %r : tensor<3x0xi32>
}
