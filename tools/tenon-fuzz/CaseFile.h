//===- CaseFile.h - A case in any of its forms ------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Genome.h"
#include "tenon/Fuzz/TextCase.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <variant>

namespace tenon::fuzz {

using CaseFile = std::variant<Genome, TextCase>;

/// What a .genome, a printed genome or an .mlir file holds, told by its name and its first bytes.
/// The error names the file.
llvm::Expected<CaseFile> readCaseFile(llvm::StringRef path);

} // namespace tenon::fuzz
