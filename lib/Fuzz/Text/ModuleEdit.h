//===- ModuleEdit.h - Finding and making values to mutate with ----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Mutate.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

namespace tenon::fuzz {

/// One of them; null or empty where there are none.
template <typename Range> auto pick(Range &&all, Random &random) {
  using Element = std::decay_t<decltype(*all.begin())>;
  return all.empty() ? Element() : *(all.begin() + random.below(all.size()));
}

/// All operations that are neither symbols nor terminators: what can be erased, copied or moved.
llvm::SmallVector<mlir::Operation *> plainOperations(mlir::ModuleOp module);
/// All operations but the module.
llvm::SmallVector<mlir::Operation *> allOperations(mlir::ModuleOp module);
llvm::SmallVector<mlir::func::FuncOp> functionsWithBodies(mlir::ModuleOp module);

/// The values of type `type` that are there before `op`, from the nearest outwards, up to the
/// region that sees no further.
llvm::SmallVector<mlir::Value> valuesBefore(mlir::Operation *op, mlir::Type type);

/// A small number, or a tensor of such: null where the type has no constants of `arith`.
mlir::TypedAttr makeConstantAttr(mlir::Type type, Random &random);

/// A value of `type` for an operand of `op`: one that is there, but `not` this one, or a constant
/// in front of it. Null where there is none.
mlir::Value findOrMakeValue(mlir::Operation *op, mlir::Type type, Random &random,
                            mlir::Value except = {});

/// Gives one operand of `type` behind `value`'s definition to `value`, so that it is not dead.
/// False where there is no such operand.
bool useSomewhere(mlir::Value value, Random &random);

/// Makes `op` anew with another name and other attributes, which take the place of its own. As from
/// text, what has a default and is not among them gets it; setting and removing attributes in place
/// would leave some that no text has.
void rebuild(mlir::Operation *op, llvm::StringRef name,
             llvm::ArrayRef<mlir::NamedAttribute> attributes);

} // namespace tenon::fuzz
