// RUN: tenon-opt %s "-tenon-cpu-pipeline=min-slices=4 threads=3 target=avx2" | FileCheck %s

// A network without open indices: each thread sums its slices to one number, and the numbers are summed at the end.
// CHECK-LABEL: func.func @amplitude(
// CHECK-SAME:    %[[OUT:[^:]*]]: memref<complex<f32>, strided<[], offset: ?>>
// CHECK:       scf.forall (%{{.*}}) in (3)
// CHECK:         scf.for
// CHECK:           tn.call_contraction
// CHECK:       linalg.fill
// CHECK:       call @map_0(
// CHECK:       func.func private @map_0(%{{.*}}: memref<?xcomplex<f32>, {{.*}}>, %{{.*}}: memref<complex<f32>, {{.*}}>)
// CHECK:         linalg.generic
// CHECK:         complex.add
func.func @amplitude(%a: tensor<4x5xcomplex<f32>>, %b: tensor<5x6xcomplex<f32>>, %c: tensor<6x4xcomplex<f32>>) -> tensor<complex<f32>> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, i]) -> []
     : (tensor<4x5xcomplex<f32>>, tensor<5x6xcomplex<f32>>, tensor<6x4xcomplex<f32>>) -> tensor<complex<f32>>
  return %r : tensor<complex<f32>>
}
