//===- RankReducedSlice.cpp - Slices without some dimensions ----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Dialect/TN/IR/RankReducedSlice.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace tenon;

namespace {
/// How a part loses dimensions: the slice drops those before the first that it keeps and that has,
/// or may come to have, the extent 1. The others are collapsed into the kept dimension behind them,
/// which bufferization does without a copy whatever the strides are, or before them, where there is
/// none behind.
struct Reduction {
  RankedTensorType sliced; ///< what the slice leaves
  RankedTensorType reduced;
  SmallVector<ReassociationIndices> groups; ///< of `sliced`, one for each dimension of `reduced`
  SmallVector<OpFoldResult> slicedSizes;
};
} // namespace

static Reduction getReduction(Type elementType, ArrayRef<OpFoldResult> sizes,
                              const llvm::SmallBitVector &dropped) {
  Reduction reduction;
  SmallVector<int64_t> sliced, reduced;
  ReassociationIndices pending;
  bool isAmbiguous = false;
  for (auto [dim, size] : llvm::enumerate(sizes)) {
    // As upstream's inference: a value is open, even that of a constant.
    int64_t extent = isa<Attribute>(size) ? *getConstantIntValue(size) : ShapedType::kDynamic;
    if (dropped.test(dim) && !isAmbiguous)
      continue;
    pending.push_back(sliced.size());
    sliced.push_back(extent);
    reduction.slicedSizes.push_back(size);
    if (dropped.test(dim))
      continue;
    isAmbiguous |= extent == 1 || ShapedType::isDynamic(extent);
    reduced.push_back(extent);
    reduction.groups.push_back(std::exchange(pending, {}));
  }
  if (!pending.empty())
    llvm::append_range(reduction.groups.back(), pending);
  reduction.sliced = RankedTensorType::get(sliced, elementType);
  reduction.reduced = RankedTensorType::get(reduced, elementType);
  return reduction;
}

Value tn::extractRankReduced(OpBuilder &builder, Location loc, Value source,
                             ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
                             ArrayRef<OpFoldResult> strides, const llvm::SmallBitVector &dropped) {
  Reduction reduction =
      getReduction(cast<RankedTensorType>(source.getType()).getElementType(), sizes, dropped);
  Value part = tensor::ExtractSliceOp::create(builder, loc, reduction.sliced, source, offsets,
                                              sizes, strides);
  if (reduction.sliced == reduction.reduced)
    return part;
  return tensor::CollapseShapeOp::create(builder, loc, reduction.reduced, part, reduction.groups);
}

Value tn::insertRankReduced(OpBuilder &builder, Location loc, Value part, Value destination,
                            ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
                            ArrayRef<OpFoldResult> strides, const llvm::SmallBitVector &dropped) {
  Reduction reduction =
      getReduction(cast<RankedTensorType>(part.getType()).getElementType(), sizes, dropped);
  if (reduction.sliced != reduction.reduced)
    part = tensor::ExpandShapeOp::create(builder, loc, reduction.sliced, part, reduction.groups,
                                         reduction.slicedSizes);
  return tensor::InsertSliceOp::create(builder, loc, part, destination, offsets, sizes, strides);
}
