//===- Passes.td - Lowerings between dialects --------------*- tablegen -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#ifndef TENON_CONVERSION_PASSES
#define TENON_CONVERSION_PASSES

include "mlir/Pass/PassBase.td"

def ConvertTNToLinalg : Pass<"convert-tn-to-linalg", "::mlir::func::FuncOp"> {
  let summary = "Lowers tn operations to linalg, tensor and scf on tensors";
  let description = [{
    A contraction becomes a `linalg.generic` whose loops are the output indices, in their order, and then the summed indices. Its body widens the
    elements, multiplies and adds as the semiring says; the initial value is the semiring's zero. Where the result's type is narrower than the accumulation
    type, a second `linalg.generic` rounds. A `tn.conj` that feeds a contraction is folded into the body.

    ```mlir
    %r = tn.contract (%a[i, j], %b[j]) -> [i] : (tensor<4x5xf32>, tensor<5xf32>) -> tensor<4xf32>
    ```
    becomes
    ```mlir
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<4xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4xf32>) -> tensor<4xf32>
    %r = linalg.generic {indexing_maps = [(i, j) -> (i, j), (i, j) -> (j), (i, j) -> (i)],
                         iterator_types = ["parallel", "reduction"]}
           ins(%a, %b : …) outs(%init : …) { … arith.mulf, arith.addf … }
    ```

    A contraction of three operands and more is converted as it stands, into loops over all of its indices: plan it first (`tn-plan`).

    `tn.slice` becomes one `scf.for` over all slices, whose counter is split by `affine.delinearize_index`. With `threads=n` an `scf.forall` of n iterations
    surrounds it; each takes a contiguous share of the slices and sums them into a buffer of its own, and the buffers are then summed in order, so the result depends
    on `n` but not on timing. A contraction that a slice yields as a sum adds to that buffer directly.
  }];
  let options = [
    Option<"threads", "threads", "int64_t", /*default=*/"1", "Number of shares that slices are divided into (at least 1)">
  ];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect", "::mlir::complex::ComplexDialect",
                           "::mlir::linalg::LinalgDialect", "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
}

#endif // TENON_CONVERSION_PASSES
