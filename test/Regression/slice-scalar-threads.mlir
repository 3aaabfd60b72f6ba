// The sum over the threads' shares of a scalar has no dimension left but the threads'.
// RUN: tenon-opt --convert-tn-to-linalg=threads=2 %s | FileCheck %s

// CHECK-LABEL: func.func @scalar
// CHECK: scf.forall {{.*}} in (2)
// CHECK: linalg.generic {{.*}}iterator_types = ["reduction"]{{.*}} ins(%{{.*}} : tensor<2xf32>) outs(%{{.*}} : tensor<f32>)
func.func @scalar(%a: tensor<4x5xf32>, %b: tensor<5xf32>) -> tensor<f32> {
  %r = tn.slice (%i in 4) -> (tensor<f32> [sum]) {
    %x = tensor.extract_slice %a[%i, 0] [1, 5] [1, 1] : tensor<4x5xf32> to tensor<5xf32>
    %y = tn.contract (%x[j], %b[j]) -> [] : (tensor<5xf32>, tensor<5xf32>) -> tensor<f32>
    tn.yield %y : tensor<f32>
  }
  return %r : tensor<f32>
}
