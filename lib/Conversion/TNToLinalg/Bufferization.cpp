//===- Bufferization.cpp - tn operations on buffers -------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// One-shot bufferization of IR in which tn operations are left: each becomes the loops that
// convert-tn-to-linalg makes of it, on buffers. Operations of tn have no destination, so every
// result is an allocation of its own; lowering to linalg first gives better buffers.
//
//===----------------------------------------------------------------------===//
#include "Lowerings.h"
#include "tenon/Conversion/Interfaces.h"
#include "tenon/Dialect/TN/IR/ContractLoops.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/BufferUtils.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/DialectRegistry.h"

using namespace mlir;
using namespace mlir::bufferization;
using namespace tenon;
using namespace tenon::tn;

/// The buffer of a value that an operation of tn makes: contiguous, in the default memory space.
static FailureOr<MemRefType> getFreshBufferType(Operation *op, RankedTensorType type, const BufferizationOptions &options) {
  std::optional<Attribute> memorySpace = options.defaultMemorySpaceFn(type);
  if (!memorySpace)
    return op->emitOpError("cannot be bufferized: there is no default memory space");
  return cast<MemRefType>(getMemRefTypeWithStaticIdentityLayout(type, *memorySpace));
}

/// Allocates a buffer for a tensor of `type`, whose dynamic extents are among `shape`.
static FailureOr<Value> allocate(OpBuilder &builder, Operation *op, RankedTensorType type, ArrayRef<OpFoldResult> shape,
                                 const BufferizationOptions &options) {
  FailureOr<MemRefType> bufferType = getFreshBufferType(op, type, options);
  if (failed(bufferType))
    return failure();
  SmallVector<Value> extents;
  for (auto [known, extent] : llvm::zip_equal(type.getShape(), shape))
    if (ShapedType::isDynamic(known))
      extents.push_back(getValueOrCreateConstantIndexOp(builder, op->getLoc(), extent));
  return options.createAlloc(builder, op->getLoc(), *bufferType, extents);
}

namespace {

/// What the models share: operands are read, and results are buffers of their own.
template <typename Model, typename Op>
struct FreshBufferModel : BufferizableOpInterface::ExternalModel<Model, Op> {
  bool bufferizesToAllocation(Operation *, Value) const { return true; }
  bool bufferizesToMemoryRead(Operation *, OpOperand &, const AnalysisState &) const { return true; }
  bool bufferizesToMemoryWrite(Operation *, OpOperand &, const AnalysisState &) const { return false; }
  AliasingValueList getAliasingValues(Operation *, OpOperand &, const AnalysisState &) const { return {}; }

  FailureOr<BufferLikeType> getBufferType(Operation *op, Value value, const BufferizationOptions &options,
                                          const BufferizationState &, SmallVector<Value> &) const {
    FailureOr<MemRefType> type = getFreshBufferType(op, cast<RankedTensorType>(value.getType()), options);
    if (failed(type))
      return failure();
    return cast<BufferLikeType>(*type);
  }
};

struct ContractModel : FreshBufferModel<ContractModel, ContractOp> {
  LogicalResult bufferize(Operation *op, RewriterBase &rewriter, const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto contract = cast<ContractOp>(op);
    SmallVector<Value> inputs;
    for (Value input : contract.getInputs()) {
      FailureOr<Value> buffer = getBuffer(rewriter, input, options, state);
      if (failed(buffer))
        return failure();
      inputs.push_back(*buffer);
    }
    RankedTensorType type = contract.getResultType();
    SmallVector<OpFoldResult> extents = getMixedIndexExtents(rewriter, contract), shape;
    for (int64_t index : contract.getResultIndices())
      shape.push_back(extents[index]);
    FailureOr<Value> sums = allocate(rewriter, op, type.clone(contract.getAccumulationType()), shape, options);
    if (failed(sums))
      return failure();
    bool isProduct = isProductOnly(contract);
    if (!isProduct)
      emitZeroFill(rewriter, op->getLoc(), *sums, contract.getSemiring(), contract.getIsUnsigned());
    emitContraction(rewriter, contract, inputs, SmallVector<bool>(inputs.size(), false), *sums, isProduct);
    FailureOr<Value> result = sums;
    if (type.getElementType() != contract.getAccumulationType()) {
      result = allocate(rewriter, op, type, shape, options);
      if (failed(result))
        return failure();
      emitRoundTensor(rewriter, op->getLoc(), *sums, *result);
    }
    replaceOpWithBufferizedValues(rewriter, op, *result);
    return success();
  }
};

struct ConjModel : FreshBufferModel<ConjModel, ConjOp> {
  LogicalResult bufferize(Operation *op, RewriterBase &rewriter, const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto conj = cast<ConjOp>(op);
    auto type = cast<RankedTensorType>(conj.getType());
    FailureOr<Value> input = getBuffer(rewriter, conj.getInput(), options, state);
    if (failed(input))
      return failure();
    FailureOr<Value> result =
        allocate(rewriter, op, type, memref::getMixedSizes(rewriter, op->getLoc(), *input), options);
    if (failed(result))
      return failure();
    if (isa<ComplexType>(type.getElementType()))
      emitConj(rewriter, op->getLoc(), *input, *result);
    else if (failed(options.createMemCpy(rewriter, op->getLoc(), *input, *result)))
      return failure();
    replaceOpWithBufferizedValues(rewriter, op, *result);
    return success();
  }
};

struct DeltaModel : FreshBufferModel<DeltaModel, DeltaOp> {
  LogicalResult bufferize(Operation *op, RewriterBase &rewriter, const BufferizationOptions &options,
                          BufferizationState &) const {
    auto delta = cast<DeltaOp>(op);
    FailureOr<Value> result = allocate(rewriter, op, cast<RankedTensorType>(delta.getResult().getType()),
                                       getMixedShape(rewriter, delta), options);
    if (failed(result))
      return failure();
    emitDelta(rewriter, delta, *result);
    replaceOpWithBufferizedValues(rewriter, op, *result);
    return success();
  }
};

/// A constant is a global that nobody writes, as one of `arith` is.
struct ConstantModel : FreshBufferModel<ConstantModel, ConstantOp> {
  bool bufferizesToAllocation(Operation *, Value) const { return false; }
  bool isWritable(Operation *, Value, const AnalysisState &) const { return false; }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter, const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto constant = cast<ConstantOp>(op);
    FailureOr<MemRefType> type =
        getFreshBufferType(op, cast<RankedTensorType>(constant.getResult().getType()), options);
    if (failed(type))
      return failure();
    // Upstream makes globals of the constants of arith only. This one is gone before the rewriter
    // could learn of it.
    OpBuilder builder(op);
    auto twin = arith::ConstantOp::create(builder, op->getLoc(), cast<TypedAttr>(constant.getValue()));
    FailureOr<memref::GlobalOp> global =
        getGlobalFor(twin, state.getSymbolTables(), options.bufferAlignment, type->getMemorySpace());
    twin.erase();
    if (failed(global))
      return failure();
    replaceOpWithNewBufferizedOp<memref::GetGlobalOp>(rewriter, op, global->getType(), global->getName());
    return success();
  }
};

