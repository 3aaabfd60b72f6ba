//===- LowerSlice.cpp - tn.slice becomes loops ------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Lowerings.h"
#include "ScalarSemantics.h"
#include "tenon/Dialect/TN/IR/RankReducedSlice.h"
#include "tenon/Support/SeededBug.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

Value tn::emitAddInto(OpBuilder &builder, Location loc, Semiring semiring, bool isUnsigned, Value out, Value value) {
  int64_t rank = cast<ShapedType>(out.getType()).getRank();
  SmallVector<AffineMap> maps(2, builder.getMultiDimIdentityMap(rank));
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  return emitGeneric(builder, loc, value, out, maps, iterators, [&](OpBuilder &b, Location l, ValueRange args) {
    linalg::YieldOp::create(b, l, emitAdd(b, l, semiring, isUnsigned, args[1], args[0]));
  });
}

SlicePlace tn::getSlicePlace(OpBuilder &builder, SliceOp op, unsigned i, ValueRange counters) {
  SlicePlace place;
  auto type = cast<RankedTensorType>(op.getResult(i).getType());
  place.dropped.resize(type.getRank());
  for (int64_t extent : type.getShape()) {
    place.offsets.push_back(builder.getIndexAttr(0));
    place.sizes.push_back(builder.getIndexAttr(extent));
    place.strides.push_back(builder.getIndexAttr(1));
  }
  for (auto [dim, counter] : llvm::zip_equal(op.getPlacement(i), counters)) {
    if (dim == SliceOp::kSum) {
      place.isSummed = true;
      continue;
    }
    place.offsets[dim] = counter;
    place.sizes[dim] = builder.getIndexAttr(1);
    place.dropped.set(dim);
    place.isWhole = false;
  }
  return place;
}

SmallVector<Value> tn::emitSliceCounters(OpBuilder &builder, SliceOp op, Value number) {
  if (op.getExtents().size() <= 1)
    return SmallVector<Value>(op.getExtents().size(), number);
  auto split = affine::AffineDelinearizeIndexOp::create(builder, op.getLoc(), number, op.getExtents());
  return llvm::to_vector_of<Value>(split.getResults());
}

/// Emits `for s in [begin, end)` around the body for the results numbered `computed`; `inits` are these so far.
static SmallVector<Value> emitSliceLoop(RewriterBase &rewriter, SliceOp op, Value begin, Value end, ArrayRef<unsigned> computed,
                                        ArrayRef<Value> inits) {
  Location loc = op.getLoc();
  Value one = arith::ConstantIndexOp::create(rewriter, loc, 1);
  auto loop = scf::ForOp::create(rewriter, loc, begin, end, one, inits);
  OpBuilder::InsertionGuard guard(rewriter);
  Block *body = loop.getBody();
  if (!body->empty())
    rewriter.eraseOp(&body->back());
  rewriter.setInsertionPointToStart(body);
  SmallVector<Value> counters = emitSliceCounters(rewriter, op, loop.getInductionVar());
  auto yield = cast<YieldOp>(op.getBodyBlock()->getTerminator());
  rewriter.inlineBlockBefore(op.getBodyBlock(), body, body->end(), counters);
  rewriter.setInsertionPoint(yield);

  SmallVector<Value> sums;
  for (auto [number, i] : llvm::enumerate(computed)) {
    Value sum = loop.getRegionIterArg(number), value = yield.getValues()[i];
    SlicePlace place = getSlicePlace(rewriter, op, i, counters);
    auto contract = value.getDefiningOp<ContractOp>();
    bool addsItself = contract && value.hasOneUse() && contract.getSemiring() == op.getSemiring() &&
                      contract.getIsUnsigned() == op.getIsUnsigned() && contract->getBlock() == body &&
                      contract.getAccumulationType() == contract.getResultType().getElementType();
    Value part = sum;
    if (!place.isWhole && (place.isSummed || addsItself))
      part = extractRankReduced(rewriter, loc, sum, place.offsets, place.sizes, place.strides, place.dropped);
    if (addsItself)
      part = lowerContract(rewriter, contract, isSeeded(SeededBug::ZeroedPerTile) ? Value() : part);
    else if (place.isSummed)
      part = emitAddInto(rewriter, loc, op.getSemiring(), op.getIsUnsigned(), part, value);
    else
      part = value;
    if (!place.isWhole)
      part = insertRankReduced(rewriter, loc, part, sum, place.offsets, place.sizes, place.strides, place.dropped);
    sums.push_back(part);
    if (addsItself)
      rewriter.replaceAllUsesWith(value, part);
  }
  scf::YieldOp::create(rewriter, loc, sums);
  rewriter.eraseOp(yield);
  for (Operation &dead : llvm::make_early_inc_range(llvm::reverse(*body)))
    if (isa<ContractOp>(dead) && dead.use_empty())
      rewriter.eraseOp(&dead);
  return SmallVector<Value>(loop.getResults());
}

