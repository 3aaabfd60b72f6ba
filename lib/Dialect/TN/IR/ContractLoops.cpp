//===- ContractLoops.cpp - A contraction as a loop nest ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Dialect/TN/IR/ContractLoops.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

SmallVector<int64_t> tn::getLoopIndices(ContractOp op) {
  SmallVector<int64_t> loops(op.getResultIndices());
  SmallVector<bool> isOutput(op.getNumIndices(), false);
  for (int64_t index : loops)
    isOutput[index] = true;
  for (auto [index, known] : llvm::enumerate(isOutput))
    if (!known)
      loops.push_back(index);
  return loops;
}

SmallVector<OpFoldResult> tn::getMixedIndexExtents(OpBuilder &builder, ContractOp op) {
  SmallVector<int64_t> known = op.getIndexExtents();
  // The result's type may know an extent that no operand does.
  for (auto [index, extent] : llvm::zip_equal(op.getResultIndices(), op.getResultType().getShape()))
    if (ShapedType::isDynamic(known[index]))
      known[index] = extent;
  SmallVector<OpFoldResult> extents(known.size());
  for (auto [index, extent] : llvm::enumerate(known))
    if (!ShapedType::isDynamic(extent))
      extents[index] = builder.getIndexAttr(extent);
  for (auto [operand, list] : llvm::enumerate(op.getOperandIndexLists()))
    for (auto [dim, index] : llvm::enumerate(list))
      if (!extents[index])
        extents[index] = tensor::getMixedSize(builder, op.getLoc(), op.getInputs()[operand], dim);
  return extents;
}

bool tn::isWhole(OpFoldResult offset, OpFoldResult size, OpFoldResult extent) {
  if (!isConstantIntValue(offset, 0))
    return false;
  if (isEqualConstantIntOrValue(size, extent))
    return true;
  // The extent may have been asked for twice.
  auto dimOf = [](OpFoldResult value) {
    auto dynamic = dyn_cast<Value>(value);
    return dynamic ? dynamic.getDefiningOp<tensor::DimOp>() : tensor::DimOp();
  };
  tensor::DimOp a = dimOf(size), b = dimOf(extent);
  return a && b && a.getSource() == b.getSource() &&
         isEqualConstantIntOrValue(OpFoldResult(a.getIndex()), OpFoldResult(b.getIndex()));
}

SmallVector<Value> tn::sliceOperands(OpBuilder &builder, ContractOp op,
                                     ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
                                     ArrayRef<OpFoldResult> extents,
                                     SmallVectorImpl<Operation *> &slices) {
  SmallVector<int64_t> loopOf(op.getNumIndices());
  for (auto [loop, index] : llvm::enumerate(getLoopIndices(op)))
    loopOf[index] = loop;
  SmallVector<Value> tiles;
  for (auto [input, list] : llvm::zip_equal(op.getInputs(), op.getOperandIndexLists())) {
    SmallVector<OpFoldResult> begin, size, stride(list.size(), builder.getIndexAttr(1));
    bool isAll = true;
    for (int64_t index : list) {
      begin.push_back(offsets[loopOf[index]]);
      size.push_back(sizes[loopOf[index]]);
      isAll &= isWhole(begin.back(), size.back(), extents[index]);
    }
    if (isAll) {
      tiles.push_back(input);
      continue;
    }
    auto slice = tensor::ExtractSliceOp::create(builder, op.getLoc(), input, begin, size, stride);
    slices.push_back(slice);
    tiles.push_back(slice);
  }
  return tiles;
}
