//===- TNAttributes.td - Semirings, index names and facts --*- tablegen -*-===//
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

def TN_FactsAttr : AttrDef<TN_Dialect, "Facts"> {
  let mnemonic = "facts";
  let summary = "What is known of the elements of a tensor";
  let description = [{
    On an argument (`tn.facts`) or a `tn.constant` (`facts`). `docs/spec.md`, "Facts", says what each means. Lists are numbers of dimensions;
    `diagonal` and `isometric` may be given several times.

    ```mlir
    #tn.facts<diagonal>                           // zero unless the positions in all dimensions are equal
    #tn.facts<diagonal([0, 2]), diagonal([1, 3])> // a controlled-phase gate
    #tn.facts<isometric([1])>                     // orthonormal columns
    #tn.facts<isometric([0]), isometric([1])>     // a unitary matrix
    #tn.facts<permutation([0, 1]), sparse(0.25)>
    ```

    A list that is left out is stored as one without entries.
  }];
  let parameters = (ins OptionalArrayRefParameter<"::mlir::DenseI64ArrayAttr">:$diagonals,
                        OptionalArrayRefParameter<"::mlir::DenseI64ArrayAttr">:$isometries,
                        OptionalParameter<"::mlir::DenseI64ArrayAttr">:$permutation,
                        OptionalParameter<"::mlir::FloatAttr">:$density);
  let hasCustomAssemblyFormat = 1;
}

def TN_LayoutAttr : AttrDef<TN_Dialect, "Layout"> {
  let mnemonic = "layout";
  let summary = "The order of a tensor's dimensions in memory";
  let description = [{
    As `tn.layout` on a `tn.contract`: the numbers of the result's dimensions, outermost first. Tensors are row-major, so the order in memory is that of the dimensions;
    `tn-propagate-layouts` gives the result that order.

    ```mlir
    #tn.layout<2, 0, 1> // the last dimension becomes the outermost, the second the innermost
    ```
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$order);
  let assemblyFormat = "`<` $order `>`";
  let genVerifyDecl = 1;
}

#endif // TENON_DIALECT_TN_IR_TNATTRIBUTES