static Value emitZeroResult(OpBuilder &builder, SliceOp op, unsigned i) {
  auto type = cast<RankedTensorType>(op.getResult(i).getType());
  return emitZeroTensor(builder, op.getLoc(), getAsIndexOpFoldResult(builder.getContext(), type.getShape()),
                        type.getElementType(),
                        isSeeded(SeededBug::EmptySumZero) && op.getNumSlices() == 0 ? Semiring::PlusTimes : op.getSemiring(),
                        op.getIsUnsigned() && !isSeeded(SeededBug::UnsignedZero));
}

/// The seeded bug thread-sums-twice.
static Value emitFirstOfPartials(OpBuilder &builder, Location loc, RankedTensorType type, Value partials) {
  SmallVector<OpFoldResult> offsets(type.getRank() + 1, builder.getIndexAttr(0)), sizes = {builder.getIndexAttr(1)},
                                                       strides(type.getRank() + 1, builder.getIndexAttr(1));
  llvm::append_range(sizes, getAsIndexOpFoldResult(builder.getContext(), type.getShape()));
  return tensor::ExtractSliceOp::create(builder, loc, type, partials, offsets, sizes, strides);
}

/// Sums `partials`, of shape [threads] + shape of the result, over its first dimension in order.
static Value emitSumOfPartials(OpBuilder &builder, SliceOp op, unsigned i, Value partials) {
  auto type = cast<RankedTensorType>(op.getResult(i).getType());
  int64_t rank = type.getRank();
  // Not getMinorSubMap: that map is null for a result of rank 0.
  AffineMap all = builder.getMultiDimIdentityMap(rank + 1);
  SmallVector<AffineMap> maps = {all, AffineMap::get(rank + 1, 0, all.getResults().drop_front(), builder.getContext())};
  SmallVector<utils::IteratorType> iterators(rank + 1, utils::IteratorType::parallel);
  iterators.front() = utils::IteratorType::reduction;
  Value start = emitZeroResult(builder, op, i);
  if (isSeeded(SeededBug::ThreadSumsTwice))
    start = emitFirstOfPartials(builder, op.getLoc(), type, partials);
  auto generic = linalg::GenericOp::create(
      builder, op.getLoc(), type, partials, start, maps, iterators,
      [&](OpBuilder &b, Location l, ValueRange args) {
        linalg::YieldOp::create(b, l, emitAdd(b, l, op.getSemiring(), op.getIsUnsigned(), args[1], args[0]));
      });
  return generic.getResult(0);
}

