//===- ShownCase.h - Cases for people ---------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "CaseFile.h"

#include "llvm/Support/raw_ostream.h"

#include <string>

namespace tenon::fuzz {

/// As text that readCaseFile reads again.
void printCase(const AnyCase &file, llvm::raw_ostream &os);
/// The module that the case begins with, or where `before` names one of its passes, the module that
/// this pass is given first.
llvm::Error printIr(const AnyCase &file, llvm::raw_ostream &os, llvm::StringRef before = {});
/// The passes as a command line of tenon-opt has them.
std::string printPasses(const AnyCase &file);

} // namespace tenon::fuzz
