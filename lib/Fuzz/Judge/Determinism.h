//===- Determinism.h - The same passes once more ----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Case.h"

namespace tenon::fuzz {

/// Runs passes on a copy of `source`, of which they have left `left`, and reports under
/// `Oracle::Determinism` where the two print differently, naming the first pass after which a third
/// copy does too.
void checkDeterminism(Case &current, llvm::ArrayRef<PassStep> steps, mlir::ModuleOp source,
                      mlir::ModuleOp left);

} // namespace tenon::fuzz
