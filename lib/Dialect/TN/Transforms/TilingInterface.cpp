//===- TilingInterface.cpp - Upstream tiling of contractions ----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Dialect/TN/Transforms/TilingInterface.h"
#include "tenon/Dialect/TN/IR/ContractLoops.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Interfaces/TilingInterface.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

/// The type of a tile of those sizes.
static RankedTensorType getTileType(ArrayRef<OpFoldResult> sizes, Type elementType) {
  SmallVector<int64_t> shape;
  for (OpFoldResult size : sizes)
    shape.push_back(getConstantIntValue(size).value_or(ShapedType::kDynamic));
  return RankedTensorType::get(shape, elementType);
}

static void appendAll(OpBuilder &builder, ArrayRef<OpFoldResult> extents,
                      SmallVectorImpl<OpFoldResult> &offsets,
                      SmallVectorImpl<OpFoldResult> &sizes) {
  offsets.append(extents.size(), builder.getIndexAttr(0));
  llvm::append_range(sizes, extents);
}

namespace {

/// What both models share: the first loops are the result's dimensions.
template <typename Model, typename Op>
struct TilingModel : TilingInterface::ExternalModel<Model, Op> {
  SmallVector<Range> getIterationDomain(Operation *op, OpBuilder &builder) const {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(op);
    SmallVector<Range> domain;
    for (OpFoldResult extent : Model::getLoopExtents(cast<Op>(op), builder))
      domain.push_back({builder.getIndexAttr(0), extent, builder.getIndexAttr(1)});
    return domain;
  }

  LogicalResult getResultTilePosition(Operation *op, OpBuilder &, unsigned,
                                      ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
                                      SmallVector<OpFoldResult> &resultOffsets,
                                      SmallVector<OpFoldResult> &resultSizes) const {
    int64_t rank = cast<RankedTensorType>(op->getResult(0).getType()).getRank();
    resultOffsets.assign(offsets.begin(), offsets.begin() + rank);
    resultSizes.assign(sizes.begin(), sizes.begin() + rank);
    return success();
  }

  LogicalResult
  getIterationDomainTileFromResultTile(Operation *op, OpBuilder &builder, unsigned,
                                       ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
                                       SmallVectorImpl<OpFoldResult> &loopOffsets,
                                       SmallVectorImpl<OpFoldResult> &loopSizes) const {
    loopOffsets.assign(offsets.begin(), offsets.end());
    loopSizes.assign(sizes.begin(), sizes.end());
    SmallVector<OpFoldResult> extents = Model::getLoopExtents(cast<Op>(op), builder);
    appendAll(builder, ArrayRef(extents).drop_front(offsets.size()), loopOffsets, loopSizes);
    return success();
  }

  bool isOpFusableWithConsumerSlice(Operation *, unsigned, ArrayRef<OpFoldResult>,
                                    ArrayRef<OpFoldResult>) const {
    return true;
  }

  FailureOr<TilingResult> generateResultTileValue(Operation *op, OpBuilder &builder,
                                                  unsigned resultNumber,
                                                  ArrayRef<OpFoldResult> offsets,
                                                  ArrayRef<OpFoldResult> sizes) const {
    SmallVector<OpFoldResult> loopOffsets, loopSizes;
    if (failed(getIterationDomainTileFromResultTile(op, builder, resultNumber, offsets, sizes,
                                                    loopOffsets, loopSizes)))
      return failure();
    return Model::makeTile(cast<Op>(op), builder, loopOffsets, loopSizes);
  }

  FailureOr<TilingResult> getTiledImplementation(Operation *op, OpBuilder &builder,
                                                 ArrayRef<OpFoldResult> offsets,
                                                 ArrayRef<OpFoldResult> sizes) const {
    FailureOr<TilingResult> tile = Model::makeTile(cast<Op>(op), builder, offsets, sizes);
    if (failed(tile))
      return failure();
    // Where no loop is tiled, the tile replaces the result, and may know extents that its type does
    // not.
    Type wanted = op->getResult(0).getType();
    Value &value = tile->tiledValues.front();
    bool isTiled =
        llvm::any_of(offsets, [](OpFoldResult offset) { return !isConstantIntValue(offset, 0); });
    if (!isTiled && tensor::CastOp::areCastCompatible(value.getType(), wanted) &&
        value.getType() != wanted)
      value = tensor::CastOp::create(builder, op->getLoc(), wanted, value);
    return tile;
  }

  FailureOr<TilingResult>
  getTiledImplementationFromOperandTiles(Operation *op, OpBuilder &builder,
                                         ArrayRef<unsigned> operands,
                                         ArrayRef<SmallVector<OpFoldResult>> offsets,
                                         ArrayRef<SmallVector<OpFoldResult>> sizes) const {
    SmallVector<OpFoldResult> loopOffsets, loopSizes;
    if (failed(static_cast<const Model *>(this)->getIterationDomainTileFromOperandTiles(
            op, builder, operands, offsets, sizes, loopOffsets, loopSizes)))
      return failure();
    return Model::makeTile(cast<Op>(op), builder, loopOffsets, loopSizes);
  }
};

struct ContractTiling : TilingModel<ContractTiling, ContractOp> {
  static SmallVector<OpFoldResult> getLoopExtents(ContractOp op, OpBuilder &builder) {
    SmallVector<OpFoldResult> extents = getMixedIndexExtents(builder, op), ordered;
    for (int64_t index : getLoopIndices(op))
      ordered.push_back(extents[index]);
    return ordered;
  }

