//===- TextMutators.h - The mutators of the second mode -----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// As TextMutator asks: they leave a module that can be verified, not one that does verify.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ModuleEdit.h"

namespace tenon::fuzz {

// Operations (MutateOperations.cpp).
bool eraseOperation(mlir::ModuleOp module, mlir::ModuleOp donor, Random &random);
bool duplicateOperation(mlir::ModuleOp module, mlir::ModuleOp donor, Random &random);
bool swapOperands(mlir::ModuleOp module, mlir::ModuleOp donor, Random &random);
bool replaceOperand(mlir::ModuleOp module, mlir::ModuleOp donor, Random &random);
bool moveOperation(mlir::ModuleOp module, mlir::ModuleOp donor, Random &random);
bool exchangeOperation(mlir::ModuleOp module, mlir::ModuleOp donor, Random &random);
bool wrapInCondition(mlir::ModuleOp module, mlir::ModuleOp donor, Random &random);

// Attributes (MutateAttributes.cpp).
bool changeAttribute(mlir::ModuleOp module, mlir::ModuleOp donor, Random &random);
bool dropAttribute(mlir::ModuleOp module, mlir::ModuleOp donor, Random &random);
bool addAttribute(mlir::ModuleOp module, mlir::ModuleOp donor, Random &random);

// Types, throughout a function (MutateTypes.cpp).
bool changeExtent(mlir::ModuleOp module, mlir::ModuleOp donor, Random &random);
bool changeElementType(mlir::ModuleOp module, mlir::ModuleOp donor, Random &random);

// Functions and parts of other modules (SpliceModules.cpp).
bool spliceOperation(mlir::ModuleOp module, mlir::ModuleOp donor, Random &random);
bool spliceFunction(mlir::ModuleOp module, mlir::ModuleOp donor, Random &random);
bool callFunction(mlir::ModuleOp module, mlir::ModuleOp donor, Random &random);
bool inlineCalls(mlir::ModuleOp module, mlir::ModuleOp donor, Random &random);
bool returnMore(mlir::ModuleOp module, mlir::ModuleOp donor, Random &random);

} // namespace tenon::fuzz
