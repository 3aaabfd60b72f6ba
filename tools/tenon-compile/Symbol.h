//===- Symbol.h - The name of the C function --------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "CompileRequest.h"

namespace tenon::compile {

/// The name of the C function: the one that was asked for, else the function's, else, for `main`,
/// the output file's up to its first dot. Errors: names that C does not allow, and those that mean
/// something else to the header, the runtime or the C library.
llvm::Expected<std::string> chooseSymbol(const CompileRequest &request, llvm::StringRef function);

} // namespace tenon::compile
