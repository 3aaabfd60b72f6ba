//===- TileChain.cpp - Operations in one loop over tiles ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Upstream's tileConsumerAndFuseProducersUsingSCF does the same with tiles of dynamic extents where
// a tile does not divide a loop; kernels and buffers need static ones.
//
//===----------------------------------------------------------------------===//
#include "TileChain.h"

#include "tenon/Dialect/TN/IR/FusedMark.h"
#include "tenon/Support/SeededBug.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

namespace {
/// A box in the consumer's iteration domain.
struct Box {
  SmallVector<OpFoldResult> offsets, sizes;
};

/// The chain's operations for one box.
struct Tile {
  TiledChain chain;
  Value value;
};

class ChainTiler {
public:
  ChainTiler(RewriterBase &rewriter, const TiledChain &chain)
      : rewriter(rewriter), consumer(chain.consumer), producers(chain.producers) {}

  Box wholeBox();
  /// The operations for `box`, which read what the consumer overwrites from `destination`.
  FailureOr<Tile> makeTile(const Box &box, Value destination);
  FailureOr<Box> resultBox(const Box &box);
  /// Computes `box`, of which `loops` are still to be cut, into `destination`.
  FailureOr<Value> emit(ArrayRef<TiledLoop> loops, Box box, Value destination);

private:
  Location loc() { return consumer.getLoc(); }

  RewriterBase &rewriter;
  TilingInterface consumer;
  const llvm::SetVector<Operation *> &producers;
};
} // namespace

static OpFoldResult scaled(RewriterBase &rewriter, Location loc, Value counter, int64_t factor,
                           int64_t offset) {
  AffineExpr position = rewriter.getAffineDimExpr(0) * factor + offset;
  return affine::AffineApplyOp::create(rewriter, loc, position, ValueRange(counter)).getResult();
}

Box ChainTiler::wholeBox() {
  Box box;
  for (const Range &range : consumer.getIterationDomain(rewriter)) {
    box.offsets.push_back(range.offset);
    box.sizes.push_back(range.size);
  }
  return box;
}

FailureOr<Box> ChainTiler::resultBox(const Box &box) {
  Box place;
  if (failed(consumer.getResultTilePosition(rewriter, 0, box.offsets, box.sizes, place.offsets,
                                            place.sizes)))
    return failure();
  return place;
}

FailureOr<Tile> ChainTiler::makeTile(const Box &box, Value destination) {
  auto style = dyn_cast<DestinationStyleOpInterface>(consumer.getOperation());
  Value overwritten = style ? style.getDpsInits().front() : Value();
  FailureOr<TilingResult> tiled = consumer.getTiledImplementation(rewriter, box.offsets, box.sizes);
  if (failed(tiled) || tiled->tiledOps.size() != 1)
    return failure();
  Tile tile;
  tile.chain.consumer = dyn_cast<TilingInterface>(tiled->tiledOps.front());
  tile.value = tiled->tiledValues.front();
  SmallVector<Operation *> slices = std::move(tiled->generatedSlices);
  while (!slices.empty()) {
    auto slice = dyn_cast<tensor::ExtractSliceOp>(slices.pop_back_val());
    if (slice && overwritten && slice.getSource() == overwritten) {
      rewriter.modifyOpInPlace(slice, [&] { slice.getSourceMutable().set(destination); });
      continue;
    }
    auto source = slice ? dyn_cast<OpResult>(slice.getSource()) : OpResult();
    if (!source || !producers.contains(source.getOwner()))
      continue;
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPoint(slice);
    FailureOr<TilingResult> made =
        cast<TilingInterface>(source.getOwner())
            .generateResultTileValue(rewriter, source.getResultNumber(), slice.getMixedOffsets(),
                                     slice.getMixedSizes());
    if (failed(made) || made->tiledOps.size() != 1 ||
        made->tiledValues.front().getType() != slice.getType())
      return failure();
    llvm::append_range(slices, made->generatedSlices);
    tile.chain.producers.insert(made->tiledOps.front());
    rewriter.replaceOp(slice, made->tiledValues.front());
  }
  return tile;
}

