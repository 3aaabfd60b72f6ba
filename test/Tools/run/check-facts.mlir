// --check-facts compares what the IR says of arguments and constants with their elements; without it they are trusted.

// RUN: rm -rf %t && mkdir %t
// RUN: %python %S/Inputs/npy.py write %t/a.npy '<f8' 4x4 1
// RUN: not tenon-run %s --entry=diagonal --arg %t/a.npy --check-facts -o %t/r.npy 2>&1 | FileCheck %s --check-prefix=DIAGONAL
// DIAGONAL: tenon-run: error: argument 0 ('d'): its fact diagonal([0, 1]) does not hold: element [3, 2] is 15, expected 0
// RUN: not tenon-run %s --entry=isometric --arg %t/a.npy --check-facts -o %t/r.npy 2>&1 | FileCheck %s --check-prefix=ISOMETRIC
// ISOMETRIC: tenon-run: error: argument 0: its fact isometric([1]) does not hold: the sum over the other dimensions at position [3] is 480, expected 1 within 3.5
// RUN: not tenon-run %s --entry=permutation --arg %t/a.npy --check-facts -o %t/r.npy 2>&1 | FileCheck %s --check-prefix=PERMUTATION
// PERMUTATION: tenon-run: error: argument 0: its fact permutation([0]) does not hold: element [0, 1] is 2, expected 0 or 1
// RUN: not tenon-run %s --entry=sparse --arg %t/a.npy --check-facts -o %t/r.npy 2>&1 | FileCheck %s --check-prefix=SPARSE
// SPARSE: tenon-run: error: argument 0: its fact sparse(2.500000e-01) does not hold: 16 of 16 elements are not 0, a share of 1
// RUN: not ls %t/r.npy

// A constant is named by its place.
// RUN: not tenon-run %s --entry=constant --check-facts 2>&1 | FileCheck %s --check-prefix=CONSTANT
// CONSTANT: tenon-run: error: {{.*}}check-facts.mlir:[[#@LINE + 32]]:8: a constant: its fact isometric([1]) does not hold: the sum over the other dimensions at position [0] times that at [1] is 1, expected 0

// Trusted, they decide what is computed: only the diagonal is read.
// RUN: tenon-run %s --entry=diagonal --arg %t/a.npy | FileCheck %s --check-prefix=TRUSTED
// RUN: tenon-run %s --entry=diagonal --arg %t/a.npy --reference | FileCheck %s --check-prefix=DENSE
// TRUSTED: {{^}}[ 1  6 11 16]{{$}}
// DENSE: {{^}}[10 26 42 58]{{$}}

// What is true passes, random arguments among it; facts that no random tensor is made for are an error.
// RUN: tenon-run %s --entry=isometric --random=3 --check-facts --check
// RUN: not tenon-run %s --entry=hard --random=3 2>&1 | FileCheck %s --check-prefix=HARD
// HARD: tenon-run: error: argument 0: no random tensor is made of which all its facts are true; give --arg

// Extents that are known with the arrays have to fit, whether or not elements are looked at.
// RUN: %python %S/Inputs/npy.py write %t/wide.npy '<f8' 4x5 1
// RUN: not tenon-run %s --entry=open --arg %t/wide.npy --check-facts 2>&1 | FileCheck %s --check-prefix=OPEN
// RUN: not tenon-run %s --entry=open --arg %t/wide.npy 2>&1 | FileCheck %s --check-prefix=TRUSTED-OPEN
// OPEN: tenon-run: error: argument 0: its fact diagonal([0, 1]) does not hold: the extents 4 and 5 differ
// TRUSTED-OPEN: tenon-run: error: {{.*}}F3: the dimensions of 'diagonal' have equal extents, found 4 and 5

func.func @diagonal(%d: tensor<4x4xf64> {tn.name = "d", tn.facts = #tn.facts<diagonal>}) -> tensor<4xf64> {
  %v = tn.delta : tensor<4xf64>
  %r = tn.contract (%d[i, j], %v[j], %v[i]) -> [i] : (tensor<4x4xf64>, tensor<4xf64>, tensor<4xf64>) -> tensor<4xf64>
  return %r : tensor<4xf64>
}

func.func @isometric(%w: tensor<4x4xf64> {tn.facts = #tn.facts<isometric([1])>}) -> tensor<4x4xf64> {
  %r = tn.contract (%w[i, j], %w[i, k]) -> [j, k] : (tensor<4x4xf64>, tensor<4x4xf64>) -> tensor<4x4xf64>
  return %r : tensor<4x4xf64>
}

func.func @constant() -> tensor<2x2xi32> {
  %w = tn.constant {facts = #tn.facts<isometric([1])>} dense<[[1, 1], [0, 0]]> : tensor<2x2xi32>
  return %w : tensor<2x2xi32>
}

func.func @permutation(%p: tensor<4x4xf64> {tn.facts = #tn.facts<permutation>}) -> tensor<4x4xf64> {
  return %p : tensor<4x4xf64>
}

func.func @sparse(%p: tensor<4x4xf64> {tn.facts = #tn.facts<sparse(0.25)>}) -> tensor<4x4xf64> {
  return %p : tensor<4x4xf64>
}

// Perfect tensors of four qubits do not exist.
func.func @hard(%p: tensor<2x2x2x2xf64> {tn.facts = #tn.facts<isometric([0, 1]), isometric([0, 2]), isometric([0, 3])>}) -> tensor<2x2x2x2xf64> {
  return %p : tensor<2x2x2x2xf64>
}

func.func @open(%d: tensor<?x?xf64> {tn.facts = #tn.facts<diagonal>}) -> tensor<f64> {
  %r = tn.contract (%d[i, j]) -> [] : (tensor<?x?xf64>) -> tensor<f64>
  return %r : tensor<f64>
}
