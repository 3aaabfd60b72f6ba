//===- AppliedPatterns.h - Which patterns change IR ---------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// MLIR's actions say which pattern is tried, not whether it did anything. All drivers go through
// PatternApplicator::matchAndRewrite, though, and may ask it to be told of successes: the linker
// puts a function in between (--wrap, CMakeLists.txt) that asks as well.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/IR/PatternMatch.h"

namespace tenon::fuzz {

/// Has `note` called for each pattern that succeeds from now on, in any context, on its thread.
void noteAppliedPatterns(void (*note)(const mlir::Pattern &pattern));

} // namespace tenon::fuzz
