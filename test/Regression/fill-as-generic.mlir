// A number that fills a buffer of rank 0, as linalg.generic: not a permuted copy, which it looks like.
// It crashed the compiler. As a linalg.fill it is a step of the runtime; as a kernel it would take a number.
// RUN: not tenon-run %s --random=3 --check 2>&1 | FileCheck %s
// CHECK: error: {{.*}}tenon-outline-kernels: a kernel takes strided buffers, found an operand of 'f32'
func.func @main(%a: tensor<5xf32>) -> tensor<f32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<f32>
  %f = linalg.generic {indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>], iterator_types = []}
         ins(%zero : f32) outs(%e : tensor<f32>) {
  ^bb0(%x: f32, %y: f32):
    linalg.yield %x : f32
  } -> tensor<f32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>], iterator_types = ["reduction"]}
         ins(%a : tensor<5xf32>) outs(%f : tensor<f32>) {
  ^bb0(%x: f32, %y: f32):
    %s = arith.addf %x, %y : f32
    linalg.yield %s : f32
  } -> tensor<f32>
  return %r : tensor<f32>
}
