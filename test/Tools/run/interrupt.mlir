// A run that is interrupted stops at the next step, says so, and writes nothing.

// RUN: rm -rf %t
// RUN: %python %S/Inputs/interrupt.py %s %t/int SIGINT | FileCheck %s
// RUN: %python %S/Inputs/interrupt.py %s %t/term SIGTERM | FileCheck %s
// CHECK: status 130
// CHECK-NEXT: tenon-run: error: interrupted
// CHECK-NEXT: kept ['out.npy']

func.func @main(%a: tensor<64x50x40xf32>, %b: tensor<40x64x30xf32>) -> tensor<30x50xf32> {
  %r = tn.slice (%s in 64) -> (tensor<30x50xf32> [sum]) {
    %x = tensor.extract_slice %a[%s, 0, 0] [1, 50, 40] [1, 1, 1] : tensor<64x50x40xf32> to tensor<50x40xf32>
    %y = tensor.extract_slice %b[0, %s, 0] [40, 1, 30] [1, 1, 1] : tensor<40x64x30xf32> to tensor<40x30xf32>
    %p = tn.contract (%x[i, k], %y[k, j]) -> [j, i] : (tensor<50x40xf32>, tensor<40x30xf32>) -> tensor<30x50xf32>
    tn.yield %p : tensor<30x50xf32>
  }
  return %r : tensor<30x50xf32>
}
