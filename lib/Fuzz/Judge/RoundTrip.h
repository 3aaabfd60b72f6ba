//===- RoundTrip.h - Text and bytecode of a program -------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Case.h"

namespace tenon::fuzz {

/// How a program is written.
struct TextForm {
  bool isGeneric = false;   ///< "dialect.op"(…)
  bool hasLocations = false;
};

/// The text of a module that verifies.
std::string printModule(mlir::ModuleOp module, TextForm form = {});

/// Whether a module that is printed and parsed, and some that are written as bytecode and read, are what they were. Reports
/// under `Oracle::RoundTrip`, for the pass that left the module (empty: none), at the number `stage` in the list.
bool checkRoundTrip(Case &current, llvm::StringRef pass, uint64_t stage, mlir::ModuleOp module);

} // namespace tenon::fuzz