SmallVector<Value> tn::lowerSlice(RewriterBase &rewriter, SliceOp op, int64_t threads) {
  Location loc = op.getLoc();
  int64_t count = op.getNumSlices();
  SmallVector<Value> results;
  // The loops compute what has elements.
  SmallVector<unsigned> computed;
  for (unsigned i = 0; i < op.getNumResults() && count > 0; ++i)
    if (!isEmptyResult(op, i))
      computed.push_back(i);
  if (computed.empty()) {
    for (unsigned i = 0; i < op.getNumResults(); ++i)
      results.push_back(emitZeroResult(rewriter, op, i));
    return results;
  }
  // Without a sliced index the body runs once, and its values are the results.
  if (op.getExtents().empty()) {
    auto yield = cast<YieldOp>(op.getBodyBlock()->getTerminator());
    rewriter.inlineBlockBefore(op.getBodyBlock(), op);
    results = llvm::to_vector(yield.getValues());
    rewriter.eraseOp(yield);
    return results;
  }
  threads = std::max<int64_t>(1, std::min(threads, count));
  if (threads == 1) {
    Value begin = arith::ConstantIndexOp::create(rewriter, loc, 0);
    Value end = arith::ConstantIndexOp::create(rewriter, loc, count);
    for (unsigned i = 0; i < op.getNumResults(); ++i)
      results.push_back(emitZeroResult(rewriter, op, i));
    SmallVector<Value> inits = llvm::map_to_vector(computed, [&](unsigned i) { return results[i]; });
    for (auto [i, sum] : llvm::zip_equal(computed, emitSliceLoop(rewriter, op, begin, end, computed, inits)))
      results[i] = sum;
    return results;
  }

  SmallVector<Value> partials;
  for (unsigned i : computed) {
    auto type = cast<RankedTensorType>(op.getResult(i).getType());
    SmallVector<int64_t> shape = {threads};
    llvm::append_range(shape, type.getShape());
    partials.push_back(tensor::EmptyOp::create(rewriter, loc, shape, type.getElementType()));
  }
  auto forall = scf::ForallOp::create(rewriter, loc, ArrayRef<OpFoldResult>{rewriter.getIndexAttr(threads)}, partials,
                                      /*mapping=*/std::nullopt);
  {
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPoint(forall.getTerminator());
    Value thread = forall.getInductionVars().front();
    int64_t share = isSeeded(SeededBug::SliceOffByOne) ? count / threads : llvm::divideCeil(count, threads);
    AffineExpr t = rewriter.getAffineDimExpr(0);
    // Ceiling division may leave the last threads without a share: both ends are clamped.
    auto bound = [&](AffineExpr expr) -> Value {
      auto map = AffineMap::get(1, 0, {expr, rewriter.getAffineConstantExpr(count)}, rewriter.getContext());
      return affine::AffineMinOp::create(rewriter, loc, map, ValueRange(thread));
    };
    Value begin = bound(t * share), end = bound(t * share + share);
    SmallVector<Value> inits = llvm::map_to_vector(computed, [&](unsigned i) { return emitZeroResult(rewriter, op, i); });
    SmallVector<Value> sums = emitSliceLoop(rewriter, op, begin, end, computed, inits);
    rewriter.setInsertionPointToEnd(forall.getTerminator().getBody());
    for (auto [i, sum] : llvm::enumerate(sums)) {
      auto type = cast<RankedTensorType>(sum.getType());
      SmallVector<OpFoldResult> offsets(type.getRank() + 1, rewriter.getIndexAttr(0)), sizes = {rewriter.getIndexAttr(1)},
                                                           strides(type.getRank() + 1, rewriter.getIndexAttr(1));
      offsets.front() = thread;
      llvm::append_range(sizes, getAsIndexOpFoldResult(rewriter.getContext(), type.getShape()));
      tensor::ParallelInsertSliceOp::create(rewriter, loc, sum, forall.getRegionIterArgs()[i], offsets, sizes, strides);
    }
  }
  auto partial = forall.getResults().begin();
  for (unsigned i = 0; i < op.getNumResults(); ++i)
    results.push_back(isEmptyResult(op, i) ? emitZeroResult(rewriter, op, i) : emitSumOfPartials(rewriter, op, i, *partial++));
  return results;
}
