//===- TNOps.td - Operations of the tn dialect -------------*- tablegen -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#ifndef TENON_DIALECT_TN_IR_TNOPS
#define TENON_DIALECT_TN_IR_TNOPS

include "tenon/Dialect/TN/IR/TNAttributes.td"
include "tenon/Dialect/TN/IR/TNSchedule.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/LoopLikeInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class TN_Op<string mnemonic, list<Trait> traits = []> : Op<TN_Dialect, mnemonic, traits>;

def TN_ElementType : AnyTypeOf<[F16, BF16, F32, F64, Complex<F32>, Complex<F64>, I1, I8, I16, I32, I64, Index],
    "f16, bf16, f32, f64, complex<f32>, complex<f64>, i1, i8, i16, i32, i64 or index">;
def TN_Tensor : RankedTensorOf<[TN_ElementType]>;

def TN_ContractOp : TN_Op<"contract", [
    Pure, DeclareOpInterfaceMethods<InferTypeOpInterface>,
    DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>]> {
  let summary = "Contracts a tensor network";
  let description = [{
    Sums, over all indices that are not in the output, the product of all operands; sum and product are those of the semiring.

    ```mlir
    %r = tn.contract (%a[i, j], %b[j, k], %c[k]) -> [i]
       : (tensor<4x5xf32>, tensor<5x6xf32>, tensor<6xf32>) -> tensor<4xf32>
    ```

    An index repeated within one operand reads a diagonal; one that is absent from the output is summed; one that several operands share is a
    hyperedge; one that is in the output and in several operands is a batch index. Indices are stored as integers, numbered by first
    appearance over the operands (`indices` is the concatenation of the operands' lists), so renaming never makes two operations differ; the names
    are kept beside them in the location.

    `semiring(max_plus)` selects another semiring, `accumulate(f32)` the type that products and sums are computed in (by default the
    result's element type), `unsigned` makes integer operands unsigned. Each operand is widened to the accumulation type; the final
    sum is rounded once to the result's element type.
  }];
  let arguments = (ins Variadic<TN_Tensor>:$inputs,
                       DenseI64ArrayAttr:$indices,
                       DenseI64ArrayAttr:$result_indices,
                       DefaultValuedAttr<TN_SemiringAttr, "::tenon::tn::Semiring::PlusTimes">:$semiring,
                       OptionalAttr<TypeAttr>:$accumulate,
                       UnitAttr:$is_unsigned);
  let results = (outs TN_Tensor:$result);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
  let builders = [
    // Derives the result's shape from the operands. The lists may use any numbers: they are renumbered.
    OpBuilder<(ins "::mlir::ValueRange":$inputs, "::llvm::ArrayRef<::llvm::SmallVector<int64_t>>":$operandIndices,
      "::llvm::ArrayRef<int64_t>":$resultIndices, "::mlir::Type":$elementType,
      CArg<"::tenon::tn::Semiring", "::tenon::tn::Semiring::PlusTimes">:$semiring,
      CArg<"::mlir::Type", "{}">:$accumulate, CArg<"bool", "false">:$isUnsigned)>];
  let extraClassDeclaration = [{
    static bool isCompatibleReturnTypes(::mlir::TypeRange inferred, ::mlir::TypeRange actual);
    /// The index list of operand `i`: one number for each of its dimensions.
    ::llvm::ArrayRef<int64_t> getOperandIndices(unsigned i);
    ::llvm::SmallVector<::llvm::ArrayRef<int64_t>> getOperandIndexLists();
    /// Number of distinct indices; they are 0 … n-1.
    int64_t getNumIndices();
    /// Extent of each index: static if any operand says it, else ShapedType::kDynamic.
    ::llvm::SmallVector<int64_t> getIndexExtents();
    /// The type that sums and products are computed in.
    ::mlir::Type getAccumulationType();
    /// A name for index `i`: the user's, or one made from the number.
    std::string getIndexName(int64_t i);
    ::mlir::RankedTensorType getResultType() { return ::llvm::cast<::mlir::RankedTensorType>(getResult().getType()); }
    ::mlir::RankedTensorType getInputType(unsigned i) { return ::llvm::cast<::mlir::RankedTensorType>(getInputs()[i].getType()); }
  }];
}

def TN_ConstantOp : TN_Op<"constant", [Pure, ConstantLike, AllTypesMatch<["value", "result"]>,
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmResultNames"]>]> {
  let summary = "A tensor known at compile time";
  let description = [{
    Small tensors are written inline, large ones are resources, which keep the text printable:

    ```mlir
    %gate = tn.constant dense<[[1.0, 0.0], [0.0, -1.0]]> : tensor<2x2xf32>
    %w    = tn.constant dense_resource<w> : tensor<512x512xf32>
    ```

    The bytes of a resource are the elements in row-major order, little-endian, complex numbers as (real, imaginary), `i1` as one byte.
    `facts` says what is known of the elements, where they are too many to be looked at:

    ```mlir
    %q = tn.constant {facts = #tn.facts<isometric([1])>} dense_resource<q> : tensor<4096x512xf32>
    ```
  }];
  let arguments = (ins ElementsAttr:$value, OptionalAttr<TN_FactsAttr>:$facts);
  let results = (outs TN_Tensor:$result);
  let builders = [OpBuilder<(ins "::mlir::ElementsAttr":$value), [{ build($_builder, $_state, value, FactsAttr()); }]>];
  let assemblyFormat = "attr-dict $value";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def TN_DeltaOp : TN_Op<"delta", [Pure, DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>]> {
  let summary = "A copy tensor: one where all positions are equal, zero elsewhere";
  let description = [{
    The semiring's one on the (hyper)diagonal and its zero elsewhere. Of rank 2 it is the identity matrix, of rank 1 a vector of ones, of
    rank 0 the number one. It is never materialised where a contraction consumes it: `tn-simplify` merges the indices that it ties.

    ```mlir
    %d = tn.delta : tensor<3x3x3xf32>
    %i = tn.delta %n semiring(max_plus) : tensor<?x?xf32>
    ```

    All extents are equal. Where the type has dynamic extents, the operand gives their value.
  }];
  let arguments = (ins Optional<Index>:$extent,
                       DefaultValuedAttr<TN_SemiringAttr, "::tenon::tn::Semiring::PlusTimes">:$semiring);
  let results = (outs TN_Tensor:$result);
  let assemblyFormat = "($extent^)? (`semiring` `(` custom<Semiring>($semiring)^ `)`)? attr-dict `:` type($result)";
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
}

def TN_ConjOp : TN_Op<"conj", [
    Pure, SameOperandsAndResultType, DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>]> {
  let summary = "The complex conjugate, elementwise";
  let description = [{
    ```mlir
    %bra = tn.conj %ket : tensor<2x8xcomplex<f64>>
    ```
    On real and integer tensors it is the identity, and folds away.
  }];
  let arguments = (ins TN_Tensor:$input);
  let results = (outs TN_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def TN_SliceOp : TN_Op<"slice", [
    RecursiveMemoryEffects, RecursivelySpeculatable, SingleBlockImplicitTerminator<"::tenon::tn::YieldOp">,
    DeclareOpInterfaceMethods<LoopLikeOpInterface>,
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmBlockArgumentNames"]>]> {
  let summary = "Computes a network slice by slice";
  let description = [{
    Executes its body once for each combination of values of the sliced indices. Each result says, for each sliced index, how the slices are combined:
    `sum` adds them (in the semiring), a number concatenates them along that dimension of the result, which the body's value lacks.

    ```mlir
    %r = tn.slice (%i in 4, %j in 6) -> (tensor<6x5xf32> [sum, 0]) {
      %a0 = tensor.extract_slice %a[%i, 0] [1, 5] [1, 1] : tensor<4x5xf32> to tensor<5xf32>
      …
      tn.yield %x : tensor<5xf32>
    }
    ```

    The order of the iterations is not defined; sums are taken in the result's element type. What does not depend on a slice index is computed
    outside (`loop-invariant-code-motion`).
  }];
  let arguments = (ins DenseI64ArrayAttr:$extents,
                       DenseI64ArrayAttr:$placements,
                       DefaultValuedAttr<TN_SemiringAttr, "::tenon::tn::Semiring::PlusTimes">:$semiring,
                       UnitAttr:$is_unsigned);
  let results = (outs Variadic<TN_Tensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let skipDefaultBuilders = 1;
  let builders = [
    OpBuilder<(ins "::mlir::TypeRange":$results, "::llvm::ArrayRef<int64_t>":$extents, "::llvm::ArrayRef<int64_t>":$placements,
      CArg<"::tenon::tn::Semiring", "::tenon::tn::Semiring::PlusTimes">:$semiring, CArg<"bool", "false">:$isUnsigned)>];
  let extraClassDeclaration = [{
    static constexpr int64_t kSum = -1;
    /// For result `i`, one entry per sliced index: the dimension it is concatenated along, or kSum.
    ::llvm::ArrayRef<int64_t> getPlacement(unsigned i) {
      size_t n = getExtents().size();
      return getPlacements().slice(i * n, n);
    }
    int64_t getNumSlices();
    ::mlir::Block *getBodyBlock() { return &getBody().front(); }
    /// The type that the body yields for result `i`.
    ::mlir::RankedTensorType getYieldType(unsigned i);
  }];
}

def TN_YieldOp : TN_Op<"yield", [Pure, Terminator, HasParent<"SliceOp">]> {
  let summary = "Ends the body of a tn.slice";
  let arguments = (ins Variadic<TN_Tensor>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::ValueRange()); }]>];
}

#endif // TENON_DIALECT_TN_IR_TNOPS
