// A loop over slices that is bufferized as it is: there is no view of a part of an empty buffer, upstream says.
// RUN: tenon-opt %s --tenon-buffer-stage -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// RUN: tenon-run %t.mlir --entry=main | FileCheck %s --check-prefix=VALUES

// CHECK-LABEL: func.func @main
// CHECK: scf.for
// CHECK-NOT: memref.subview {{.*}} : memref<3x0xi32> to
// CHECK-LABEL: func.func @only
// CHECK-NOT: scf.for

// VALUES: result 1, 2xi32:
// VALUES-NEXT: 6 15
func.func @main() -> (tensor<3x0xi32>, tensor<2xi32>) {
  %b = tn.constant dense<[[1, 4], [2, 5], [3, 6]]> : tensor<3x2xi32>
  %e = tn.constant dense<> : tensor<0xi32>
  %r:2 = tn.slice (%i in 3) -> (tensor<3x0xi32> [0], tensor<2xi32> [sum]) {
    %x = tensor.extract_slice %b[%i, 0] [1, 2] [1, 1] : tensor<3x2xi32> to tensor<2xi32>
    %y = tn.contract (%e[j], %x[k]) -> [j] : (tensor<0xi32>, tensor<2xi32>) -> tensor<0xi32>
    tn.yield %y, %x : tensor<0xi32>, tensor<2xi32>
  }
  return %r#0, %r#1 : tensor<3x0xi32>, tensor<2xi32>
}

func.func @only(%a: tensor<0xi32>, %b: tensor<1xi32>) -> tensor<1x0xi32> {
  %r = tn.slice (%i in 1) -> (tensor<1x0xi32> [0]) {
    %x = tensor.extract_slice %b[%i] [1] [1] : tensor<1xi32> to tensor<i32>
    %y = tn.contract (%a[j], %x[]) -> [j] : (tensor<0xi32>, tensor<i32>) -> tensor<0xi32>
    tn.yield %y : tensor<0xi32>
  }
  return %r : tensor<1x0xi32>
}
