//===- CallShape.h - The shape of a contraction of buffers --------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Codegen/CPU/ContractionShape.h"

#include "mlir/IR/BuiltinTypes.h"

namespace tenon::cpu {

/// Strides to plan with: a caller's buffer is taken to be row-major, its most likely layout.
llvm::SmallVector<int64_t> getPlanningStrides(mlir::MemRefType type);

/// One operand: its type, of static extents, and the index that each dimension has.
struct IndexedBuffer {
  mlir::MemRefType type;
  llvm::ArrayRef<int64_t> indices;
};

/// The shape of a contraction of A, B and C over indices 0, 1, …, `count` - 1, outermost first in each group, with planning
/// strides. The dimensions keep the numbers of their indices.
ContractionShape getShapeOfBuffers(const std::array<IndexedBuffer, 3> &operands, int64_t count);

} // namespace tenon::cpu
