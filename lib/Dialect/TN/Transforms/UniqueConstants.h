//===- UniqueConstants.h - Equal constants are one ----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Dialect/TN/IR/TN.h"

namespace tenon::tn::simplify {

/// Gives resource constants below `root` that have the same type and bytes the same attribute.
/// Returns how many were changed. Time: linear in the bytes.
int64_t uniqueResources(mlir::Operation *root, mlir::RewriterBase &rewriter);

} // namespace tenon::tn::simplify
