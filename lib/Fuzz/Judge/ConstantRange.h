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

/// Looks, after a first tn-simplify, for constants that are infinite though it may make none: one
/// that is was multiplied ahead out of range. False where there is one, which has been reported.
bool checkConstantRange(Case &current, const Genome &genome, const PassStep &step,
                        mlir::ModuleOp module);

} // namespace tenon::fuzz
