// Shapes of networks, each run on one and on two threads: compiled code agrees with the interpreter, or --check fails.

// RUN: tenon-run %s --entry=diagonal --random=41 --check --threads=1
// RUN: tenon-run %s --entry=diagonal --random=42 --check --threads=2
// RUN: tenon-run %s --entry=trace --random=41 --check --threads=1
// RUN: tenon-run %s --entry=trace --random=42 --check --threads=2
// RUN: tenon-run %s --entry=transpose --random=41 --check --threads=1
// RUN: tenon-run %s --entry=transpose --random=42 --check --threads=2
// RUN: tenon-run %s --entry=hyperedge --random=41 --check --threads=1
// RUN: tenon-run %s --entry=hyperedge --random=42 --check --threads=2
// RUN: tenon-run %s --entry=hyperedge_kept --random=41 --check --threads=1
// RUN: tenon-run %s --entry=hyperedge_kept --random=42 --check --threads=2
// RUN: tenon-run %s --entry=outer --random=41 --check --threads=1
// RUN: tenon-run %s --entry=outer --random=42 --check --threads=2
// RUN: tenon-run %s --entry=scalar_result --random=41 --check --threads=1
// RUN: tenon-run %s --entry=scalar_result --random=42 --check --threads=2
// RUN: tenon-run %s --entry=scalars --random=41 --check --threads=1
// RUN: tenon-run %s --entry=scalars --random=42 --check --threads=2
// RUN: tenon-run %s --entry=rank0_only --random=41 --check --threads=1
// RUN: tenon-run %s --entry=rank0_only --random=42 --check --threads=2
// RUN: tenon-run %s --entry=empty_sum --random=41 --check --threads=1
// RUN: tenon-run %s --entry=empty_sum --random=42 --check --threads=2
// RUN: tenon-run %s --entry=empty_sum_min --random=41 --check --threads=1
// RUN: tenon-run %s --entry=empty_sum_min --random=42 --check --threads=2
// RUN: tenon-run %s --entry=empty_result --random=41 --check --threads=1
// RUN: tenon-run %s --entry=empty_result --random=42 --check --threads=2
// RUN: tenon-run %s --entry=conj --random=41 --check --threads=1
// RUN: tenon-run %s --entry=conj --random=42 --check --threads=2
// RUN: tenon-run %s --entry=norm --random=41 --check --threads=1
// RUN: tenon-run %s --entry=norm --random=42 --check --threads=2
// RUN: tenon-run %s --entry=conj_result --random=41 --check --threads=1
// RUN: tenon-run %s --entry=conj_result --random=42 --check --threads=2
// RUN: tenon-run %s --entry=chain --random=41 --check --threads=1
// RUN: tenon-run %s --entry=chain --random=42 --check --threads=2
// RUN: tenon-run %s --entry=ring --random=41 --check --threads=1
// RUN: tenon-run %s --entry=ring --random=42 --check --threads=2
// RUN: tenon-run %s --entry=delta --random=41 --check --threads=1
// RUN: tenon-run %s --entry=delta --random=42 --check --threads=2
// RUN: tenon-run %s --entry=delta_result --random=41 --check --threads=1
// RUN: tenon-run %s --entry=delta_result --random=42 --check --threads=2
// RUN: tenon-run %s --entry=constant --random=41 --check --threads=1
// RUN: tenon-run %s --entry=constant --random=42 --check --threads=2
// RUN: tenon-run %s --entry=same_twice --random=41 --check --threads=1
// RUN: tenon-run %s --entry=same_twice --random=42 --check --threads=2
// RUN: tenon-run %s --entry=argument_result --random=41 --check --threads=1
// RUN: tenon-run %s --entry=argument_result --random=42 --check --threads=2
// RUN: tenon-run %s --entry=widened --random=41 --check --threads=1
// RUN: tenon-run %s --entry=widened --random=42 --check --threads=2
// RUN: tenon-run %s --entry=two_results --random=41 --check --threads=1
// RUN: tenon-run %s --entry=two_results --random=42 --check --threads=2
// RUN: tenon-run %s --entry=same_result_twice --random=41 --check --threads=1
// RUN: tenon-run %s --entry=same_result_twice --random=42 --check --threads=2

func.func @diagonal(%a: tensor<4x3x4xf64>, %b: tensor<4x5xf64>) -> tensor<5x4x3xf64> {
  %r = tn.contract (%a[i, j, i], %b[i, k]) -> [k, i, j] : (tensor<4x3x4xf64>, tensor<4x5xf64>) -> tensor<5x4x3xf64>
  return %r : tensor<5x4x3xf64>
}

