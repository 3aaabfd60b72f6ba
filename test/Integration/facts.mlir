// Arguments with facts: compiled code, which uses them, agrees with the interpreter, which does not.

// RUN: tenon-run %s --entry=diagonal --random=41 --check --check-facts --threads=1
// RUN: tenon-run %s --entry=diagonal --random=42 --check --check-facts --threads=2
// RUN: tenon-run %s --entry=two_diagonals --random=41 --check --check-facts --threads=1
// RUN: tenon-run %s --entry=two_diagonals --random=42 --check --check-facts --threads=2
// RUN: tenon-run %s --entry=isometry --random=41 --check --check-facts --threads=1
// RUN: tenon-run %s --entry=isometry --random=42 --check --check-facts --threads=2
// RUN: tenon-run %s --entry=layers --random=41 --check --check-facts --threads=1
// RUN: tenon-run %s --entry=layers --random=42 --check --check-facts --threads=2
// RUN: tenon-run %s --entry=unitary --random=41 --check --check-facts --threads=1
// RUN: tenon-run %s --entry=unitary --random=42 --check --check-facts --threads=2
// RUN: tenon-run %s --entry=permutation --random=41 --check --check-facts --threads=1
// RUN: tenon-run %s --entry=permutation --random=42 --check --check-facts --threads=2
// RUN: tenon-run %s --entry=half --random=41 --check --check-facts --threads=1
// RUN: tenon-run %s --entry=half --random=42 --check --check-facts --threads=2
// RUN: tenon-run %s --entry=integers --random=41 --check --check-facts --threads=1
// RUN: tenon-run %s --entry=integers --random=42 --check --check-facts --threads=2
// RUN: tenon-run %s --entry=dynamic --random=41 --check --check-facts --threads=1
// RUN: tenon-run %s --entry=dynamic --random=42 --check --check-facts --threads=2
// RUN: tenon-run %s --entry=combined --random=41 --check --check-facts --threads=1
// RUN: tenon-run %s --entry=combined --random=42 --check --check-facts --threads=2
// RUN: tenon-run %s --entry=inverse_constants --random=41 --check --threads=1
// RUN: tenon-run %s --entry=inverse_constants --random=42 --check --threads=2

