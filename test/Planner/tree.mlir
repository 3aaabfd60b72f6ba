// RUN: tenon-opt %s -tn-plan | FileCheck %s

// (ab)c takes 4*50*60 + 4*60*7 operations, a(bc) far more. The intermediate has the summed index outermost.
// CHECK-LABEL: func.func @chain(
// CHECK-SAME:    %[[A:.*]]: tensor<4x50xf32>, %[[B:.*]]: tensor<50x60xf32>, %[[C:.*]]: tensor<60x7xf32>)
// CHECK-SAME:  tn.plan = "{\22contractions\22:[{
// CHECK-SAME:  \22operands\22:3,\22operations\22:13680,\22path\22:{{\[\[}}0,1],[3,2]]
// CHECK-SAME:  \22operations\22:13680,\22peak_bytes\22:{{[0-9]+}},\22slices\22:1}"
// CHECK-NEXT:  %[[AB:.*]] = tn.contract (%[[A]][i, j], %[[B]][j, k]) -> [k, i] : (tensor<4x50xf32>, tensor<50x60xf32>) -> tensor<60x4xf32>
// CHECK-NEXT:  %[[R:.*]] = tn.contract (%[[AB]][k, i], %[[C]][k, l]) -> [i, l] :
// CHECK-NEXT:  return %[[R]]
func.func @chain(%a: tensor<4x50xf32>, %b: tensor<50x60xf32>, %c: tensor<60x7xf32>) -> tensor<4x7xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l]
     : (tensor<4x50xf32>, tensor<50x60xf32>, tensor<60x7xf32>) -> tensor<4x7xf32>
  return %r : tensor<4x7xf32>
}

// An index of three operands stays on the intermediate until the last of them has come.
// CHECK-LABEL: func.func @hyperedge(
// CHECK-SAME:    %[[A:.*]]: tensor<4x5xf32>, %[[W:.*]]: tensor<5xf32>, %[[B:.*]]: tensor<5x6xf32>)
// CHECK:       %[[AW:.*]] = tn.contract (%[[A]][i, j], %[[W]][j]) -> [j, i]
// CHECK:       tn.contract (%[[AW]][j, i], %[[B]][j, k]) -> [i, k]
func.func @hyperedge(%a: tensor<4x5xf32>, %w: tensor<5xf32>, %b: tensor<5x6xf32>) -> tensor<4x6xf32> {
  %r = tn.contract (%a[i, j], %w[j], %b[j, k]) -> [i, k]
     : (tensor<4x5xf32>, tensor<5xf32>, tensor<5x6xf32>) -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}

// Operands with a diagonal, or with an index that nobody else has, are reduced right before the step that reads them. Intermediates keep the accumulation type; the
// last contraction rounds.
// CHECK-LABEL: func.func @reduced_operands(
// CHECK-SAME:    %[[A:.*]]: tensor<4x5x4xf16>, %[[B:.*]]: tensor<4x6x9xf16>, %[[C:.*]]: tensor<6x5xf16>)
// CHECK-NEXT:  %[[SUM:.*]] = tn.contract (%[[B]][i, k, z]) -> [i, k] : (tensor<4x6x9xf16>) -> tensor<4x6xf32>
// CHECK-NEXT:  %[[BC:.*]] = tn.contract (%[[SUM]][i, k], %[[C]][k, j]) -> [i, j] : (tensor<4x6xf32>, tensor<6x5xf16>) -> tensor<4x5xf32>
// CHECK-NEXT:  %[[DIAGONAL:.*]] = tn.contract (%[[A]][i, j, i]) -> [i, j] : (tensor<4x5x4xf16>) -> tensor<4x5xf32>
// CHECK-NEXT:  tn.contract (%[[DIAGONAL]][i, j], %[[BC]][i, j]) -> [] accumulate(f32) : (tensor<4x5xf32>, tensor<4x5xf32>) -> tensor<f16>
func.func @reduced_operands(%a: tensor<4x5x4xf16>, %b: tensor<4x6x9xf16>, %c: tensor<6x5xf16>) -> tensor<f16> {
  %r = tn.contract (%a[i, j, i], %b[i, k, z], %c[k, j]) -> [] accumulate(f32)
     : (tensor<4x5x4xf16>, tensor<4x6x9xf16>, tensor<6x5xf16>) -> tensor<f16>
  return %r : tensor<f16>
}

