//===- TNToLinalg.cpp - The pass convert-tn-to-linalg -----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The lowering is a walk and not a set of conversion patterns: types do not change, every operation has exactly one
// lowering, and a network of 10,000 contractions should not pay for a work list.
//
//===----------------------------------------------------------------------===//
#include "Lowerings.h"
#include "tenon/Conversion/Passes.h"
#include "tenon/Support/Counters.h"

#include "llvm/ADT/TypeSwitch.h"

namespace tenon {
#define GEN_PASS_DEF_CONVERTTNTOLINALG
#include "tenon/Conversion/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

namespace {
struct ConversionCounters : Counters {
  ConversionCounters() : Counters("convert-tn-to-linalg") {}

  Counter contractions{*this, "contractions", "contractions lowered"};
  Counter slices{*this, "slices", "slice loops lowered"};
  Counter others{*this, "others", "deltas, constants and conjugates lowered"};
  Counter dead{*this, "dead", "operations without a user, dropped"};
};

struct ConvertTNToLinalgPass : tenon::impl::ConvertTNToLinalgBase<ConvertTNToLinalgPass> {
  using Base::Base;

  void runOnOperation() override {
    if (threads < 1) {
      getOperation().emitError() << "convert-tn-to-linalg: threads must be at least 1, found " << threads.getValue();
      return signalPassFailure();
    }
    IRRewriter rewriter(&getContext());
    ConversionCounters counters;
    // Inner slices first; they may yield contractions into outer ones.
    SmallVector<SliceOp> slices;
    getOperation().walk<WalkOrder::PostOrder>([&](SliceOp op) { slices.push_back(op); });
    counters.slices += slices.size();
    for (SliceOp op : slices) {
      rewriter.setInsertionPoint(op);
      // Loops inside a parallel loop run in sequence.
      bool isNested = op->getParentOfType<SliceOp>() || op->getParentOfType<scf::ForallOp>();
      SmallVector<Value> results = lowerSlice(rewriter, op, isNested ? 1 : threads.getValue());
      rewriter.replaceOp(op, results);
    }

    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isa<ContractOp, ConjOp, DeltaOp, ConstantOp>(op))
        ops.push_back(op);
    });
    // Users before producers, so that a conj that only contractions read is gone when its turn comes.
    for (Operation *op : llvm::reverse(ops)) {
      if (op->use_empty()) {
        ++counters.dead;
        rewriter.eraseOp(op);
        continue;
      }
      ++(isa<ContractOp>(op) ? counters.contractions : counters.others);
      rewriter.setInsertionPoint(op);
      Value result = TypeSwitch<Operation *, Value>(op)
                         .Case([&](ContractOp op) { return lowerContract(rewriter, op); })
                         .Case([&](ConjOp op) { return lowerConj(rewriter, op); })
                         .Case([&](DeltaOp op) { return lowerDelta(rewriter, op); })
                         .Case([&](ConstantOp op) { return lowerConstant(rewriter, op); });
      rewriter.replaceOp(op, result);
    }
    Statistics::get().add(counters);
  }
};
} // namespace
