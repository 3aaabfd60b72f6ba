// A buffer is free for others during the step that reads it last.

// RUN: %python %S/Inputs/prove.py %s --native=--threads=1

// Each row of the second product needs all of the first, in whose place it would come.
func.func @main(%a: tensor<12x14xi32>, %b: tensor<14x16xi32>, %c: tensor<18x12xi32>, %d: tensor<13x18xi32>) -> tensor<13x16xi32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[l, i], %d[m, l]) -> [m, k] {tn.path = array<i64: 0, 1, 2, 4, 3, 5>}
     : (tensor<12x14xi32>, tensor<14x16xi32>, tensor<18x12xi32>, tensor<13x18xi32>) -> tensor<13x16xi32>
  return %r : tensor<13x16xi32>
}
