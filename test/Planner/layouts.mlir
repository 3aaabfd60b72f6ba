// RUN: tenon-opt %s -tn-propagate-layouts | FileCheck %s
// RUN: tenon-opt %s -tn-propagate-layouts=rounds=0 | FileCheck %s --check-prefix=PINS
// RUN: tenon-opt %s -tn-propagate-layouts -tn-propagate-layouts -o %t.twice && tenon-opt %s -tn-propagate-layouts -o %t.once && diff %t.once %t.twice
// RUN: tenon-opt %s -tn-propagate-layouts --tn-stats --tn-debug=layouts -o %t.mlir 2>&1 | FileCheck %s --check-prefix=SAID
// RUN: tenon-run %s --entry=matrices --random=1 --check | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %s --entry=circuit --random=2 --check | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %s --entry=permutations --random=3 --check | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %s --entry=pinned --random=4 --check | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %s --entry=shared --random=5 --check --threads=2 | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %s --entry=half --random=6 --check | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %s --entry=sliced --random=7 --check --threads=2 | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %t.mlir --entry=circuit --random=8 --check | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %t.mlir --entry=pinned --random=9 --check | FileCheck %s --check-prefix=EXEC
// RUN: tenon-run %t.mlir --entry=cycled --random=10 --check | FileCheck %s --check-prefix=EXACT
// RUN: rm -rf %t && mkdir %t && tenon-run %s --entry=cycled --reference --random=11 -o %t/before.npy
// RUN: tenon-run %t.mlir --entry=cycled --reference --random=11 -o %t/after.npy && cmp %t/before.npy %t/after.npy

// EXACT: check: result 0: equal
// EXEC: check: result 0: agrees
// EXEC-NOT: differs

// SAID-DAG: layouts: {{.*}}layouts.mlir:{{[0-9]+}}:{{[0-9]+}}: [h, d, a, e, c, f, b, g] becomes [a, b, c, d, e, f, g, h]
// SAID-DAG: layouts: {{.*}}layouts.mlir:{{[0-9]+}}:{{[0-9]+}}: {{[0-9]+}} of {{[0-9]+}} intermediates reordered in {{[0-9]+}} rounds, short runs {{[0-9]+}} ns before, {{[0-9]+}} ns after
// SAID-DAG: {{[0-9]+}} reordered
// SAID-DAG: {{[0-9]+}} folded-permutations
// SAID-DAG: 1 pinned

// The last contraction writes what the permutation would have made; the intermediate has one order for both.
// CHECK-LABEL: func.func @matrices(
// CHECK-SAME:    %[[A:.*]]: tensor<40x50xf32>, %[[B:.*]]: tensor<50x60x64xf32>, %[[C:.*]]: tensor<70x64xf32>)
// CHECK-NEXT:  %[[AB:.*]] = tn.contract (%[[A]][i, j], %[[B]][j, k, l]) -> [[ORDER:\[.*\]]] : (tensor<40x50xf32>, tensor<50x60x64xf32>) -> [[TYPE:.*]]
// CHECK-NEXT:  %[[R:.*]] = tn.contract (%[[C]][m, l], %[[AB]][[ORDER]]) -> [i, k, m] : (tensor<70x64xf32>, [[TYPE]]) -> tensor<40x60x70xf32>
// CHECK-NEXT:  return %[[R]]
func.func @matrices(%a: tensor<40x50xf32>, %b: tensor<50x60x64xf32>, %c: tensor<70x64xf32>) -> tensor<40x60x70xf32> {
  %0 = tn.contract (%a[i, j], %b[j, k, l]) -> [k, i, l] : (tensor<40x50xf32>, tensor<50x60x64xf32>) -> tensor<60x40x64xf32>
  %1 = tn.contract (%c[m, l], %0[k, i, l]) -> [m, k, i] : (tensor<70x64xf32>, tensor<60x40x64xf32>) -> tensor<70x60x40xf32>
  %2 = tn.contract (%1[m, k, i]) -> [i, k, m] : (tensor<70x60x40xf32>) -> tensor<40x60x70xf32>
  return %2 : tensor<40x60x70xf32>
}

