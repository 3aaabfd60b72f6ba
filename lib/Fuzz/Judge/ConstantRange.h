//===- ConstantRange.h - Constants that are multiplied ahead ----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// What tn-simplify promises of ranges (docs/simplify.md, "What is kept") cannot be read off
// results: a plan may multiply the same constants when the program runs. The constants that it
// leaves show it.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Case.h"

namespace tenon::fuzz {

/// Runs tn-simplify on a program whose constants are all finite after it, and looks at them: one
/// that is infinite was multiplied ahead out of range. Does nothing to other programs. False where
/// there is one, which has been reported.
bool checkConstantRange(Case &current, const Genome &genome, mlir::ModuleOp source);

/// Whether a module has a constant that is infinite or NaN.
bool hasInfiniteConstant(mlir::ModuleOp module);

} // namespace tenon::fuzz
