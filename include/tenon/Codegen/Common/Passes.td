//===- Passes.td - From tensors to a schedule --------------*- tablegen -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#ifndef TENON_CODEGEN_COMMON_PASSES
#define TENON_CODEGEN_COMMON_PASSES

include "mlir/Pass/PassBase.td"

def DestinationStyle : Pass<"tenon-destination-style", "::mlir::func::FuncOp"> {
  let summary = "Gives a function caller-owned buffers instead of tensors";
  let description = [{
    Every tensor argument becomes a memref of any strides, which is only read; every tensor result becomes a further argument, a memref of any strides,
    which is written. Extents have to be static. The upstream bufferization takes it from there.

    ```mlir
    func.func @f(%a: tensor<4x5xf32>) -> tensor<4xf32> { … return %r : tensor<4xf32> }
    ```
    becomes
    ```mlir
    func.func @f(%a: memref<4x5xf32, strided<[?, ?], offset: ?>>, %out: memref<4xf32, strided<[?], offset: ?>>) {
      %t = bufferization.to_tensor %a restrict : …
      …
      bufferization.materialize_in_destination %r in restrict writable %out : …
      return
    }
    ```
    The names, hints and signedness of the results move to the new arguments; `tn.num_inputs` on the function keeps the number of inputs.
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect", "::mlir::memref::MemRefDialect"];
}

#endif // TENON_CODEGEN_COMMON_PASSES