// Many dimensions of extent 2, those of both operands in turns, become a matrix.
// CHECK-LABEL: func.func @circuit(
// CHECK:       %[[AB:.*]] = tn.contract (%{{.*}}[a, b, c, d, s, t], %{{.*}}[s, t, e, f, g, h]) -> [a, b, c, d, e, f, g, h]
// CHECK-NEXT:  tn.contract (%[[AB]][a, b, c, d, e, f, g, h], %{{.*}}[a, b, x, y]) -> [x, y, c, d, e, f, g, h]
func.func @circuit(%a: tensor<2x2x2x2x2x2xcomplex<f32>>, %b: tensor<2x2x2x2x2x2xcomplex<f32>>, %c: tensor<2x2x3x5xcomplex<f32>>)
    -> tensor<3x5x2x2x2x2x2x2xcomplex<f32>> {
  %0 = tn.contract (%a[a, b, c, d, s, t], %b[s, t, e, f, g, h]) -> [h, d, a, e, c, f, b, g]
     : (tensor<2x2x2x2x2x2xcomplex<f32>>, tensor<2x2x2x2x2x2xcomplex<f32>>) -> tensor<2x2x2x2x2x2x2x2xcomplex<f32>>
  %1 = tn.contract (%0[h, d, a, e, c, f, b, g], %c[a, b, x, y]) -> [x, y, c, d, e, f, g, h]
     : (tensor<2x2x2x2x2x2x2x2xcomplex<f32>>, tensor<2x2x3x5xcomplex<f32>>) -> tensor<3x5x2x2x2x2x2x2xcomplex<f32>>
  return %1 : tensor<3x5x2x2x2x2x2x2xcomplex<f32>>
}

// Permutations of arguments and of each other are read through; one that is returned and read as well stays, for both need an order.
// CHECK-LABEL: func.func @permutations(
// CHECK-SAME:    %[[A:.*]]: tensor<4x5x6xf32>, %[[B:.*]]: tensor<6x7xf32>)
// CHECK-NEXT:  %[[P:.*]] = tn.contract (%[[A]][i, j, k]) -> [j, i, k]
// CHECK-NEXT:  %[[R:.*]] = tn.contract (%[[A]][i, j, k], %[[B]][k, l]) -> [l, j, i]
// CHECK-NEXT:  return %[[R]], %[[P]]
func.func @permutations(%a: tensor<4x5x6xf32>, %b: tensor<6x7xf32>) -> (tensor<7x5x4xf32>, tensor<5x4x6xf32>) {
  %0 = tn.contract (%a[i, j, k]) -> [k, i, j] : (tensor<4x5x6xf32>) -> tensor<6x4x5xf32>
  %1 = tn.contract (%0[k, i, j]) -> [j, i, k] : (tensor<6x4x5xf32>) -> tensor<5x4x6xf32>
  %2 = tn.contract (%1[j, i, k], %b[k, l]) -> [i, j, l] : (tensor<5x4x6xf32>, tensor<6x7xf32>) -> tensor<4x5x7xf32>
  %3 = tn.contract (%2[i, j, l]) -> [l, j, i] : (tensor<4x5x7xf32>) -> tensor<7x5x4xf32>
  return %3, %1 : tensor<7x5x4xf32>, tensor<5x4x6xf32>
}