  SmallVector<utils::IteratorType> getLoopIteratorTypes(Operation *op) const {
    auto contract = cast<ContractOp>(op);
    SmallVector<utils::IteratorType> types(contract.getNumIndices(),
                                           utils::IteratorType::reduction);
    std::fill_n(types.begin(), contract.getResultIndices().size(), utils::IteratorType::parallel);
    return types;
  }

  static FailureOr<TilingResult> makeTile(ContractOp op, OpBuilder &builder,
                                          ArrayRef<OpFoldResult> offsets,
                                          ArrayRef<OpFoldResult> sizes) {
    SmallVector<OpFoldResult> extents = getMixedIndexExtents(builder, op);
    size_t rank = op.getResultIndices().size();
    for (auto [loop, index] : llvm::enumerate(getLoopIndices(op)))
      if (loop >= rank && !isWhole(offsets[loop], sizes[loop], extents[index]))
        return op.emitOpError() << "loop " << loop << " sums over index '" << op.getIndexName(index)
                                << "': its tiles need an accumulator; tile it as a partial "
                                   "reduction (transform.structured.tile_reduction_using_for)";
    TilingResult result;
    SmallVector<Value> tiles =
        sliceOperands(builder, op, offsets, sizes, extents, result.generatedSlices);
    RankedTensorType type =
        getTileType(sizes.take_front(rank), op.getResultType().getElementType());
    Operation *tile = clone(builder, op.getOperation(), TypeRange(type), tiles);
    result.tiledOps.push_back(tile);
    result.tiledValues.push_back(tile->getResult(0));
    return result;
  }

  LogicalResult getIterationDomainTileFromOperandTiles(
      Operation *op, OpBuilder &builder, ArrayRef<unsigned> operands,
      ArrayRef<SmallVector<OpFoldResult>> offsets, ArrayRef<SmallVector<OpFoldResult>> sizes,
      SmallVectorImpl<OpFoldResult> &loopOffsets, SmallVectorImpl<OpFoldResult> &loopSizes) const {
    auto contract = cast<ContractOp>(op);
    SmallVector<OpFoldResult> extents = getMixedIndexExtents(builder, contract);
    SmallVector<std::pair<OpFoldResult, OpFoldResult>> tileOf(extents.size());
    SmallVector<bool> isCut(extents.size(), false);
    for (auto [operand, begin, size] : llvm::zip_equal(operands, offsets, sizes))
      for (auto [index, from, count] :
           llvm::zip_equal(contract.getOperandIndices(operand), begin, size)) {
        auto &[knownFrom, knownCount] = tileOf[index];
        // A diagonal, or operands that share an index, whose tiles do not lie over one another.
        if (knownFrom && (!isEqualConstantIntOrValue(knownFrom, from) ||
                          !isEqualConstantIntOrValue(knownCount, count)))
          return failure();
        knownFrom = from;
        knownCount = count;
        isCut[index] = !isWhole(from, count, extents[index]);
      }
    // The tiles cover the iteration space if those of one operand do. Tiles of two operands that
    // cut different indices meet pairwise only, like the diagonal blocks of a product of rows.
    bool isCovered = llvm::any_of(operands, [&](unsigned operand) {
      return llvm::all_of(llvm::seq<int64_t>(0, isCut.size()), [&](int64_t index) {
        return !isCut[index] || llvm::is_contained(contract.getOperandIndices(operand), index);
      });
    });
    if (!isCovered)
      return failure();
    size_t rank = contract.getResultIndices().size();
    loopOffsets.clear();
    loopSizes.clear();
    for (auto [loop, index] : llvm::enumerate(getLoopIndices(contract))) {
      if (loop >= rank && isCut[index])
        return failure();
      loopOffsets.push_back(isCut[index] ? tileOf[index].first : builder.getIndexAttr(0));
      loopSizes.push_back(isCut[index] ? tileOf[index].second : extents[index]);
    }
    return success();
  }
};

struct ConjTiling : TilingModel<ConjTiling, ConjOp> {
  static SmallVector<OpFoldResult> getLoopExtents(ConjOp op, OpBuilder &builder) {
    return tensor::getMixedSizes(builder, op.getLoc(), op.getInput());
  }

  SmallVector<utils::IteratorType> getLoopIteratorTypes(Operation *op) const {
    return SmallVector<utils::IteratorType>(
        cast<RankedTensorType>(op->getResult(0).getType()).getRank(),
        utils::IteratorType::parallel);
  }

  static FailureOr<TilingResult> makeTile(ConjOp op, OpBuilder &builder,
                                          ArrayRef<OpFoldResult> offsets,
                                          ArrayRef<OpFoldResult> sizes) {
    SmallVector<OpFoldResult> strides(offsets.size(), builder.getIndexAttr(1));
    auto slice = tensor::ExtractSliceOp::create(builder, op.getLoc(), op.getInput(), offsets, sizes,
                                                strides);
    Operation *tile = clone(builder, op.getOperation(), slice.getType(), slice.getResult());
    return TilingResult{{tile}, {tile->getResult(0)}, {slice}};
  }

  LogicalResult getIterationDomainTileFromOperandTiles(
      Operation *, OpBuilder &, ArrayRef<unsigned>, ArrayRef<SmallVector<OpFoldResult>> offsets,
      ArrayRef<SmallVector<OpFoldResult>> sizes, SmallVectorImpl<OpFoldResult> &loopOffsets,
      SmallVectorImpl<OpFoldResult> &loopSizes) const {
    loopOffsets.assign(offsets.front().begin(), offsets.front().end());
    loopSizes.assign(sizes.front().begin(), sizes.front().end());
    return success();
  }
};

} // namespace

void tn::registerTilingModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, TNDialect *) {
    ContractOp::attachInterface<ContractTiling>(*context);
    ConjOp::attachInterface<ConjTiling>(*context);
  });
}