FailureOr<Value> ChainTiler::emit(ArrayRef<TiledLoop> loops, Box box, Value destination) {
  if (loops.empty()) {
    FailureOr<Tile> tile = makeTile(box, destination);
    FailureOr<Box> place = resultBox(box);
    if (failed(tile) || failed(place))
      return failure();
    SmallVector<OpFoldResult> strides(place->offsets.size(), rewriter.getIndexAttr(1));
    return tensor::InsertSliceOp::create(rewriter, loc(), tile->value, destination, place->offsets,
                                         place->sizes, strides)
        .getResult();
  }
  const TiledLoop &loop = loops.front();
  int64_t count = (loop.end - loop.begin) / loop.tile;
  int64_t rest = loop.begin + count * loop.tile;
  if (count == 1) {
    Box first = box;
    first.offsets[loop.number] = rewriter.getIndexAttr(loop.begin);
    first.sizes[loop.number] = rewriter.getIndexAttr(loop.tile);
    FailureOr<Value> made = emit(loops.drop_front(), std::move(first), destination);
    if (failed(made))
      return failure();
    destination = *made;
  } else if (count > 1) {
    Value zero = arith::ConstantIndexOp::create(rewriter, loc(), 0);
    Value one = arith::ConstantIndexOp::create(rewriter, loc(), 1);
    Value last = arith::ConstantIndexOp::create(rewriter, loc(), count);
    auto op = scf::ForOp::create(rewriter, loc(), zero, last, one, destination);
    op->setAttr(kFusedMark, rewriter.getUnitAttr());
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPointToEnd(op.getBody());
    Box inner = box;
    inner.offsets[loop.number] = scaled(rewriter, loc(), op.getInductionVar(), loop.tile,
                                        isSeeded(SeededBug::TileOriginLost) ? 0 : loop.begin);
    inner.sizes[loop.number] = rewriter.getIndexAttr(loop.tile);
    FailureOr<Value> made = emit(loops.drop_front(), std::move(inner), op.getRegionIterArg(0));
    if (failed(made))
      return failure();
    scf::YieldOp::create(rewriter, loc(), *made);
    destination = op.getResult(0);
  }
  if (rest == loop.end)
    return destination;
  box.offsets[loop.number] = rewriter.getIndexAttr(rest);
  box.sizes[loop.number] = rewriter.getIndexAttr(loop.end - rest);
  return emit(loops.drop_front(), std::move(box), destination);
}

FailureOr<Value> tn::tileChain(RewriterBase &rewriter, const TiledChain &chain,
                               ArrayRef<TiledLoop> loops, Value destination) {
  ChainTiler tiler(rewriter, chain);
  return tiler.emit(loops, tiler.wholeBox(), destination);
}

FailureOr<Value> tn::tileChainOnThreads(RewriterBase &rewriter, const TiledChain &chain,
                                        ArrayRef<TiledLoop> loops, unsigned shared, int64_t share,
                                        int64_t threads, Value destination) {
  const TiledLoop &whole = loops[shared];
  Location loc = destination.getLoc();
  auto forall =
      scf::ForallOp::create(rewriter, loc, ArrayRef<OpFoldResult>{rewriter.getIndexAttr(threads)},
                            destination, /*mapping=*/std::nullopt);
  {
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPoint(forall.getTerminator());
    // The thread's part of the chain first, then that part in tiles.
    ChainTiler tiler(rewriter, chain);
    Box box = tiler.wholeBox();
    box.offsets[whole.number] =
        scaled(rewriter, loc, forall.getInductionVar(0), share, whole.begin);
    box.sizes[whole.number] = rewriter.getIndexAttr(share);
    FailureOr<Tile> part = tiler.makeTile(box, forall.getRegionIterArgs().front());
    FailureOr<Box> place = tiler.resultBox(box);
    if (failed(part) || !part->chain.consumer || failed(place))
      return failure();
    SmallVector<OpFoldResult> strides(place->offsets.size(), rewriter.getIndexAttr(1));
    Value made = part->value;
    SmallVector<TiledLoop> ofThread(loops);
    ofThread[shared].begin = 0;
    ofThread[shared].end = share;
    // A thread's part may be one tile.
    if (llvm::any_of(ofThread,
                     [](const TiledLoop &loop) { return loop.end - loop.begin > loop.tile; })) {
      Value into = tensor::ExtractSliceOp::create(
          rewriter, loc, cast<RankedTensorType>(part->value.getType()),
          forall.getRegionIterArgs().front(), place->offsets, place->sizes, strides);
      FailureOr<Value> tiles = tileChain(rewriter, part->chain, ofThread, into);
      if (failed(tiles))
        return failure();
      made = *tiles;
      rewriter.eraseOp(part->chain.consumer);
      for (Operation *producer : part->chain.producers)
        rewriter.eraseOp(producer);
    }
    rewriter.setInsertionPointToEnd(forall.getTerminator().getBody());
    tensor::ParallelInsertSliceOp::create(rewriter, loc, made, forall.getRegionIterArgs().front(),
                                          place->offsets, place->sizes, strides);
  }
  rewriter.setInsertionPointAfter(forall);
  Value result = forall.getResult(0);
  if (whole.begin + share * threads == whole.end)
    return result;
  SmallVector<TiledLoop> rest(loops);
  rest[shared].begin += share * threads;
  return tileChain(rewriter, chain, rest, result);
}