// An order that is stated is taken, whatever it costs, and the attribute then says that it lies so.
// CHECK-LABEL: func.func @pinned(
// CHECK:       %[[AB:.*]] = tn.contract (%{{.*}}[i, j], %{{.*}}[j, k, l]) -> [l, i, k] {tn.layout = #tn.layout<0, 1, 2>} : {{.*}} -> tensor<7x4x6xf32>
// CHECK-NEXT:  tn.contract (%[[AB]][l, i, k], %{{.*}}[k, m]) -> [i, l, m]
// PINS-LABEL: func.func @pinned(
// PINS:       %[[AB:.*]] = tn.contract (%{{.*}}[i, j], %{{.*}}[j, k, l]) -> [l, i, k] {tn.layout = #tn.layout<0, 1, 2>} : {{.*}} -> tensor<7x4x6xf32>
// PINS-NEXT:  tn.contract (%[[AB]][l, i, k], %{{.*}}[k, m]) -> [i, l, m]
func.func @pinned(%a: tensor<4x5xf32>, %b: tensor<5x6x7xf32>, %c: tensor<6x3xf32>) -> tensor<4x7x3xf32> {
  %0 = tn.contract (%a[i, j], %b[j, k, l]) -> [i, k, l] {tn.layout = #tn.layout<2, 0, 1>}
     : (tensor<4x5xf32>, tensor<5x6x7xf32>) -> tensor<4x6x7xf32>
  %1 = tn.contract (%0[i, k, l], %c[k, m]) -> [i, l, m] : (tensor<4x6x7xf32>, tensor<6x3xf32>) -> tensor<4x7x3xf32>
  return %1 : tensor<4x7x3xf32>
}

// A tensor that several contractions read has one order in all of them, also where one reads it twice.
// CHECK-LABEL: func.func @shared(
func.func @shared(%a: tensor<30x20xf64>, %b: tensor<20x40x10xf64>) -> (tensor<40x10x10xf64>, tensor<30x40xf64>) {
  %0 = tn.contract (%a[i, j], %b[j, k, l]) -> [l, k, i] : (tensor<30x20xf64>, tensor<20x40x10xf64>) -> tensor<10x40x30xf64>
  %1 = tn.contract (%0[l, k, i], %0[m, k, i]) -> [k, l, m] : (tensor<10x40x30xf64>, tensor<10x40x30xf64>) -> tensor<40x10x10xf64>
  %2 = tn.contract (%0[l, k, i]) -> [i, k] : (tensor<10x40x30xf64>) -> tensor<30x40xf64>
  return %1, %2 : tensor<40x10x10xf64>, tensor<30x40xf64>
}

// A permutation that changes the type is no permutation. What another operation reads keeps its order.
// CHECK-LABEL: func.func @half(
// CHECK:       tn.contract (%{{.*}}[i, j], %{{.*}}[j, k]) -> [k, i]
// CHECK:       tensor.extract_slice
// CHECK:       tn.contract (%{{.*}}[k, i]) -> [i, k]
func.func @half(%a: tensor<4x5xf16>, %b: tensor<5x6xf16>) -> tensor<4x3xf16> {
  %0 = tn.contract (%a[i, j], %b[j, k]) -> [k, i] : (tensor<4x5xf16>, tensor<5x6xf16>) -> tensor<6x4xf32>
  %1 = tensor.extract_slice %0[1, 0] [3, 4] [1, 1] : tensor<6x4xf32> to tensor<3x4xf32>
  %2 = tn.contract (%1[k, i]) -> [i, k] accumulate(f32) : (tensor<3x4xf32>) -> tensor<4x3xf16>
  return %2 : tensor<4x3xf16>
}

// Inside slices as well: what the body yields keeps its order.
// CHECK-LABEL: func.func @sliced(
// CHECK:       tn.slice
// CHECK:       %[[XY:.*]] = tn.contract (%{{.*}}[x, k], %{{.*}}[k, y, z]) -> [[SLICED:\[.*\]]] :
// CHECK-NEXT:  tn.contract (%[[XY]][[SLICED]], %{{.*}}[z, m]) -> [x, y, m]
func.func @sliced(%a: tensor<6x15x14xf32>, %b: tensor<14x6x32x2xf32>, %c: tensor<2x32xf32>) -> tensor<15x32x32xf32> {
  %r = tn.slice (%s in 6) -> (tensor<15x32x32xf32> [sum]) {
    %x = tensor.extract_slice %a[%s, 0, 0] [1, 15, 14] [1, 1, 1] : tensor<6x15x14xf32> to tensor<15x14xf32>
    %y = tensor.extract_slice %b[0, %s, 0, 0] [14, 1, 32, 2] [1, 1, 1, 1] : tensor<14x6x32x2xf32> to tensor<14x32x2xf32>
    %p = tn.contract (%x[x, k], %y[k, y, z]) -> [y, x, z] : (tensor<15x14xf32>, tensor<14x32x2xf32>) -> tensor<32x15x2xf32>
    %q = tn.contract (%p[y, x, z], %c[z, m]) -> [x, y, m] : (tensor<32x15x2xf32>, tensor<2x32xf32>) -> tensor<15x32x32xf32>
    tn.yield %q : tensor<15x32x32xf32>
  }
  return %r : tensor<15x32x32xf32>
}

// A permutation that is not its own inverse, of extents that agree.
// CHECK-LABEL: func.func @cycled(
// CHECK-NEXT:  %[[R:.*]] = tn.contract (%{{.*}}[k, i, j], %{{.*}}[k, l]) -> [i, j, l]
// CHECK-NEXT:  return %[[R]]
func.func @cycled(%a: tensor<3x3x3xi32>, %x: tensor<3x4xi32>) -> tensor<3x3x4xi32> {
  %p = tn.contract (%a[i, j, k]) -> [j, k, i] : (tensor<3x3x3xi32>) -> tensor<3x3x3xi32>
  %r = tn.contract (%p[i, j, k], %x[k, l]) -> [i, j, l] : (tensor<3x3x3xi32>, tensor<3x4xi32>) -> tensor<3x3x4xi32>
  return %r : tensor<3x3x4xi32>
}
