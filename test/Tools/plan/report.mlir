// What tenon-plan tells of a chain of products, of which every number can be counted by hand.

// RUN: tenon-plan %s --entry=chain --threads=1 | FileCheck %s --check-prefix=CHAIN --match-full-lines --strict-whitespace
//      CHAIN:    Complete contraction:  ij,jk,kl,lm->im
// CHAIN-NEXT:           Naive scaling:  5
// CHAIN-NEXT:       Optimized scaling:  3
// CHAIN-NEXT:        Naive operations:  6.930e+03
// CHAIN-NEXT:    Optimized operations:  2.540e+02 (10^2.405)
// CHAIN-NEXT:     Theoretical speedup:  2.728e+01
// CHAIN-NEXT:    Largest intermediate:  2.200e+01 elements (2^4.46)
// CHAIN-NEXT:          Peak of memory:  {{.*}} beside inputs and output, on 1 thread
// CHAIN-NEXT:           Time of a run:  about {{.*}} us
// CHAIN-NEXT:                  Search:  {{.*}} {{.?}}s
//CHAIN-EMPTY:
// CHAIN-NEXT:Heaviest contractions, 3 of 3
// CHAIN-NEXT:  share  operations    elements  rows x columns x summed   contraction
// CHAIN-NEXT:  60.6%   1.540e+02   2.200e+01  2 x 11 x 7                5, 3: il,lm->im
// CHAIN-NEXT:  27.6%   7.000e+01   1.400e+01  2 x 7 x 5                 4, 2: ik,kl->il
// CHAIN-NEXT:  11.8%   3.000e+01   1.000e+01  2 x 5 x 3                 0, 1: ij,jk->ik
//CHAIN-EMPTY:
// CHAIN-NEXT:Memory over time
// CHAIN-NEXT:            1 {{ .* bytes  #+}}
// CHAIN-NEXT:            2 {{ .* bytes  #+}}
// CHAIN-NEXT:            3 {{ .* bytes  ##################################################}}

// RUN: tenon-plan %s --entry=chain --top=1 | FileCheck %s --check-prefix=TOP
// TOP: Heaviest contractions, 1 of 3
// TOP-NEXT: share
// TOP-NEXT: 60.6%
// TOP-NOT: %

// The forms of the path; the IR has it where tn-plan follows it, and gives the same value.
// RUN: tenon-plan %s --entry=chain --emit=path | FileCheck %s --check-prefix=PATH
// PATH: {{^}}[{{\[}}0,1],[0,2],[0,1]]{{$}}
// RUN: tenon-plan %s --entry=chain --emit=ssa -o %t.ssa && FileCheck %s --check-prefix=SSA --input-file=%t.ssa
// SSA: {{^}}[{{\[}}0,1],[4,2],[5,3]]{{$}}
// RUN: tenon-plan %s --entry=chain --emit=edge | FileCheck %s --check-prefix=EDGE
// EDGE: {{^}}["j","k","l"]{{$}}
// RUN: tenon-plan %s --entry=chain --emit=mlir -o %t.mlir
// RUN: tenon-opt %t.mlir --pass-pipeline='builtin.module(func.func(tn-plan))' | FileCheck %s --check-prefix=IR
// IR-LABEL: @chain
// IR: %[[AB:.*]] = tn.contract (%arg0[i, j], %arg1[j, k]) -> [k, i]
// IR: %[[ABC:.*]] = tn.contract (%[[AB]][k, i], %arg2[k, l]) -> [l, i]
// IR: tn.contract (%[[ABC]][l, i], %arg3[l, m]) -> [i, m]
// RUN: tenon-run %t.mlir --entry=chain --random=1 --check | FileCheck %s --check-prefix=AGREES
// AGREES: check: result 0: agrees

// A path that the contraction brings is followed, whatever it costs: 3*5*7 + 2*3*7 + 2*7*11.
// RUN: tenon-plan %s --entry=given | FileCheck %s --check-prefix=GIVEN
// GIVEN: Optimized operations: 3.010e+02
// GIVEN: Search: none, the path is given (tn.path)

// With --improve the search starts from it.
// RUN: tenon-plan %s --entry=given --improve | FileCheck %s --check-prefix=IMPROVED
// IMPROVED: Optimized operations: 2.540e+02
// IMPROVED-NOT: given
// RUN: tenon-plan %s --entry=given --improve --emit=mlir | tenon-plan - --entry=given --emit=ssa | FileCheck %s --check-prefix=SSA

// Every contraction of a function has a report, with its place.
// RUN: tenon-plan %s --entry=two | FileCheck %s --check-prefix=TWO
// TWO: Contraction 1 of 2, {{.*}}report.mlir:{{[0-9]+}}:8
// TWO-NEXT: Complete contraction: i,ij->j
// TWO-NEXT: Naive scaling: 2
// TWO: Optimized operations: 6.000e+00
// TWO: Contraction 2 of 2, {{.*}}report.mlir:{{[0-9]+}}:8
// TWO-NEXT: Complete contraction: [row,c],[row]->{{$}}
// TWO: Optimized operations: 3.000e+00
// TWO-NOT: Search: none

func.func @chain(%a: tensor<2x3xf32>, %b: tensor<3x5xf32>, %c: tensor<5x7xf32>, %d: tensor<7x11xf32>) -> tensor<2x11xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l], %d[l, m]) -> [i, m] : (tensor<2x3xf32>, tensor<3x5xf32>, tensor<5x7xf32>, tensor<7x11xf32>) -> tensor<2x11xf32>
  return %r : tensor<2x11xf32>
}

func.func @given(%a: tensor<2x3xf32>, %b: tensor<3x5xf32>, %c: tensor<5x7xf32>, %d: tensor<7x11xf32>) -> tensor<2x11xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l], %d[l, m]) -> [i, m] {tn.path = array<i64: 1, 2, 0, 4, 5, 3>}
    : (tensor<2x3xf32>, tensor<3x5xf32>, tensor<5x7xf32>, tensor<7x11xf32>) -> tensor<2x11xf32>
  return %r : tensor<2x11xf32>
}

// An index of one operand alone is summed before, which is not counted.
func.func @two(%a: tensor<2xf32>, %b: tensor<2x3xf32>, %c: tensor<3x5xf32>) -> (tensor<3xf32>, tensor<f32>) {
  %r = tn.contract (%a[i], %b[i, j]) -> [j] : (tensor<2xf32>, tensor<2x3xf32>) -> tensor<3xf32>
  %s = tn.contract (%c[row, c], %r[row]) -> [] : (tensor<3x5xf32>, tensor<3xf32>) -> tensor<f32>
  return %r, %s : tensor<3xf32>, tensor<f32>
}
