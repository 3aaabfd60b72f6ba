//===- Passes.td - From buffers to kernels and calls -------*- tablegen -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#ifndef TENON_CODEGEN_CPU_PASSES
#define TENON_CODEGEN_CPU_PASSES

include "mlir/Pass/PassBase.td"

def OutlineKernels : Pass<"tenon-outline-kernels", "::mlir::ModuleOp"> {
  let summary = "Turns computations on buffers into calls of kernels";
  let description = [{
    Makes the functions of a module schedules: lists of calls over views.

    A binary contraction becomes a `tn.call_contraction`. Its kernel is a private function without a body whose `tn.kernel` attribute says what it
    computes and how. Extents and strides are no part of it, so a network of a thousand contractions has a handful of kernels. A fill with the semiring's zero
    just before is absorbed: the kernel then overwrites. So is an operation right after it that alone reads the sums and rounds them to half precision, where
    k is one block: the kernel then stores what is rounded. A private packing buffer comes with each call.

    ```mlir
    linalg.fill ins(%zero : f32) outs(%c : memref<4x6xf32>)
    linalg.generic {… matmul …} ins(%a, %b : memref<4x5xf32>, memref<5x6xf32>) outs(%c : memref<4x6xf32>)
    ```
    becomes
    ```mlir
    func.func private @contract_0(…) attributes {tn.kernel = #tn.contraction_kernel<a = f32, …>}
    …
    %w = memref.alloc() : memref<12288xi8>
    tn.call_contraction @contract_0 (%a[0, 2], %b[2, 1]) -> (%c[0, 1]) order [0, 1, 2] workspace(%w) : …
    ```

    Any other linalg operation moves into a private function of its own on memrefs of dynamic extents and strides, equal ones sharing a function; the schedule
    calls it by `func.call`. A mere permutation becomes a `memref.copy`. Fills and copies stay: the runtime executes them.
  }];
  let options = [
    Option<"target", "target", "std::string", /*default=*/"\"host\"", "Machine to choose kernels for: host, avx512, avx512-bf16, avx2, generic-neon">,
    Option<"threads", "threads", "int64_t", /*default=*/"1", "Threads that may share one call outside parallel loops">,
    Option<"tuning", "tuning", "std::string", /*default=*/"\"\"", "Tuning file, whose choices of kernels come before the pass's own">
  ];
  let dependentDialects = ["::mlir::func::FuncDialect", "::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect", "::tenon::tn::TNDialect"];
}

def GenerateKernels : Pass<"tenon-generate-kernels", "::mlir::ModuleOp"> {
  let summary = "Writes the bodies of contraction kernels";
  let description = [{
    Gives each private function with a `#tn.contraction_kernel` and no body the loops that the attribute describes: packing, register tiles in the
    `vector` dialect, cache blocks. `docs/codegen-cpu.md` explains them. The compiler does the same on its way to machine code; the pass
    exists to look at kernels, and to change them.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::func::FuncDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect", "::mlir::LLVM::LLVMDialect"];
}

def ConvertKernels : Pass<"tenon-convert-kernels-to-llvm", "::mlir::ModuleOp"> {
  let summary = "Lowers contraction kernels to the LLVM dialect";
  let description = [{
    Turns the bodies that `tenon-generate-kernels` writes (`func`, `scf`, `arith`, `memref`, `vector`) into the LLVM dialect, in one conversion. Anything else is an
    error. The compiler does the same on its way to machine code.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::cf::ControlFlowDialect", "::mlir::LLVM::LLVMDialect"];
}

#endif // TENON_CODEGEN_CPU_PASSES
