//===- CaseFile.h - A case in any of its forms ------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/ReduceCase.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace tenon::fuzz {

/// What a .genome, a printed genome or an .mlir file holds, told by its name and its first bytes.
/// The error names the file.
llvm::Expected<AnyCase> readCaseFile(llvm::StringRef path);

} // namespace tenon::fuzz
