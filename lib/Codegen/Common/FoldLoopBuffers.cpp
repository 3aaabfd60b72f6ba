//===- FoldLoopBuffers.cpp - Loops stop carrying buffers --------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Codegen/Common/Passes.h"
#include "tenon/Support/Counters.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"

namespace tenon {
#define GEN_PASS_DEF_FOLDLOOPBUFFERS
#include "tenon/Codegen/Common/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;

namespace {
struct FoldCounters : Counters {
  FoldCounters() : Counters("tenon-fold-loop-buffers") {}

  Counter loops{*this, "loops", "loops that stopped carrying buffers"};
  Counter buffers{*this, "buffers", "buffers that they carried"};
};

struct FoldLoopBuffersPass : tenon::impl::FoldLoopBuffersBase<FoldLoopBuffersPass> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<scf::ForOp> loops;
    getOperation().walk([&](scf::ForOp loop) { loops.push_back(loop); });
    IRRewriter rewriter(&getContext());
    FoldCounters counters;
    for (scf::ForOp loop : loops)
      fold(rewriter, loop, counters);
    Statistics::get().add(counters);
  }

  static void fold(IRRewriter &rewriter, scf::ForOp loop, FoldCounters &counters) {
    SmallVector<Value> keptInits;
    SmallVector<bool> isKept;
    for (auto [argument, init, yielded] : llvm::zip_equal(loop.getRegionIterArgs(), loop.getInitArgs(), loop.getYieldedValues())) {
      bool isInvariant = yielded == argument || yielded == init;
      isKept.push_back(!isInvariant);
      if (!isInvariant)
        keptInits.push_back(init);
    }
    if (keptInits.size() == loop.getInitArgs().size())
      return;
    ++counters.loops;
    counters.buffers += loop.getInitArgs().size() - keptInits.size();
    rewriter.setInsertionPoint(loop);
    auto slim = scf::ForOp::create(rewriter, loop.getLoc(), loop.getLowerBound(), loop.getUpperBound(), loop.getStep(), keptInits);
    slim->setDiscardableAttrs(loop->getDiscardableAttrDictionary());
    Block *body = slim.getBody();
    if (!body->empty())
      rewriter.eraseOp(&body->back());
    SmallVector<Value> arguments = {slim.getInductionVar()}, results, yields;
    unsigned next = 0;
    for (auto [i, kept] : llvm::enumerate(isKept)) {
      if (kept)
        yields.push_back(loop.getYieldedValues()[i]);
      arguments.push_back(kept ? slim.getRegionIterArg(next) : loop.getInitArgs()[i]);
      results.push_back(kept ? slim.getResult(next++) : loop.getInitArgs()[i]);
    }
    auto yield = cast<scf::YieldOp>(loop.getBody()->getTerminator());
    rewriter.setInsertionPoint(yield);
    rewriter.replaceOpWithNewOp<scf::YieldOp>(yield, yields);
    rewriter.mergeBlocks(loop.getBody(), body, arguments);
    rewriter.replaceOp(loop, results);
  }
};
} // namespace
