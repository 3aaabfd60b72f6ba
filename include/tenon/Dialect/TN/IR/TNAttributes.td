//===- TNAttributes.td - Semirings and index names ---------*- tablegen -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#ifndef TENON_DIALECT_TN_IR_TNATTRIBUTES
#define TENON_DIALECT_TN_IR_TNATTRIBUTES

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "tenon/Dialect/TN/IR/TNDialect.td"

def TN_Semiring : I32EnumAttr<"Semiring", "addition and multiplication of a contraction", [
    I32EnumAttrCase<"PlusTimes", 0, "plus_times">,
    I32EnumAttrCase<"MaxPlus", 1, "max_plus">,
    I32EnumAttrCase<"MinPlus", 2, "min_plus">,
    I32EnumAttrCase<"OrAnd", 3, "or_and">,
    I32EnumAttrCase<"MaxTimes", 4, "max_times">
  ]> {
  let cppNamespace = "::tenon::tn";
  let genSpecializedAttr = 0;
}

def TN_SemiringAttr : EnumAttr<TN_Dialect, TN_Semiring, "semiring"> {
  let assemblyFormat = "`<` $value `>`";
}

def TN_IndexNamesAttr : AttrDef<TN_Dialect, "IndexNames"> {
  let mnemonic = "index_names";
  let summary = "The user's names of an operation's indices";
  let description = [{
    Name number `i` belongs to index number `i`. The table lies in the operation's location (as the metadata of a
    fused location), so that names never make two operations differ, yet printing, diagnostics and plans can use
    them.

    ```mlir
    #tn.index_names<"i", "j", "k">
    ```
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::StringAttr">:$names);
  let assemblyFormat = "`<` $names `>`";
}

#endif // TENON_DIALECT_TN_IR_TNATTRIBUTES
