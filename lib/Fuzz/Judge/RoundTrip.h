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
  bool isGeneric = false; ///< "dialect.op"(…)
  bool hasLocations = false;
};

/// The text of a module that verifies.
std::string printModule(mlir::ModuleOp module, TextForm form = {});

/// Modules that are printed and parsed, and some that are written as bytecode and read: after one
/// stage of a case, or after each where JudgeOptions::draws is set.
class RoundTrips {
public:
  RoundTrips(Case &current, size_t numPasses);

  /// Whether a module is what it was, if its turn has come. Reports under `Oracle::RoundTrip`, for
  /// the pass that left it (empty: none); `stage` passes have run.
  bool check(llvm::StringRef pass, size_t stage, mlir::ModuleOp module);

private:
  Case &current;
  size_t chosen;
};

} // namespace tenon::fuzz
