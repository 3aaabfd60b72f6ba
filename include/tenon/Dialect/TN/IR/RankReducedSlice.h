//===- RankReducedSlice.h - Slices without some dimensions --------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// `tensor.extract_slice` and `insert_slice` do not say which dimensions of size 1 they drop: their
// types must tell. Upstream derives the types anew when sizes or offsets become constants, and then
// drops the first dimensions of size 1. So of 1x5x4 the part 1x5x1 may become 5x1 where 1x5 was
// meant, which does not verify. The slices here drop what any reader finds, now and when open
// extents have become 1, and reshape the rest.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/IR/Builders.h"
#include "llvm/ADT/SmallBitVector.h"

namespace tenon::tn {

/// The part of `source` at `offsets`, without the dimensions in `dropped`, whose sizes are the
/// attribute 1. `offsets`, `sizes` and `strides` have an entry for each dimension of `source`.
mlir::Value extractRankReduced(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value source,
                               llvm::ArrayRef<mlir::OpFoldResult> offsets,
                               llvm::ArrayRef<mlir::OpFoldResult> sizes,
                               llvm::ArrayRef<mlir::OpFoldResult> strides,
                               const llvm::SmallBitVector &dropped);

/// `destination` with `part` in the place of what `extractRankReduced` takes.
mlir::Value insertRankReduced(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value part,
                              mlir::Value destination, llvm::ArrayRef<mlir::OpFoldResult> offsets,
                              llvm::ArrayRef<mlir::OpFoldResult> sizes,
                              llvm::ArrayRef<mlir::OpFoldResult> strides,
                              const llvm::SmallBitVector &dropped);

} // namespace tenon::tn
