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

/// Attaches `BufferizableOpInterface` to the operations of tn on tensors: one-shot bufferization turns
/// each into the loops that `convert-tn-to-linalg` makes of it, on buffers. Every result is an
/// allocation of its own (a constant: a global); `tn.slice` runs in sequence.
void registerBufferizationModels(mlir::DialectRegistry &registry);

} // namespace tenon::tn
