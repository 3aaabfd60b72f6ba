// A network of ones that may not be computed keeps an operand.

// RUN: tenon-opt --tn-simplify=fold-operations=0 %s | FileCheck %s
// RUN: tenon-opt --tn-simplify=fold-operations=0 %s | tenon-run - --check | FileCheck %s --check-prefix=VALUE

// CHECK-LABEL: @ones
// CHECK: %[[ONE:.*]] = tn.constant dense<1.000000e+00> : tensor<f32>
// CHECK: tn.contract (%[[ONE]][]) -> [] accumulate(f64) : (tensor<f32>) -> tensor<bf16>
// VALUE: check: result 0: {{agrees|equal}}
func.func @ones() -> tensor<bf16> {
  %c = tn.constant dense<1.0> : tensor<f32>
  %r = tn.contract (%c[], %c[]) -> [] accumulate(f64) : (tensor<f32>, tensor<f32>) -> tensor<bf16>
  return %r : tensor<bf16>
}
