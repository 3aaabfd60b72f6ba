//===- Interfaces.h - Models that know how tn is lowered ----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Implementations of upstream interfaces that emit what `tn` operations lower to; the dialect itself
// knows no linalg.
//
//===----------------------------------------------------------------------===//
#pragma once

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace tenon::tn {

/// Attaches `PartialReductionOpInterface` to `tn.contract`. The accumulators have the accumulation
/// type and the extents of the result, followed by one dimension for each split loop; they start at
/// the semiring's zero, and a contraction of one operand merges them and rounds once.
void registerPartialReductionModel(mlir::DialectRegistry &registry);

} // namespace tenon::tn
