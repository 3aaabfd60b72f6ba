//===- TNDialect.td - The tensor-network dialect -----------*- tablegen -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#ifndef TENON_DIALECT_TN_IR_TNDIALECT
#define TENON_DIALECT_TN_IR_TNDIALECT

include "mlir/IR/OpBase.td"

def TN_Dialect : Dialect {
  let name = "tn";
  let cppNamespace = "::tenon::tn";
  let summary = "Tensor networks and their contractions";
  let description = [{
    A tensor network is a set of tensors and a set of named indices; contracting it sums the product of
    all tensors over every index that is not open. `docs/spec.md` states the meaning of each operation and
    its constraints by number; verifier messages carry the same numbers.

    Every operation on tensors is pure. Elementwise arithmetic, views and control flow are the upstream
    `arith`, `math`, `tensor`, `linalg` and `scf`.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
  let hasConstantMaterializer = 1;
  let dependentDialects = ["::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
  let extraClassDeclaration = [{
    /// Argument and result attribute: the integers of this tensor are unsigned, for those who hand over arrays.
    static constexpr ::llvm::StringLiteral getUnsignedAttrName() { return "tn.unsigned"; }
    /// Argument attribute: extents to plan with where the type says `?` (an array of i64, one for each dimension).
    static constexpr ::llvm::StringLiteral getHintAttrName() { return "tn.hint"; }
    /// Argument and result attribute: the user's name of a tensor (a string).
    static constexpr ::llvm::StringLiteral getNameAttrName() { return "tn.name"; }
    /// Argument attribute: what is known of the elements (#tn.facts).
    static constexpr ::llvm::StringLiteral getFactsAttrName() { return "tn.facts"; }
    /// Attribute of a tn.contract: the order of its result's dimensions in memory (#tn.layout).
    static constexpr ::llvm::StringLiteral getLayoutAttrName() { return "tn.layout"; }
    void registerAttributes();
  }];
}

#endif // TENON_DIALECT_TN_IR_TNDIALECT
