// RUN: not tenon-opt %s --tenon-specialize 2>&1 | FileCheck %s

// The caller's hint and the callee's differ. A chain of casts took an array of 5 x 6 for one of 3 x 4 without a word.

// CHECK: error: tenon-specialize: the extents that hints fix contradict one another: a value of type 'tensor<5x6xf32>' is used as 'tensor<3x4xf32>'
func.func @g(%x: tensor<?x?xf32> {tn.hint = array<i64: 3, 4>}) -> tensor<?xf32> {
  %0 = tn.contract (%x[i, j]) -> [i] : (tensor<?x?xf32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
func.func @main(%a: tensor<?x?xf32> {tn.hint = array<i64: 5, 6>}) -> tensor<?xf32> {
  %0 = func.call @g(%a) : (tensor<?x?xf32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
