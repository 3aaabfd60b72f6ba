// RUN: tenon-opt %s --tn-simplify | FileCheck %s
// RUN: tenon-run %s --random=1 --check | FileCheck %s --check-prefix=AGREES

// An empty sum of tropical integers is a zero that other numbers change. The product that is summed here is not pulled apart: %a would have been
// all that was left of it.

// CHECK: tn.contract (%{{.*}}[i, j]) -> [i] semiring(max_plus) unsigned : (tensor<9x0xi8>) -> tensor<9xi8>
// AGREES: result 0: equal
func.func @main(%a: tensor<9xi8>, %b: tensor<i8>) -> tensor<9x1xi8> {
  %empty = tn.constant dense<> : tensor<0x15x1x1xi8>
  %product = tn.contract (%a[i], %empty[j, k, l, m], %b[]) -> [i, l, j] semiring(max_plus) unsigned : (tensor<9xi8>, tensor<0x15x1x1xi8>, tensor<i8>) -> tensor<9x1x0xi8>
  %sum = tn.contract (%product[i, l, j]) -> [i, l] semiring(max_plus) unsigned : (tensor<9x1x0xi8>) -> tensor<9x1xi8>
  return %sum : tensor<9x1xi8>
}