// What was computed before the contraction, and for it alone, is computed right before the step that reads it, so that it lives no
// longer than it must. %w has another reader and stays.
// CHECK-LABEL: func.func @late_operands(
// CHECK-SAME:    %[[A:.*]]: tensor<4x5xf32>, %[[B:.*]]: tensor<50x60xf32>, %[[C:.*]]: tensor<60x70xf32>, %[[V:.*]]: tensor<5x50xf32>)
// CHECK-NEXT:  %[[W:.*]] = tn.contract (%[[C]][k, l]) -> [k]
// CHECK-NEXT:  %[[BW:.*]] = tn.contract (%[[B]][j, k], %[[W]][k]) -> [j]
// CHECK-NEXT:  %[[T:.*]] = tn.contract (%[[V]][i, j]) -> [j, i]
// CHECK-NEXT:  %[[U:.*]] = tn.contract (%[[T]][j, i], %[[T]][j, i]) -> [i, j]
// CHECK-NEXT:  %[[UBW:.*]] = tn.contract (%[[BW]][j], %[[U]][i, j]) -> [i]
// CHECK-NEXT:  tn.contract (%[[UBW]][i], %[[A]][h, i]) -> [h]
// CHECK-NEXT:  return
func.func @late_operands(%a: tensor<4x5xf32>, %b: tensor<50x60xf32>, %c: tensor<60x70xf32>, %v: tensor<5x50xf32>)
    -> (tensor<4xf32>, tensor<60xf32>) {
  %t = tn.contract (%v[i, j]) -> [j, i] : (tensor<5x50xf32>) -> tensor<50x5xf32>
  %u = tn.contract (%t[j, i], %t[j, i]) -> [i, j] : (tensor<50x5xf32>, tensor<50x5xf32>) -> tensor<5x50xf32>
  %w = tn.contract (%c[k, l]) -> [k] : (tensor<60x70xf32>) -> tensor<60xf32>
  %r = tn.contract (%a[h, i], %u[i, j], %b[j, k], %w[k]) -> [h]
     : (tensor<4x5xf32>, tensor<5x50xf32>, tensor<50x60xf32>, tensor<60xf32>) -> tensor<4xf32>
  return %r, %w : tensor<4xf32>, tensor<60xf32>
}

// Semiring and signedness go to every step.
// CHECK-LABEL: func.func @semiring(
// CHECK-COUNT-2: tn.contract {{.*}} semiring(max_plus) unsigned
// CHECK-NOT:   tn.contract
// CHECK:       return
func.func @semiring(%a: tensor<4x5xi32>, %b: tensor<5x6xi32>, %c: tensor<6x7xi32>) -> tensor<4x7xi32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] semiring(max_plus) unsigned
     : (tensor<4x5xi32>, tensor<5x6xi32>, tensor<6x7xi32>) -> tensor<4x7xi32>
  return %r : tensor<4x7xi32>
}

// Two operands are planned already; the function says what they cost (4 x 5 x 6 multiply-adds).
// CHECK-LABEL: func.func @binary(
// CHECK-SAME:  \22operations\22:120
// CHECK:       tn.contract (%{{.*}}[i, j], %{{.*}}[j, k]) -> [i, k]
// CHECK-NEXT:  return
func.func @binary(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>) -> tensor<4x6xf32> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<4x5xf32>, tensor<5x6xf32>) -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}

// Unknown extents are planned with the hints (?=4: (ab)c as in @chain; with 400 it would be a(bc)), and stay unknown.
// CHECK-LABEL: func.func @few_rows_hinted(
// CHECK-SAME:    %[[A:[^:]*]]: tensor<?x50xf32> {{.*}}, %[[B:.*]]: tensor<50x60xf32>, %[[C:.*]]: tensor<60x7xf32>)
// CHECK:       %[[AB:.*]] = tn.contract (%[[A]][i, j], %[[B]][j, k]) -> [k, i] : {{.*}} -> tensor<60x?xf32>
// CHECK:       tn.contract (%[[AB]][k, i], %[[C]][k, l]) -> [i, l] : {{.*}} -> tensor<?x7xf32>
func.func @few_rows_hinted(%a: tensor<?x50xf32> {tn.hint = array<i64: 4, 50>}, %b: tensor<50x60xf32>, %c: tensor<60x7xf32>)
    -> tensor<?x7xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l]
     : (tensor<?x50xf32>, tensor<50x60xf32>, tensor<60x7xf32>) -> tensor<?x7xf32>
  return %r : tensor<?x7xf32>
}

// CHECK-LABEL: func.func @many_rows_hinted(
// CHECK-SAME:    %[[A:[^:]*]]: tensor<?x50xf32> {{.*}}, %[[B:.*]]: tensor<50x60xf32>, %[[C:.*]]: tensor<60x7xf32>)
// CHECK:       %[[BC:.*]] = tn.contract (%[[B]][j, k], %[[C]][k, l]) -> [j, l]
// CHECK:       tn.contract (%[[A]][i, j], %[[BC]][j, l]) -> [i, l] : {{.*}} -> tensor<?x7xf32>
func.func @many_rows_hinted(%a: tensor<?x50xf32> {tn.hint = array<i64: 400, 50>}, %b: tensor<50x60xf32>, %c: tensor<60x7xf32>)
    -> tensor<?x7xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l]
     : (tensor<?x50xf32>, tensor<50x60xf32>, tensor<60x7xf32>) -> tensor<?x7xf32>
  return %r : tensor<?x7xf32>
}
