//===- CheckFacts.h - Whether facts are true ----------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Arguments.h"

namespace tenon::run {

/// Checks the facts of the function's arguments against `arguments`, and those of its constants
/// against their elements. The error names the first argument or constant with a fact that does not
/// hold.
llvm::Error checkFacts(mlir::func::FuncOp function, const Signature &signature,
                       llvm::ArrayRef<HostTensor> arguments);

} // namespace tenon::run
