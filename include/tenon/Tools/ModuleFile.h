//===- ModuleFile.h - Reading IR for a tool -----------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"

namespace tenon {

/// Reads and verifies MLIR text or bytecode; `-` is standard input. An error begins with the file's
/// name, and the line and column where there is one.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> readModule(llvm::StringRef path,
                                                             mlir::MLIRContext &context);

/// The function that a user means by `name` (see findEntry), at whatever stage it is. Of buffers it must be known which
/// are inputs and which outputs; the error says so.
llvm::Expected<mlir::func::FuncOp> findNetworkEntry(mlir::ModuleOp module, llvm::StringRef name);

} // namespace tenon
