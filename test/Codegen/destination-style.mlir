// RUN: tenon-opt %s -tenon-destination-style | FileCheck %s

// Arguments become memrefs of any strides that are read, results further ones that are written. What was said of a result is said
// of its argument.
// CHECK-LABEL: func.func @network(
// CHECK-SAME:    %[[A:[^:]*]]: memref<4x5xf32, strided<[?, ?], offset: ?>> {tn.name = "left"}
// CHECK-SAME:    %[[B:[^:]*]]: memref<f64, strided<[], offset: ?>>
// CHECK-SAME:    %[[R:[^:]*]]: memref<5x4xf32, strided<[?, ?], offset: ?>> {tn.name = "product"}
// CHECK-SAME:    %[[S:[^:]*]]: memref<f64, strided<[], offset: ?>>
// CHECK-SAME:    attributes {tn.num_inputs = 2 : i64}
// CHECK-NOT:   ->
// CHECK:       %[[TS:.*]] = bufferization.to_tensor %[[S]] restrict writable :
// CHECK:       %[[TR:.*]] = bufferization.to_tensor %[[R]] restrict writable :
// CHECK:       %[[TA:.*]] = bufferization.to_tensor %[[A]] restrict :
// CHECK-SAME:    to tensor<4x5xf32>
// CHECK:       %[[TB:.*]] = bufferization.to_tensor %[[B]] restrict :
// CHECK:       %[[T:.*]] = linalg.transpose ins(%[[TA]]
// CHECK:       %[[FIRST:.*]] = bufferization.materialize_in_destination %[[T]] in %[[TR]] :
// CHECK:       %[[SECOND:.*]] = bufferization.materialize_in_destination %[[TB]] in %[[TS]] :
// CHECK:       bufferization.materialize_in_destination %[[FIRST]] in restrict writable %[[R]] :
// CHECK:       bufferization.materialize_in_destination %[[SECOND]] in restrict writable %[[S]] :
// CHECK:       return{{$}}
func.func @network(%a: tensor<4x5xf32> {tn.name = "left"}, %b: tensor<f64>)
    -> (tensor<5x4xf32> {tn.name = "product"}, tensor<f64>) {
  %empty = tensor.empty() : tensor<5x4xf32>
  %t = linalg.transpose ins(%a : tensor<4x5xf32>) outs(%empty : tensor<5x4xf32>) permutation = [1, 0]
  return %t, %b : tensor<5x4xf32>, tensor<f64>
}

// Declarations are not compiled.
// CHECK: func.func private @declaration(tensor<4xf32>) -> tensor<4xf32>
func.func private @declaration(%a: tensor<4xf32>) -> tensor<4xf32>

// What is only declared keeps its type, so it may be named.
// CHECK-LABEL: func.func @names_declaration(
// CHECK:       constant @declaration : (tensor<4xf32>) -> tensor<4xf32>
func.func @names_declaration(%a: tensor<4xf32>) -> tensor<4xf32> {
  %f = func.constant @declaration : (tensor<4xf32>) -> tensor<4xf32>
  return %a : tensor<4xf32>
}
