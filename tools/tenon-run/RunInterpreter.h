//===- RunInterpreter.h - The reference interpreter, for a tool -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/HostTensor/HostTensor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/Error.h"

namespace tenon::run {

/// Runs the interpreter within its usual limits. An error is a text that begins with file, line and
/// column where they are known; the interpreter's own error cannot outlive the context of the IR.
llvm::Expected<std::vector<HostTensor>> runInterpreter(mlir::func::FuncOp function,
                                                       llvm::ArrayRef<HostTensor> arguments);

} // namespace tenon::run