func.func @diagonal(%a: tensor<4x5xf32>, %d: tensor<5x5x5xf32> {tn.facts = #tn.facts<diagonal>}, %b: tensor<5x6xf32>, %c: tensor<5x7xf32>) -> tensor<7x4x6xf32> {
  %r = tn.contract (%a[i, j], %d[j, k, m], %b[k, l], %c[m, n]) -> [n, i, l] : (tensor<4x5xf32>, tensor<5x5x5xf32>, tensor<5x6xf32>, tensor<5x7xf32>) -> tensor<7x4x6xf32>
  return %r : tensor<7x4x6xf32>
}

func.func @two_diagonals(%d: tensor<2x3x1x2x3xcomplex<f32>> {tn.facts = #tn.facts<diagonal([0, 3]), diagonal([1, 4])>}, %a: tensor<2x3x7xcomplex<f32>>, %b: tensor<2x3x5xcomplex<f32>>) -> tensor<7x5xcomplex<f32>> {
  %c = tn.conj %d : tensor<2x3x1x2x3xcomplex<f32>>
  %r = tn.contract (%c[p, q, u, r, s], %a[p, q, m], %b[r, s, n]) -> [m, n] : (tensor<2x3x1x2x3xcomplex<f32>>, tensor<2x3x7xcomplex<f32>>, tensor<2x3x5xcomplex<f32>>) -> tensor<7x5xcomplex<f32>>
  return %r : tensor<7x5xcomplex<f32>>
}

func.func @isometry(%w: tensor<13x3x4xcomplex<f64>> {tn.facts = #tn.facts<isometric([1, 2])>}, %a: tensor<3x4x5xcomplex<f64>>, %b: tensor<3x4x6xcomplex<f64>>) -> tensor<6x5xcomplex<f64>> {
  %c = tn.conj %w : tensor<13x3x4xcomplex<f64>>
  %r = tn.contract (%a[j, k, p], %w[i, j, k], %c[i, m, n], %b[m, n, q]) -> [q, p]
     : (tensor<3x4x5xcomplex<f64>>, tensor<13x3x4xcomplex<f64>>, tensor<13x3x4xcomplex<f64>>, tensor<3x4x6xcomplex<f64>>) -> tensor<6x5xcomplex<f64>>
  return %r : tensor<6x5xcomplex<f64>>
}

func.func @layers(%u: tensor<3x4x3x4xcomplex<f32>> {tn.facts = #tn.facts<isometric([2, 3])>}, %w: tensor<12x5xcomplex<f32>> {tn.facts = #tn.facts<isometric([1])>}, %t: tensor<3x4x12xcomplex<f32>> {tn.facts = #tn.facts<isometric([2])>}) -> tensor<5x5xcomplex<f32>> {
  %uc = tn.conj %u : tensor<3x4x3x4xcomplex<f32>>
  %wc = tn.conj %w : tensor<12x5xcomplex<f32>>
  %tc = tn.conj %t : tensor<3x4x12xcomplex<f32>>
  %r = tn.contract (%u[a, b, c, d], %t[c, d, e], %w[e, x], %uc[a, b, f, g], %tc[f, g, h], %wc[h, y]) -> [x, y]
     : (tensor<3x4x3x4xcomplex<f32>>, tensor<3x4x12xcomplex<f32>>, tensor<12x5xcomplex<f32>>, tensor<3x4x3x4xcomplex<f32>>, tensor<3x4x12xcomplex<f32>>, tensor<12x5xcomplex<f32>>) -> tensor<5x5xcomplex<f32>>
  return %r : tensor<5x5xcomplex<f32>>
}

func.func @unitary(%u: tensor<6x6xf64> {tn.facts = #tn.facts<isometric([0]), isometric([1])>}, %a: tensor<6x2xf64>, %b: tensor<6x3xf64>) -> tensor<3x2xf64> {
  %v = tn.contract (%u[i, k], %u[j, k]) -> [i, j] : (tensor<6x6xf64>, tensor<6x6xf64>) -> tensor<6x6xf64>
  %w = tn.contract (%u[k, i], %u[k, j]) -> [i, j] : (tensor<6x6xf64>, tensor<6x6xf64>) -> tensor<6x6xf64>
  %r = tn.contract (%a[i, p], %v[i, j], %w[j, k], %b[k, q]) -> [q, p] : (tensor<6x2xf64>, tensor<6x6xf64>, tensor<6x6xf64>, tensor<6x3xf64>) -> tensor<3x2xf64>
  return %r : tensor<3x2xf64>
}

func.func @permutation(%p: tensor<2x3x6xi8> {tn.facts = #tn.facts<permutation([0, 1])>}, %a: tensor<2x3x5xi8>, %b: tensor<2x3x4xi8>) -> (tensor<5x4xi8>, tensor<6x5xi8>) {
  %r = tn.contract (%a[i, j, l], %p[i, j, k], %p[n, o, k], %b[n, o, m]) -> [l, m] semiring(max_times)
     : (tensor<2x3x5xi8>, tensor<2x3x6xi8>, tensor<2x3x6xi8>, tensor<2x3x4xi8>) -> tensor<5x4xi8>
  %s = tn.contract (%a[i, j, l], %p[i, j, k]) -> [k, l] : (tensor<2x3x5xi8>, tensor<2x3x6xi8>) -> tensor<6x5xi8>
  return %r, %s : tensor<5x4xi8>, tensor<6x5xi8>
}

func.func @half(%w: tensor<40x6xf16> {tn.facts = #tn.facts<isometric([1])>}, %a: tensor<6x3xf16>) -> tensor<6x3xf32> {
  %r = tn.contract (%w[i, j], %w[i, k], %a[k, l]) -> [j, l] accumulate(f32) : (tensor<40x6xf16>, tensor<40x6xf16>, tensor<6x3xf16>) -> tensor<6x3xf32>
  return %r : tensor<6x3xf32>
}

func.func @integers(%w: tensor<7x3xi8> {tn.facts = #tn.facts<isometric([1])>}, %a: tensor<3x4xi8>) -> tensor<3x4xi32> {
  %r = tn.contract (%w[i, j], %w[i, k], %a[k, l]) -> [j, l] accumulate(i32) : (tensor<7x3xi8>, tensor<7x3xi8>, tensor<3x4xi8>) -> tensor<3x4xi32>
  return %r : tensor<3x4xi32>
}

func.func @dynamic(%w: tensor<?x?xf64> {tn.hint = array<i64: 9, 4>, tn.facts = #tn.facts<isometric([1])>}, %a: tensor<?x3xf64> {tn.hint = array<i64: 4, 3>}, %d: tensor<?x?xf64> {tn.hint = array<i64: 4, 4>, tn.facts = #tn.facts<diagonal>}) -> tensor<?x3xf64> {
  %r = tn.contract (%w[i, j], %w[i, k], %d[k, l], %a[l, m]) -> [j, m] : (tensor<?x?xf64>, tensor<?x?xf64>, tensor<?x?xf64>, tensor<?x3xf64>) -> tensor<?x3xf64>
  return %r : tensor<?x3xf64>
}

func.func @combined(%d: tensor<5x5xf64> {tn.facts = #tn.facts<diagonal, isometric([0])>}, %s: tensor<6x5xf64> {tn.facts = #tn.facts<isometric([1]), sparse(0.2)>}, %x: tensor<5x4xf64> {tn.facts = #tn.facts<sparse(0.25)>}) -> tensor<5x4xf64> {
  %r = tn.contract (%d[i, j], %s[k, j], %s[k, l], %x[l, m]) -> [i, m] : (tensor<5x5xf64>, tensor<6x5xf64>, tensor<6x5xf64>, tensor<5x4xf64>) -> tensor<5x4xf64>
  return %r : tensor<5x4xf64>
}

func.func @inverse_constants(%a: tensor<2x3xcomplex<f64>>, %b: tensor<2x4xcomplex<f64>>) -> tensor<3x4xcomplex<f64>> {
  %u = tn.constant dense<[[(0.95533648912560598, 0.0), (0.0, -0.29552020666133955)], [(0.0, -0.29552020666133955), (0.95533648912560598, 0.0)]]> : tensor<2x2xcomplex<f64>>
  %v = tn.constant dense<[[(0.95533648912560598, 0.0), (0.0, 0.29552020666133955)], [(0.0, 0.29552020666133955), (0.95533648912560598, 0.0)]]> : tensor<2x2xcomplex<f64>>
  %r = tn.contract (%a[i, p], %u[i, j], %v[k, j], %b[k, q]) -> [p, q]
     : (tensor<2x3xcomplex<f64>>, tensor<2x2xcomplex<f64>>, tensor<2x2xcomplex<f64>>, tensor<2x4xcomplex<f64>>) -> tensor<3x4xcomplex<f64>>
  return %r : tensor<3x4xcomplex<f64>>
}
