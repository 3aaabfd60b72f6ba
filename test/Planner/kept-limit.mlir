// RUN: tenon-opt %s "-tn-plan=kept-limit=16639" | FileCheck %s --check-prefixes=CHECK,AGAIN
// RUN: tenon-opt %s "-tn-plan=kept-limit=16640" | FileCheck %s --check-prefixes=CHECK,KEPT
// RUN: tenon-opt %s "-tn-plan=kept-limit=1" | FileCheck %s --check-prefixes=CHECK,AGAIN
// RUN: tenon-run %s --random=3 --plan=kept-limit=16639 --check

// The product of a and b, 640 bytes, would be kept beside that of d and e, 16000. Packing buffers do not count, and a bound
// that the second network does not keep by itself is its own.
// CHECK-LABEL: func.func @around(
// CHECK-SAME:    %[[A:[^:]*]]: {{[^%]*}}%[[B:[^:]*]]: {{[^%]*}}%[[C:[^:]*]]: {{[^%]*}}%[[D:[^:]*]]: {{[^%]*}}%[[E:[^:]*]]: {{[^%]*}}%[[F:[^:]*]]: {{[^%]*}}%[[G:[^:]*]]: tensor<10x4xf64>)
// AGAIN-SAME:  \22operations\22:11920,\22peak_bytes\22
// KEPT-SAME:   \22operations\22:11200,\22operations_unshared\22:11920,{{.*}}\22shared_steps\22:1,
// CHECK-NEXT:  %[[AB:.*]] = tn.contract (%[[A]][i, j], %[[B]][j, k])
// CHECK-NEXT:  %[[R:.*]] = tn.contract (%[[C]][k, l], %[[AB]][{{.*}}])
// CHECK-NEXT:  %[[DE:.*]] = tn.contract (%[[D]][x, y], %[[E]][y, z])
// CHECK-NEXT:  %[[S:.*]] = tn.contract (%[[F]][z, w], %[[DE]][{{.*}}])
// KEPT-NEXT:   %[[T:.*]] = tn.contract (%[[G]][k, l], %[[AB]][{{.*}}])
// AGAIN-NEXT:  %[[BA:.*]] = tn.contract (%[[A]][i, j], %[[B]][j, k])
// AGAIN-NEXT:  %[[T:.*]] = tn.contract (%[[G]][k, l], %[[BA]][{{.*}}])
// CHECK-NEXT:  return %[[R]], %[[S]], %[[T]]
func.func @around(%a: tensor<8x9xf64>, %b: tensor<9x10xf64>, %c: tensor<10x2xf64>, %d: tensor<40x3xf64>, %e: tensor<3x50xf64>, %f: tensor<50x2xf64>,
                  %g: tensor<10x4xf64>) -> (tensor<8x2xf64>, tensor<40x2xf64>, tensor<8x4xf64>) {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] {tn.path = array<i64: 0, 1, 2, 3>}
    : (tensor<8x9xf64>, tensor<9x10xf64>, tensor<10x2xf64>) -> tensor<8x2xf64>
  %s = tn.contract (%d[x, y], %e[y, z], %f[z, w]) -> [x, w] {tn.path = array<i64: 0, 1, 2, 3>}
    : (tensor<40x3xf64>, tensor<3x50xf64>, tensor<50x2xf64>) -> tensor<40x2xf64>
  %t = tn.contract (%a[i, j], %b[j, k], %g[k, l]) -> [i, l] {tn.path = array<i64: 0, 1, 2, 3>}
    : (tensor<8x9xf64>, tensor<9x10xf64>, tensor<10x4xf64>) -> tensor<8x4xf64>
  return %r, %s, %t : tensor<8x2xf64>, tensor<40x2xf64>, tensor<8x4xf64>
}
