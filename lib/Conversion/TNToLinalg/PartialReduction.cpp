//===- PartialReduction.cpp - Upstream tiling of summed indices -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Lowerings.h"
#include "tenon/Conversion/Interfaces.h"
#include "tenon/Dialect/TN/IR/ContractLoops.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Interfaces/TilingInterface.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

namespace {

/// Where a tile's sums lie in the accumulators: the result's dimensions, then one for each split
/// loop.
struct Place {
  SmallVector<OpFoldResult> offsets, sizes, strides;
};

struct ContractPartialReduction
    : PartialReductionOpInterface::ExternalModel<ContractPartialReduction, ContractOp> {
  FailureOr<SmallVector<Value>>
  generateInitialTensorForPartialReduction(Operation *op, OpBuilder &builder, Location loc,
                                           ArrayRef<OpFoldResult> sizes,
                                           const SetVector<unsigned> &splitLoops) const {
    auto contract = cast<ContractOp>(op);
    SmallVector<OpFoldResult> shape(sizes.take_front(contract.getResultIndices().size()));
    for (unsigned loop : splitLoops)
      shape.push_back(sizes[loop]);
    return SmallVector<Value>{emitZeroTensor(builder, loc, shape, contract.getAccumulationType(), contract.getSemiring(),
                                             contract.getIsUnsigned())};
  }

  FailureOr<TilingResult> tileToPartialReduction(Operation *op, OpBuilder &builder, Location loc,
                                                 ReductionTilingStrategy strategy, ValueRange init,
                                                 ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
                                                 const SetVector<unsigned> &splitLoops,
                                                 ArrayRef<OpFoldResult> splitCounters) const {
    auto contract = cast<ContractOp>(op);
    SmallVector<OpFoldResult> extents = getMixedIndexExtents(builder, contract);
    SmallVector<int64_t> loops = getLoopIndices(contract);
    for (size_t loop = contract.getResultIndices().size(); loop < loops.size(); ++loop)
      if (!splitLoops.contains(loop) && !isWhole(offsets[loop], sizes[loop], extents[loops[loop]]))
        return op->emitOpError() << "loop " << loop << " sums over index '" << contract.getIndexName(loops[loop])
                                 << "' and is tiled, but is not among the reduction dimensions to split";
    TilingResult result;
    SmallVector<Value> tiles = sliceOperands(builder, contract, offsets, sizes, extents, result.generatedSlices);

    // With the loop outside, positions within a tile keep sums of their own; with the loop parallel, each
    // tile is summed up.
    SmallVector<int64_t> resultIndices(contract.getResultIndices());
    if (strategy == ReductionTilingStrategy::PartialReductionOuterReduction)
      for (unsigned loop : splitLoops)
        resultIndices.push_back(loops[loop]);
    SmallVector<SmallVector<int64_t>> lists;
    for (ArrayRef<int64_t> list : contract.getOperandIndexLists())
      lists.emplace_back(list);
    auto part = ContractOp::create(builder, op->getLoc(), tiles, lists, resultIndices, contract.getAccumulationType(),
                                   contract.getSemiring(), /*accumulate=*/Type(), contract.getIsUnsigned());

    Place place = getPlace(contract, builder, strategy, offsets, sizes, splitLoops, splitCounters);
    SmallVector<int64_t> shape;
    for (OpFoldResult size : ArrayRef(place.sizes).take_front(resultIndices.size()))
      shape.push_back(getConstantIntValue(size).value_or(ShapedType::kDynamic));
    auto type = RankedTensorType::get(shape, contract.getAccumulationType());
    // The sizes may know an extent that no operand does.
    part.getResult().setType(type);
    auto sums =
        tensor::ExtractSliceOp::create(builder, loc, type, init.front(), place.offsets, place.sizes, place.strides);
    result.generatedSlices.push_back(sums);
    Value sum = emitAddInto(builder, loc, contract.getSemiring(), contract.getIsUnsigned(), sums, part.getResult());
    result.tiledOps.push_back(part);
    result.tiledValues.push_back(sum);
    return result;
  }

  FailureOr<MergeResult> mergeReductions(Operation *op, OpBuilder &builder, Location loc, ValueRange partial,
                                         const SetVector<unsigned> &splitLoops) const {
    auto contract = cast<ContractOp>(op);
    SmallVector<int64_t> loops = getLoopIndices(contract);
    SmallVector<int64_t> list(contract.getResultIndices());
    for (unsigned loop : splitLoops)
      list.push_back(loops[loop]);
    // The indices are numbered anew; each keeps its name.
    SmallVector<StringAttr> names;
    for (int64_t index : list)
      names.push_back(builder.getStringAttr(contract.getIndexName(index)));
    loc = withIndexNames(op->getLoc(), IndexNamesAttr::get(builder.getContext(), names));
    RankedTensorType type = contract.getResultType();
    auto merge = ContractOp::create(builder, loc, partial, SmallVector<SmallVector<int64_t>>{list},
                                    contract.getResultIndices(), type.getElementType(), contract.getSemiring(),
                                    contract.getAccumulate().value_or(Type()), contract.getIsUnsigned());
    Value result = merge.getResult();
    if (result.getType() != type)
      result = tensor::CastOp::create(builder, loc, type, result);
    return MergeResult{{merge}, {result}};
  }

  LogicalResult getPartialResultTilePosition(Operation *op, OpBuilder &builder, unsigned, ReductionTilingStrategy strategy,
                                             ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
                                             const SetVector<unsigned> &splitLoops,
                                             ArrayRef<OpFoldResult> splitCounters,
                                             SmallVector<OpFoldResult> &resultOffsets,
                                             SmallVector<OpFoldResult> &resultSizes) const {
    Place place = getPlace(cast<ContractOp>(op), builder, strategy, offsets, sizes, splitLoops, splitCounters);
    resultOffsets = std::move(place.offsets);
    resultSizes = std::move(place.sizes);
    return success();
  }

private:
  static Place getPlace(ContractOp op, OpBuilder &builder, ReductionTilingStrategy strategy,
                        ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
                        const SetVector<unsigned> &splitLoops, ArrayRef<OpFoldResult> splitCounters) {
    size_t rank = op.getResultIndices().size();
    Place place{SmallVector<OpFoldResult>(offsets.take_front(rank)), SmallVector<OpFoldResult>(sizes.take_front(rank)),
                SmallVector<OpFoldResult>(rank + splitLoops.size(), builder.getIndexAttr(1))};
    for (auto [number, loop] : llvm::enumerate(splitLoops)) {
      bool isParallel = strategy == ReductionTilingStrategy::PartialReductionOuterParallel;
      place.offsets.push_back(isParallel ? splitCounters[number] : builder.getIndexAttr(0));
      place.sizes.push_back(isParallel ? builder.getIndexAttr(1) : sizes[loop]);
    }
    return place;
  }
};

} // namespace

void tn::registerPartialReductionModel(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, TNDialect *, linalg::LinalgDialect *) {
    ContractOp::attachInterface<ContractPartialReduction>(*context);
  });
}