func.func @trace(%a: tensor<4x3x4xi32>) -> tensor<3xi32> {
  %r = tn.contract (%a[i, j, i]) -> [j] : (tensor<4x3x4xi32>) -> tensor<3xi32>
  return %r : tensor<3xi32>
}

func.func @transpose(%a: tensor<2x3x5x7xf32>) -> tensor<7x3x2x5xf32> {
  %r = tn.contract (%a[i, j, k, l]) -> [l, j, i, k] : (tensor<2x3x5x7xf32>) -> tensor<7x3x2x5xf32>
  return %r : tensor<7x3x2x5xf32>
}

func.func @hyperedge(%a: tensor<3x4xi64>, %b: tensor<4x5xi64>, %c: tensor<4x2xi64>, %d: tensor<4xi64>) -> tensor<2x3x5xi64> {
  %r = tn.contract (%a[i, h], %b[h, j], %c[h, k], %d[h]) -> [k, i, j] : (tensor<3x4xi64>, tensor<4x5xi64>, tensor<4x2xi64>, tensor<4xi64>) -> tensor<2x3x5xi64>
  return %r : tensor<2x3x5xi64>
}

func.func @hyperedge_kept(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>, %c: tensor<4x2xf32>) -> tensor<4x2x3x5xf32> {
  %r = tn.contract (%a[i, h], %b[h, j], %c[h, k]) -> [h, k, i, j] : (tensor<3x4xf32>, tensor<4x5xf32>, tensor<4x2xf32>) -> tensor<4x2x3x5xf32>
  return %r : tensor<4x2x3x5xf32>
}

func.func @outer(%a: tensor<3xcomplex<f64>>, %b: tensor<4xcomplex<f64>>, %c: tensor<2xcomplex<f64>>) -> tensor<4x2x3xcomplex<f64>> {
  %r = tn.contract (%a[i], %b[j], %c[k]) -> [j, k, i] : (tensor<3xcomplex<f64>>, tensor<4xcomplex<f64>>, tensor<2xcomplex<f64>>) -> tensor<4x2x3xcomplex<f64>>
  return %r : tensor<4x2x3xcomplex<f64>>
}

func.func @scalar_result(%a: tensor<6x7xf64>, %b: tensor<7x6xf64>) -> tensor<f64> {
  %r = tn.contract (%a[i, j], %b[j, i]) -> [] : (tensor<6x7xf64>, tensor<7x6xf64>) -> tensor<f64>
  return %r : tensor<f64>
}

func.func @scalars(%a: tensor<f32>, %b: tensor<3x2xf32>, %c: tensor<f32>) -> tensor<2x3xf32> {
  %r = tn.contract (%a[], %b[i, j], %c[]) -> [j, i] : (tensor<f32>, tensor<3x2xf32>, tensor<f32>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

func.func @rank0_only(%a: tensor<i32>, %b: tensor<i32>) -> tensor<i32> {
  %r = tn.contract (%a[], %b[]) -> [] : (tensor<i32>, tensor<i32>) -> tensor<i32>
  return %r : tensor<i32>
}

func.func @empty_sum(%a: tensor<3x0xf32>, %b: tensor<0x4xf32>) -> tensor<4x3xf32> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] : (tensor<3x0xf32>, tensor<0x4xf32>) -> tensor<4x3xf32>
  return %r : tensor<4x3xf32>
}

func.func @empty_sum_min(%a: tensor<3x0xi16>, %b: tensor<0x4xi16>) -> tensor<4x3xi16> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] semiring(min_plus) : (tensor<3x0xi16>, tensor<0x4xi16>) -> tensor<4x3xi16>
  return %r : tensor<4x3xi16>
}

func.func @empty_result(%a: tensor<3x4xf32>, %b: tensor<4x0xf32>) -> tensor<0x3xf32> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [j, i] : (tensor<3x4xf32>, tensor<4x0xf32>) -> tensor<0x3xf32>
  return %r : tensor<0x3xf32>
}

func.func @conj(%a: tensor<5x4xcomplex<f32>>, %b: tensor<4x3xcomplex<f32>>) -> tensor<3x5xcomplex<f32>> {
  %c = tn.conj %a : tensor<5x4xcomplex<f32>>
  %r = tn.contract (%c[i, k], %b[k, j]) -> [j, i] : (tensor<5x4xcomplex<f32>>, tensor<4x3xcomplex<f32>>) -> tensor<3x5xcomplex<f32>>
  return %r : tensor<3x5xcomplex<f32>>
}

