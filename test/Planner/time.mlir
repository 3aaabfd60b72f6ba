// RUN: cd %S/Inputs
// RUN: tenon-opt %s "-tn-plan=minimize=flops" | FileCheck %s --check-prefixes=CHECK,FEWEST
// RUN: tenon-opt %s "-tn-plan=minimize=time time-table=even.times" | FileCheck %s --check-prefixes=CHECK,FEWEST,EVEN
// RUN: tenon-opt %s "-tn-plan=minimize=time time-table=thin-is-slow.times" | FileCheck %s --check-prefixes=CHECK,WIDE
// RUN: tenon-opt %s "-tn-plan=minimize=flops time-table=thin-is-slow.times" | FileCheck %s --check-prefixes=CHECK,FEWEST,SLOW

// The result is the same whatever is minimized.
// RUN: tenon-run %s --entry=chain --random=1 --check --plan="minimize=time time-table=even.times" | FileCheck %s --check-prefix=RESULT
// RUN: tenon-run %s --entry=chain --random=1 --check --plan="minimize=time time-table=thin-is-slow.times" | FileCheck %s --check-prefix=RESULT
// RUN: tenon-run %s --entry=chain --random=1 --check --plan="minimize=time" --threads=2 | FileCheck %s --check-prefix=RESULT
// RESULT: agree

// Right to left it takes 2 x 9 x 64 + 8 x 2 x 9 = 1296 multiply-adds, left to right 8 x 2 x 64 + 8 x 9 x 64 = 5632; but the first two
// products have sides of 2.
// CHECK-LABEL: func.func @chain(
// EVEN-SAME:   \22estimated_seconds\22:1.29{{[0-9]+}}e-06
// SLOW-SAME:   \22estimated_seconds\22:0.01{{[0-9]+}}
// FEWEST:      %[[BC:.*]] = tn.contract (%arg1[{{.*}}], %arg2[
// FEWEST:      tn.contract (%arg0[{{.*}}], %[[BC]][
// WIDE:        %[[AB:.*]] = tn.contract (%arg0[{{.*}}], %arg1[
// WIDE:        tn.contract (%[[AB]][{{.*}}], %arg2[
func.func @chain(%a: tensor<8x2xf32>, %b: tensor<2x64xf32>, %c: tensor<64x9xf32>) -> tensor<8x9xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l]
     : (tensor<8x2xf32>, tensor<2x64xf32>, tensor<64x9xf32>) -> tensor<8x9xf32>
  return %r : tensor<8x9xf32>
}

// What the first contraction computed takes no time again; by itself the second one would take as long.
// CHECK-LABEL: func.func @twice(
// EVEN-SAME:   \22estimated_seconds\22:1.29{{[0-9]+}}e-06
// CHECK-COUNT-2: tn.contract
// CHECK-NOT:   tn.contract
// CHECK:       return %[[R:.*]], %[[R]]
func.func @twice(%a: tensor<8x2xf32>, %b: tensor<2x64xf32>, %c: tensor<64x9xf32>) -> (tensor<8x9xf32>, tensor<8x9xf32>) {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l]
     : (tensor<8x2xf32>, tensor<2x64xf32>, tensor<64x9xf32>) -> tensor<8x9xf32>
  %s = tn.contract (%a[m, n], %b[n, o], %c[o, p]) -> [m, p]
     : (tensor<8x2xf32>, tensor<2x64xf32>, tensor<64x9xf32>) -> tensor<8x9xf32>
  return %r, %s : tensor<8x9xf32>, tensor<8x9xf32>
}
