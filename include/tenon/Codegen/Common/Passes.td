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
      %t_out = bufferization.to_tensor %out restrict writable : …      // at the start
      %s = bufferization.materialize_in_destination %r in %t_out : …   // what the analysis of bufferization sees
      bufferization.materialize_in_destination %s in restrict writable %out : …
      return
    }
    ```
    The names, hints and signedness of the results move to the new arguments; `tn.num_inputs` on the function keeps the number of inputs.

    A `linalg.map` whose body reads its init becomes a `linalg.generic`: upstream bufferizes it as if it did not read it. A destination
    of a linalg operation that others need becomes a tensor of its own: an empty one where it is not read, else a copy.
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect", "::mlir::memref::MemRefDialect"];
}

def Specialize : Pass<"tenon-specialize", "::mlir::ModuleOp"> {
  let summary = "Fixes dynamic extents of functions to those of their hints";
  let description = [{
    Every argument gets the extents of its `tn.hint`, and every tensor that depends on the arguments the extents that follow. Planning and memory
    layout need numbers; a compiled network with dynamic extents is specialised in this way at the first call that brings new ones. Calls of a
    function follow it: what they pass on and get is cast.

    ```mlir
    func.func @f(%a: tensor<?x5xf32> {tn.hint = array<i64: 4, 5>}) -> tensor<?xf32>
    ```
    becomes
    ```mlir
    func.func @f(%a: tensor<4x5xf32>) -> tensor<4xf32>
    ```
  }];
  let dependentDialects = ["::mlir::tensor::TensorDialect"];
}

def FoldLoopBuffers : Pass<"tenon-fold-loop-buffers", "::mlir::func::FuncOp"> {
  let summary = "Lets loops use buffers of their surroundings instead of carrying them";
  let description = [{
    Bufferization turns a tensor that a loop carries into a memref that it carries, though every iteration yields what it got. Such a memref is
    replaced by the initial one, so that later passes can see which buffer it is.

    ```mlir
    %r = scf.for %i = %a to %b step %c iter_args(%m = %buffer) -> (memref<4xf32>) { … scf.yield %m : memref<4xf32> }
    ```
    becomes
    ```mlir
    scf.for %i = %a to %b step %c { … }   // uses of %m and of %r use %buffer
    ```
  }];
}

def PlanArena : Pass<"tenon-plan-arena", "::mlir::func::FuncOp"> {
  let summary = "Gives every buffer a place in one block of memory";
  let description = [{
    Every `memref.alloc` becomes a view at a fixed offset of one further argument, the arena. Two buffers share bytes when their lives do not overlap; a
    buffer lives from the first operation that touches it, or a view of it, to the last. Buffers inside an `scf.for` are used by one iteration after
    another; every iteration of an `scf.forall` has its own copy of them, since iterations may run at once.

    Offsets are found by best fit in the order of falling size (as in TensorFlow Lite's planner; Sekiyama et al., "Profile-guided memory
    optimization", 2018); the result is within a few percent of the largest sum of bytes that live at one time, which is a lower bound. The function keeps the size of
    the arena in bytes as `tn.workspace`, and that bound as `tn.workspace_bound`.

    ```mlir
    %b = memref.alloc() {alignment = 64 : i64} : memref<4x6xf32>
    ```
    becomes
    ```mlir
    %b = memref.view %arena[%c128][] : memref<4096xi8> to memref<4x6xf32>
    ```

    Deallocations of these buffers vanish. With `limit` a function that needs more bytes is an error. A function that has an arena stays as it is; a buffer outside of it
    is an error.
  }];
  let options = [
    Option<"limit", "limit", "int64_t", /*default=*/"0", "Largest arena in bytes; 0: any">
  ];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect"];
}

#endif // TENON_CODEGEN_COMMON_PASSES
