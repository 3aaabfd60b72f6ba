//===- ContractLoops.h - A contraction as a loop nest -------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The order of a contraction's loops, the same for everyone who walks its iteration space: the
// lowering to linalg and upstream tiling. It is the output's indices in the output's order, then
// the summed ones by number.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Dialect/TN/IR/TN.h"

namespace tenon::tn {

/// The index that each loop runs over; the first `rank of the result` loops are parallel, the
/// others sum.
llvm::SmallVector<int64_t> getLoopIndices(ContractOp op);

/// The extent of each index, by its number: static where a type says it, else a `tensor.dim` of the
/// first operand that has it, built at the builder's insertion point.
llvm::SmallVector<mlir::OpFoldResult> getMixedIndexExtents(mlir::OpBuilder &builder, ContractOp op);

/// The part of each operand that a tile of the loops reads. `slices` collects the operations built;
/// an operand that is read whole is returned as it is. `extents` are those of the indices.
llvm::SmallVector<mlir::Value> sliceOperands(mlir::OpBuilder &builder, ContractOp op,
                                             llvm::ArrayRef<mlir::OpFoldResult> offsets,
                                             llvm::ArrayRef<mlir::OpFoldResult> sizes,
                                             llvm::ArrayRef<mlir::OpFoldResult> extents,
                                             llvm::SmallVectorImpl<mlir::Operation *> &slices);

/// Whether a tile of one dimension is all of it. Equal extents that are computed twice may be taken
/// for different ones.
bool isWhole(mlir::OpFoldResult offset, mlir::OpFoldResult size, mlir::OpFoldResult extent);

} // namespace tenon::tn
