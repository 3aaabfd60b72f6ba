// With --sparse the facts of arguments and the elements of constants decide: a product of sparse matrices comes first.

// RUN: tenon-plan %s --entry=chain --emit=ssa | FileCheck %s --check-prefix=DENSE
// RUN: tenon-plan %s --entry=chain --emit=ssa --sparse | FileCheck %s --check-prefix=SPARSE
// RUN: tenon-plan %s --entry=chain --threads=1 --sparse | FileCheck %s --check-prefix=REPORT
// RUN: tenon-plan %s --entry=chain --threads=1 | FileCheck %s --check-prefix=WITHOUT
// RUN: tenon-plan %s --entry=chain --sparse --emit=json | FileCheck %s --check-prefix=JSON
// RUN: tenon-plan %s --entry=structures --sparse --emit=json | FileCheck %s --check-prefix=STRUCTURES
// RUN: tenon-plan %s --entry=other_zero --sparse --emit=json | FileCheck %s --check-prefix=OTHER
// DENSE: {{^\[\[1,2\],\[0,3\]\]$}}
// SPARSE: {{^\[\[0,1\],\[2,3\]\]$}}
// 1 product, and 200,000 of which 1 − (1 − 1e-6)^100 count.
// REPORT: Optimized operations: 1.200e+06 (10^6.079)
// REPORT-NEXT: Expected operations: 2.100e+01 of elements that are not zero
// WITHOUT-NOT: Expected
// JSON: "expected_operations":20.999{{.*}}"operations":1200000,
func.func @chain(%a: tensor<100x100xf32> {tn.facts = #tn.facts<sparse(0.001)>}, %b: tensor<100x100xf32> {tn.facts = #tn.facts<sparse(0.001)>}, %c: tensor<100x20xf32>) -> tensor<100x20xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] : (tensor<100x100xf32>, tensor<100x100xf32>, tensor<100x20xf32>) -> tensor<100x20xf32>
  return %r : tensor<100x20xf32>
}

// One in four of a permutation's elements is not zero, and three in twelve of the constant's: of 48 products 48 / 16 are expected. In
// the second contraction one in five of a diagonal's, of 5 · 5 · 2 products.
// STRUCTURES: "expected_operations":3,
// STRUCTURES-SAME: "operations":48,
// STRUCTURES-SAME: "expected_operations":10,
// STRUCTURES-SAME: "operations":50,
func.func @structures(%p: tensor<4x4xcomplex<f64>> {tn.facts = #tn.facts<permutation>}, %d: tensor<5x5xf32> {tn.facts = #tn.facts<diagonal>}, %e: tensor<5x2xf32>) -> (tensor<4x3xcomplex<f64>>, tensor<5x2xf32>) {
  %c = tn.constant dense<[[(0.0, 0.0), (1.0, 0.0), (0.0, 0.0)], [(0.0, 0.0), (0.0, 0.0), (0.0, 2.0)], [(0.0, 0.0), (0.0, 0.0), (3.0, 0.0)], [(0.0, 0.0), (0.0, 0.0), (0.0, 0.0)]]> : tensor<4x3xcomplex<f64>>
  %q = tn.conj %p : tensor<4x4xcomplex<f64>>
  %s = tn.contract (%q[i, j], %c[j, k]) -> [i, k] : (tensor<4x4xcomplex<f64>>, tensor<4x3xcomplex<f64>>) -> tensor<4x3xcomplex<f64>>
  %t = tn.contract (%d[i, j], %e[j, k]) -> [i, k] : (tensor<5x5xf32>, tensor<5x2xf32>) -> tensor<5x2xf32>
  return %s, %t : tensor<4x3xcomplex<f64>>, tensor<5x2xf32>
}

// The zeros of max_plus are others.
// OTHER: "expected_operations":8000,
func.func @other_zero(%a: tensor<20x20xf32> {tn.facts = #tn.facts<sparse(0.001)>}, %b: tensor<20x20xf32>) -> tensor<20x20xf32> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k] semiring(max_plus) : (tensor<20x20xf32>, tensor<20x20xf32>) -> tensor<20x20xf32>
  return %r : tensor<20x20xf32>
}
