//===- TNSchedule.td - What a schedule calls ---------------*- tablegen -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#ifndef TENON_DIALECT_TN_IR_TNSCHEDULE
#define TENON_DIALECT_TN_IR_TNSCHEDULE

include "tenon/Dialect/TN/IR/TNAttributes.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def TN_ContractionKernelAttr : AttrDef<TN_Dialect, "ContractionKernel"> {
  let mnemonic = "contraction_kernel";
  let summary = "Which kernel computes a class of contractions, and how";
  let description = [{
    On a private function without a body: the kernel that this function is. Element types, semiring and conjugation are what it computes;
    the strategy and the register tile (mr × nr) are how. `tenon-generate-kernels` writes the body, and a
    user may change the second part before. `unsigned = true`, `conj_a = true` and `conj_b = true` follow the semiring where they hold.
    `dot = 2` after the lanes says that panels hold pairs of bf16 along k, and that an instruction which not every processor has
    multiplies them.

    ```mlir
    #tn.contraction_kernel<a = f32, b = f32, c = f32, accumulate = f32, semiring = plus_times, strategy = "packed",
                           lanes = 16, tile = [12, 32]>
    ```
  }];
  let parameters = (ins "::mlir::Type":$typeA, "::mlir::Type":$typeB, "::mlir::Type":$typeC, "::mlir::Type":$accumulate,
                        EnumParameter<TN_Semiring>:$semiring,
                        DefaultValuedParameter<"bool", "false">:$isUnsigned,
                        DefaultValuedParameter<"bool", "false">:$conjA,
                        DefaultValuedParameter<"bool", "false">:$conjB,
                        StringRefParameter<"packed, direct, batched, interleaved, streamed or gathered">:$strategy,
                        "int64_t":$lanes,
                        DefaultValuedParameter<"int64_t", "1">:$dot,
                        ArrayRefParameter<"int64_t">:$tile);
  let assemblyFormat = [{
    `<` `a` `=` $typeA `,` `b` `=` $typeB `,` `c` `=` $typeC `,` `accumulate` `=` $accumulate `,` `semiring` `=` $semiring
    (`unsigned` `=` $isUnsigned^)? (`conj_a` `=` $conjA^)? (`conj_b` `=` $conjB^)?
    `,` `strategy` `=` $strategy `,` `lanes` `=` $lanes (`dot` `=` $dot^)? `,` `tile` `=` `[` $tile `]` `>`
  }];
  let genVerifyDecl = 1;
}

def TN_SplitGroup : I32EnumAttr<"SplitGroup", "the index group that threads share", [
    I32EnumAttrCase<"Batch", 0, "batch">, I32EnumAttrCase<"M", 1, "m">, I32EnumAttrCase<"N", 2, "n">]> {
  let cppNamespace = "::tenon::tn";
  let genSpecializedAttr = 0;
}
def TN_SplitGroupAttr : EnumAttr<TN_Dialect, TN_SplitGroup, "split_group"> {
  let assemblyFormat = "`<` $value `>`";
}

def TN_CallContractionOp : Op<TN_Dialect, "call_contraction", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Calls a contraction kernel on buffers";
  let description = [{
    One step of a schedule: C (+)= A ⊗ B over views, computed by the kernel that the symbol names.

    ```mlir
    tn.call_contraction @k (%a[0, 1], %b[1, 2]) -> (%c[0, 2]) order [0, 2, 1] blocks [504, 4096, 256] workspace(%w)
      : memref<4x5xf32>, memref<5x6xf32>, memref<4x6xf32>, memref<4096xi8>
    ```

    `order` lists the indices outermost first. An index of all three buffers is a batch index; of A and C an m index, of B and C an n
    index; one that C lacks is summed. `blocks` are the cache blocks mc, nc and kc, in elements, upper bounds: a packed kernel needs multiples
    of mr, of nr and of 4. With kc = 0 k is not split, which a result narrower than its sum needs. With `accumulate` the sums are added to C, else they overwrite it. `split m by 12 into 2` lets at most two threads
    share the call, in multiples of 12 of the m space; each uses its own part of the workspace.
  }];
  let arguments = (ins FlatSymbolRefAttr:$callee,
                       Arg<AnyMemRef, "A", [MemRead]>:$a,
                       Arg<AnyMemRef, "B", [MemRead]>:$b,
                       Arg<AnyMemRef, "C", [MemRead, MemWrite]>:$c,
                       Arg<AnyMemRef, "packing buffer", [MemRead, MemWrite]>:$workspace,
                       DenseI64ArrayAttr:$indices_a, DenseI64ArrayAttr:$indices_b, DenseI64ArrayAttr:$indices_c,
                       DenseI64ArrayAttr:$order, DenseI64ArrayAttr:$blocks,
                       UnitAttr:$accumulate,
                       DefaultValuedAttr<TN_SplitGroupAttr, "::tenon::tn::SplitGroup::M">:$split_group,
                       DefaultValuedAttr<I64Attr, "1">:$split_grain,
                       DefaultValuedAttr<I64Attr, "1">:$ways);
  let assemblyFormat = [{
    $callee `(` $a `` custom<IndexList>($indices_a) `,` $b `` custom<IndexList>($indices_b) `)` `->` `(` $c `` custom<IndexList>($indices_c) `)`
    `order` custom<IndexList>($order) `blocks` custom<IndexList>($blocks) (`accumulate` $accumulate^)?
    (`split` custom<SplitGroup>($split_group) `by` $split_grain `into` $ways^)?
    `workspace` `(` $workspace `)` attr-dict `:` type($a) `,` type($b) `,` type($c) `,` type($workspace)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Extent of each index, by number.
    ::llvm::SmallVector<int64_t> getExtents();
  }];
}

#endif // TENON_DIALECT_TN_IR_TNSCHEDULE
