// RUN: mlir-opt %s --canonicalize | FileCheck %s

// A tensor with an element that is poison is folded to a constant of what lies in memory where a number would be, or the fold crashes.
// A failure means that MLIR has mended it: then texts that fold to poison (lib/Fuzz/Text/DivisionByZero.h) can be tried.

// CHECK: arith.constant dense<
// CHECK-NOT: ub.poison
func.func @main() -> tensor<1xindex> {
  %poison = ub.poison : index
  %r = tensor.from_elements %poison : tensor<1xindex>
  return %r : tensor<1xindex>
}
