//===- Lowerings.h - One lowering per tn operation ----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to this lowering. Each function builds the replacement at the rewriter's insertion point
// and returns the value that stands for the result; the caller replaces the operation.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Dialect/TN/IR/TN.h"

namespace tenon::tn {

/// A tensor of `shape` filled with the semiring's zero.
mlir::Value emitZeroTensor(mlir::OpBuilder &builder, mlir::Location loc, llvm::ArrayRef<mlir::OpFoldResult> shape,
                           mlir::Type elementType, Semiring semiring, bool isUnsigned);

/// Adds `value` to `sum` elementwise, into the latter's buffer.
mlir::Value emitTensorAdd(mlir::OpBuilder &builder, mlir::Location loc, Semiring semiring, bool isUnsigned, mlir::Value sum,
                          mlir::Value value);

/// Lowers a contraction. With `init` the sums start from that tensor, which has the result's type; then the
/// accumulation type must be the result's element type.
mlir::Value lowerContract(mlir::OpBuilder &builder, ContractOp op, mlir::Value init = {});
mlir::Value lowerConj(mlir::OpBuilder &builder, ConjOp op);
mlir::Value lowerDelta(mlir::OpBuilder &builder, DeltaOp op);
mlir::Value lowerConstant(mlir::OpBuilder &builder, ConstantOp op);

/// Lowers a tn.slice to loops, moving its body into them. Contractions that it yields as sums are lowered on the
/// way; the other operations of the body are left as they are.
llvm::SmallVector<mlir::Value> lowerSlice(mlir::RewriterBase &rewriter, SliceOp op, int64_t threads);

} // namespace tenon::tn