func.func @norm(%a: tensor<5x4xcomplex<f32>>) -> tensor<complex<f32>> {
  %c = tn.conj %a : tensor<5x4xcomplex<f32>>
  %r = tn.contract (%a[i, k], %c[i, k]) -> [] : (tensor<5x4xcomplex<f32>>, tensor<5x4xcomplex<f32>>) -> tensor<complex<f32>>
  return %r : tensor<complex<f32>>
}

func.func @conj_result(%a: tensor<5x4xcomplex<f32>>) -> tensor<5x4xcomplex<f32>> {
  %c = tn.conj %a : tensor<5x4xcomplex<f32>>
  return %c : tensor<5x4xcomplex<f32>>
}

func.func @chain(%a: tensor<3x7xf32>, %b: tensor<7x11xf32>, %c: tensor<11x2xf32>, %d: tensor<2x5xf32>) -> tensor<5x3xf32> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l], %d[l, m]) -> [m, i] : (tensor<3x7xf32>, tensor<7x11xf32>, tensor<11x2xf32>, tensor<2x5xf32>) -> tensor<5x3xf32>
  return %r : tensor<5x3xf32>
}

func.func @ring(%a: tensor<3x2x4xf64>, %b: tensor<4x2x5xf64>, %c: tensor<5x2x6xf64>, %d: tensor<6x2x3xf64>) -> tensor<2x2x2x2xf64> {
  %r = tn.contract (%a[a, p, b], %b[b, q, c], %c[c, r, d], %d[d, s, a]) -> [s, q, r, p] : (tensor<3x2x4xf64>, tensor<4x2x5xf64>, tensor<5x2x6xf64>, tensor<6x2x3xf64>) -> tensor<2x2x2x2xf64>
  return %r : tensor<2x2x2x2xf64>
}

func.func @delta(%a: tensor<4x3xf32>, %b: tensor<4x5xf32>) -> tensor<4x5x3xf32> {
  %d = tn.delta : tensor<4x4x4xf32>
  %r = tn.contract (%a[i, j], %d[i, k, l], %b[k, m]) -> [l, m, j] : (tensor<4x3xf32>, tensor<4x4x4xf32>, tensor<4x5xf32>) -> tensor<4x5x3xf32>
  return %r : tensor<4x5x3xf32>
}

func.func @delta_result() -> tensor<3x3x3xi32> {
  %d = tn.delta : tensor<3x3x3xi32>
  return %d : tensor<3x3x3xi32>
}

func.func @constant(%a: tensor<2x3xf32>) -> tensor<2x2xf32> {
  %c = tn.constant dense<[[1.5, -2.0], [0.25, 4.0], [-8.0, 3.0]]> : tensor<3x2xf32>
  %r = tn.contract (%a[i, k], %c[k, j]) -> [j, i] : (tensor<2x3xf32>, tensor<3x2xf32>) -> tensor<2x2xf32>
  return %r : tensor<2x2xf32>
}

func.func @same_twice(%a: tensor<5x5xi32>) -> tensor<5x5xi32> {
  %r = tn.contract (%a[i, k], %a[k, j]) -> [i, j] : (tensor<5x5xi32>, tensor<5x5xi32>) -> tensor<5x5xi32>
  return %r : tensor<5x5xi32>
}

func.func @argument_result(%a: tensor<2x3xf32>) -> tensor<2x3xf32> {
  return %a : tensor<2x3xf32>
}

func.func @widened(%a: tensor<2x3xf16>) -> tensor<3x2xf64> {
  %r = tn.contract (%a[i, j]) -> [j, i] : (tensor<2x3xf16>) -> tensor<3x2xf64>
  return %r : tensor<3x2xf64>
}

func.func @two_results(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>, %c: tensor<5x2xf32>) -> (tensor<3x2xf32>, tensor<5x3xf32>) {
  %ab = tn.contract (%a[i, j], %b[j, k]) -> [k, i] : (tensor<3x4xf32>, tensor<4x5xf32>) -> tensor<5x3xf32>
  %r = tn.contract (%ab[k, i], %c[k, l]) -> [i, l] : (tensor<5x3xf32>, tensor<5x2xf32>) -> tensor<3x2xf32>
  return %r, %ab : tensor<3x2xf32>, tensor<5x3xf32>
}

func.func @same_result_twice(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>) -> (tensor<3x5xf32>, tensor<3x5xf32>) {
  %ab = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<3x4xf32>, tensor<4x5xf32>) -> tensor<3x5xf32>
  return %ab, %ab : tensor<3x5xf32>, tensor<3x5xf32>
}
