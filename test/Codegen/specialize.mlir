// RUN: tenon-opt %s -tenon-specialize | FileCheck %s

// The hint's extents become the types, and everything that depends on them follows; nothing asks for an extent any more.
// CHECK-LABEL: func.func @chain(
// CHECK-SAME:    %[[A:.*]]: tensor<4x5xf32>, %[[B:.*]]: tensor<5x6xf32>, %[[C:.*]]: tensor<6x7xf32>) -> tensor<4x7xf32>
// CHECK-NOT:   tn.hint
// CHECK-NOT:   tensor.cast
// CHECK-NEXT:  %[[AB:.*]] = tn.contract (%[[A]][i, j], %[[B]][j, k]) -> [i, k] : {{.*}} -> tensor<4x6xf32>
// CHECK-NEXT:  %[[R:.*]] = tn.contract (%[[AB]][i, k], %[[C]][k, l]) -> [i, l] : {{.*}} -> tensor<4x7xf32>
// CHECK-NEXT:  return %[[R]] : tensor<4x7xf32>
func.func @chain(%a: tensor<?x5xf32> {tn.hint = array<i64: 4, 5>}, %b: tensor<5x?xf32> {tn.hint = array<i64: 5, 6>},
                 %c: tensor<?x7xf32> {tn.hint = array<i64: 6, 7>}) -> tensor<?x?xf32> {
  %ab = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<?x5xf32>, tensor<5x?xf32>) -> tensor<?x?xf32>
  %r = tn.contract (%ab[i, k], %c[k, l]) -> [i, l] : (tensor<?x?xf32>, tensor<?x7xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// CHECK-LABEL: func.func @passed_on(
// CHECK-SAME:    %[[A:.*]]: tensor<4x5xf32>) -> tensor<4x5xf32>
// CHECK-NEXT:  return %[[A]]
func.func @passed_on(%a: tensor<?x?xf32> {tn.hint = array<i64: 4, 5>}) -> tensor<?x?xf32> {
  return %a : tensor<?x?xf32>
}

// What is static needs no hint, and keeps one that says the same.
// CHECK-LABEL: func.func @static(
// CHECK-SAME:    tensor<4x5xf32>, %{{.*}}: tensor<5xf32> {tn.hint = array<i64: 5>}) -> tensor<4xf32>
func.func @static(%a: tensor<4x5xf32>, %b: tensor<5xf32> {tn.hint = array<i64: 5>}) -> tensor<4xf32> {
  %r = tn.contract (%a[i, j], %b[j]) -> [i] : (tensor<4x5xf32>, tensor<5xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// Calls follow the functions that they call, and what they return is known to callers.
// CHECK-LABEL: func.func @calls(
// CHECK-SAME:    %[[A:.*]]: tensor<4x5xf32>) -> (tensor<4xf32>, tensor<5x4xf32>)
// CHECK-NEXT:  %[[SUM:.*]] = call @called(%[[A]]) : (tensor<4x5xf32>) -> tensor<4xf32>
// CHECK-NEXT:  %[[R:.*]] = tn.contract (%[[A]][i, j], %[[SUM]][i]) -> [j, i] : (tensor<4x5xf32>, tensor<4xf32>) -> tensor<5x4xf32>
// CHECK-NEXT:  return %[[SUM]], %[[R]] : tensor<4xf32>, tensor<5x4xf32>
func.func @calls(%a: tensor<?x5xf32> {tn.hint = array<i64: 4, 5>}) -> (tensor<?xf32>, tensor<5x?xf32>) {
  %sum = func.call @called(%a) : (tensor<?x5xf32>) -> tensor<?xf32>
  %r = tn.contract (%a[i, j], %sum[i]) -> [j, i] : (tensor<?x5xf32>, tensor<?xf32>) -> tensor<5x?xf32>
  return %sum, %r : tensor<?xf32>, tensor<5x?xf32>
}

// CHECK-LABEL: func.func @called(
// CHECK-SAME:    tensor<4x5xf32>) -> tensor<4xf32>
func.func @called(%a: tensor<?x5xf32> {tn.hint = array<i64: 4, 5>}) -> tensor<?xf32> {
  %sum = tn.contract (%a[i, j]) -> [i] : (tensor<?x5xf32>) -> tensor<?xf32>
  return %sum : tensor<?xf32>
}

// Where a caller knows less, what it passes on and gets is cast.
// CHECK-LABEL: func.func @knows_less(
// CHECK:       %[[CAST:.*]] = tensor.cast %{{.*}} : tensor<?x5xf32> to tensor<4x5xf32>
// CHECK-NEXT:  %[[SUM:.*]] = call @called(%[[CAST]]) : (tensor<4x5xf32>) -> tensor<4xf32>
// CHECK-NEXT:  %[[FIRST:.*]] = tensor.extract %[[SUM]]
// CHECK-NEXT:  tensor.from_elements %[[FIRST]] : tensor<1xf32>
func.func @knows_less(%a: tensor<2xf32>) -> tensor<1xf32> {
  %zero = arith.constant 0 : index
  %x = tensor.extract %a[%zero] : tensor<2xf32>
  %n = arith.fptosi %x : f32 to i64
  %extent = arith.index_cast %n : i64 to index
  %b = tensor.generate %extent {
  ^bb0(%i: index, %j: index):
    tensor.yield %x : f32
  } : tensor<?x5xf32>
  %sum = func.call @called(%b) : (tensor<?x5xf32>) -> tensor<?xf32>
  %first = tensor.extract %sum[%zero] : tensor<?xf32>
  %r = tensor.from_elements %first : tensor<1xf32>
  return %r : tensor<1xf32>
}
