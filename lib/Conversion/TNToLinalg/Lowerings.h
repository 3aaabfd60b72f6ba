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

#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "llvm/ADT/SmallBitVector.h"

namespace tenon::tn {

//===----------------------------------------------------------------------===//
// Loops, on tensors or on buffers: each writes into `out` and returns the new tensor, or the buffer
//===----------------------------------------------------------------------===//

mlir::Value emitGeneric(mlir::OpBuilder &builder, mlir::Location loc, mlir::ValueRange inputs, mlir::Value out,
                        llvm::ArrayRef<mlir::AffineMap> maps, llvm::ArrayRef<mlir::utils::IteratorType> iterators,
                        llvm::function_ref<void(mlir::OpBuilder &, mlir::Location, mlir::ValueRange)> body,
                        llvm::ArrayRef<mlir::NamedAttribute> attributes = {});

/// Whether a result has no element. Upstream has no slices of such a tensor: their offset 0 is past its end.
inline bool isEmptyResult(SliceOp op, unsigned i) {
  return llvm::is_contained(llvm::cast<mlir::RankedTensorType>(op.getResult(i).getType()).getShape(), 0);
}

/// Fills `out` with the semiring's zero.
mlir::Value emitZeroFill(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value out, Semiring semiring, bool isUnsigned);

/// Whether nothing is summed: then the product is the result, and no zero has to be there before.
inline bool isProductOnly(ContractOp op) { return static_cast<int64_t>(op.getResultIndices().size()) == op.getNumIndices(); }

/// Adds the contraction of `inputs`, which stand for those of `op`, to `out`, whose elements have the accumulation type;
/// with `isProduct` overwrites it.
mlir::Value emitContraction(mlir::OpBuilder &builder, ContractOp op, mlir::ValueRange inputs,
                            llvm::ArrayRef<bool> isConjugated, mlir::Value out, bool isProduct);
/// Adds `value` to `out` elementwise.
mlir::Value emitAddInto(mlir::OpBuilder &builder, mlir::Location loc, Semiring semiring, bool isUnsigned, mlir::Value out,
                        mlir::Value value);
mlir::Value emitRoundTensor(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value input, mlir::Value out);
mlir::Value emitConj(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value input, mlir::Value out);
mlir::Value emitDelta(mlir::OpBuilder &builder, DeltaOp op, mlir::Value out);

/// The extents of a delta.
llvm::SmallVector<mlir::OpFoldResult> getMixedShape(mlir::OpBuilder &builder, DeltaOp op);

/// Where the slice at `counters` lies in result `i`.
struct SlicePlace {
  llvm::SmallVector<mlir::OpFoldResult> offsets, sizes, strides;
  llvm::SmallBitVector dropped; ///< the dimensions of the result that a slice lacks
  bool isWhole = true;   ///< the slice is the whole result
  bool isSummed = false; ///< several slices add up at this place
};
SlicePlace getSlicePlace(mlir::OpBuilder &builder, SliceOp op, unsigned i, mlir::ValueRange counters);

/// The counters of a slice from its number in row-major order.
llvm::SmallVector<mlir::Value> emitSliceCounters(mlir::OpBuilder &builder, SliceOp op, mlir::Value number);

//===----------------------------------------------------------------------===//
// Lowerings on tensors
//===----------------------------------------------------------------------===//

/// A tensor of `shape` filled with the semiring's zero.
mlir::Value emitZeroTensor(mlir::OpBuilder &builder, mlir::Location loc, llvm::ArrayRef<mlir::OpFoldResult> shape,
                           mlir::Type elementType, Semiring semiring, bool isUnsigned);

/// Lowers a contraction. With `init` the sums start from that tensor, which has the result's type; then the
/// accumulation type must be the result's element type.
mlir::Value lowerContract(mlir::OpBuilder &builder, ContractOp op, mlir::Value init = {});
mlir::Value lowerConj(mlir::OpBuilder &builder, ConjOp op);
mlir::Value lowerDelta(mlir::OpBuilder &builder, DeltaOp op);
mlir::Value lowerConstant(mlir::OpBuilder &builder, ConstantOp op);

/// Lowers a tn.slice to loops, moving its body into them. Contractions that it yields as sums are lowered on the
/// way; the other operations of the body are left as they are. There is no loop where there is no slice, or where no
/// index is sliced.
llvm::SmallVector<mlir::Value> lowerSlice(mlir::RewriterBase &rewriter, SliceOp op, int64_t threads);

} // namespace tenon::tn
