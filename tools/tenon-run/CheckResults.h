//===- CheckResults.h - Compiled code against the interpreter ---*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/HostTensor/HostTensor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/raw_ostream.h"

namespace tenon::run {

/// Compares results of compiled code with those of the interpreter and reports each in a line:
/// integers and booleans bit for bit, floats against the bound of docs/how-to-run.md. Returns
/// whether all agree.
bool checkResults(mlir::func::FuncOp function, llvm::ArrayRef<HostTensor> arguments,
                  llvm::ArrayRef<HostTensor> compiled, llvm::ArrayRef<HostTensor> expected,
                  llvm::raw_ostream &report);

} // namespace tenon::run