/// A loop over all slices, each of which is added or copied to its place.
struct SliceModel : FreshBufferModel<SliceModel, SliceOp> {
  bool isRepetitiveRegion(Operation *, unsigned) const { return true; }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter, const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto slice = cast<SliceOp>(op);
    Location loc = op->getLoc();
    SmallVector<Value> results;
    for (unsigned i = 0; i < slice.getNumResults(); ++i) {
      auto type = cast<RankedTensorType>(slice.getResult(i).getType());
      FailureOr<Value> result =
          allocate(rewriter, op, type, getAsIndexOpFoldResult(op->getContext(), type.getShape()), options);
      if (failed(result))
        return failure();
      results.push_back(*result);
      if (llvm::is_contained(slice.getPlacement(i), SliceOp::kSum))
        emitZeroFill(rewriter, loc, *result, slice.getSemiring(), slice.getIsUnsigned());
    }
    auto isEmpty = [&](unsigned i) { return isEmptyResult(slice, i); };
    if (slice.getNumSlices() == 0 || llvm::all_of(llvm::seq(slice.getNumResults()), isEmpty)) {
      replaceOpWithBufferizedValues(rewriter, op, results);
      return success();
    }
    Value zero = arith::ConstantIndexOp::create(rewriter, loc, 0);
    Value one = arith::ConstantIndexOp::create(rewriter, loc, 1);
    Value count = arith::ConstantIndexOp::create(rewriter, loc, slice.getNumSlices());
    auto loop = scf::ForOp::create(rewriter, loc, zero, count, one);
    Operation *end = loop.getBody()->getTerminator();
    rewriter.setInsertionPoint(end);
    SmallVector<Value> counters = emitSliceCounters(rewriter, slice, loop.getInductionVar());
    auto yield = cast<YieldOp>(slice.getBodyBlock()->getTerminator());
    rewriter.inlineBlockBefore(slice.getBodyBlock(), end, counters);
    rewriter.setInsertionPoint(yield);
    for (unsigned i = 0; i < slice.getNumResults(); ++i) {
      // No offset lies inside of an empty buffer, upstream says; and there is nothing to write.
      if (isEmpty(i))
        continue;
      FailureOr<Value> value = getBuffer(rewriter, yield.getValues()[i], options, state);
      if (failed(value))
        return failure();
      SlicePlace place = getSlicePlace(rewriter, slice, i, counters);
      Value part = results[i];
      if (!place.isWhole) {
        MemRefType type = memref::SubViewOp::inferRankReducedResultType(
            cast<MemRefType>(value->getType()).getShape(), cast<MemRefType>(part.getType()), place.offsets, place.sizes,
            place.strides);
        part = memref::SubViewOp::create(rewriter, loc, type, part, place.offsets, place.sizes, place.strides);
      }
      if (place.isSummed)
        emitAddInto(rewriter, loc, slice.getSemiring(), slice.getIsUnsigned(), part, *value);
      else if (failed(options.createMemCpy(rewriter, loc, *value, part)))
        return failure();
    }
    rewriter.eraseOp(yield);
    replaceOpWithBufferizedValues(rewriter, op, results);
    return success();
  }
};

/// The yielded values are read; the slice around it does that.
struct YieldModel : FreshBufferModel<YieldModel, YieldOp> {
  LogicalResult bufferize(Operation *, RewriterBase &, const BufferizationOptions &, BufferizationState &) const {
    return success();
  }
};

} // namespace

void tn::registerBufferizationModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, TNDialect *, BufferizationDialect *) {
    ConjOp::attachInterface<ConjModel>(*context);
    ConstantOp::attachInterface<ConstantModel>(*context);
    ContractOp::attachInterface<ContractModel>(*context);
    DeltaOp::attachInterface<DeltaModel>(*context);
    SliceOp::attachInterface<SliceModel>(*context);
    YieldOp::attachInterface<YieldModel>(*context);
    context->loadDialect<affine::AffineDialect, arith::ArithDialect, complex::ComplexDialect, linalg::LinalgDialect,
                         memref::MemRefDialect, scf::SCFDialect>();
  });
}
