// RUN: tenon-opt %s --tn-simplify=fold-operations=11 | FileCheck %s --check-prefix=LESS
// RUN: tenon-opt %s --tn-simplify=fold-operations=12 | FileCheck %s

// Folding takes 2 * 3 * 2 multiplications.
// LESS-LABEL: func.func @product
// LESS:       tn.contract
// CHECK-LABEL: func.func @product
// CHECK-NEXT:  %[[R:.*]] = tn.constant dense<{{\[\[}}3.100000e+01, 5.100000e+01], [6.700000e+01, 1.110000e+02]]> : tensor<2x2xf32>
// CHECK-NEXT:  return %[[R]]
func.func @product() -> tensor<2x2xf32> {
  %a = tn.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %b = tn.constant dense<[[1.0, 2.0], [3.0, 5.0], [8.0, 13.0]]> : tensor<3x2xf32>
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<2x3xf32>, tensor<3x2xf32>) -> tensor<2x2xf32>
  return %r : tensor<2x2xf32>
}
