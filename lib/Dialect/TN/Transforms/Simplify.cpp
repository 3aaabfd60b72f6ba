//===- Simplify.cpp - The pass tn-simplify ----------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Finds the networks, has each built, rewritten and written back, and cleans up around them. The
// rules are in SimplifyRules.h; docs/simplify.md describes them.
//
//===----------------------------------------------------------------------===//
#include "tenon/Dialect/TN/Transforms/Passes.h"

#include "SimplifyNetwork.h"
#include "SimplifyRules.h"
#include "TakenSteps.h"
#include "UniqueConstants.h"
#include "tenon/Dialect/TN/IR/PlaceInFile.h"
#include "tenon/Support/DebugLog.h"

#include "mlir/IR/Dominance.h"
#include "mlir/IR/Iterators.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/CSE.h"

namespace tenon::tn {
#define GEN_PASS_DEF_TNSIMPLIFY
#include "tenon/Dialect/TN/Transforms/Passes.h.inc"
} // namespace tenon::tn

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;
using namespace tenon::tn::simplify;

namespace {
/// What networks have become: contractions, as long as they are there, and the steps that led to
/// them. The steps are no attributes before the end: equal contractions would differ in them.
struct WrittenNetworks : RewriterBase::Listener {
  llvm::DenseMap<Operation *, TakenSteps> taken;
  void notifyOperationErased(Operation *op) override { taken.erase(op); }
};

/// Counts the operations that common-subexpression elimination replaces.
struct ReplacementCounter : RewriterBase::Listener {
  explicit ReplacementCounter(WrittenNetworks &written) : written(written) {}
  WrittenNetworks &written;
  int64_t replaced = 0;
  using RewriterBase::Listener::notifyOperationReplaced;
  void notifyOperationReplaced(Operation *op, ValueRange values) override { ++replaced; }
  void notifyOperationErased(Operation *op) override { written.notifyOperationErased(op); }
};

struct TNSimplify : tenon::tn::impl::TNSimplifyBase<TNSimplify> {
  using TNSimplifyBase::TNSimplifyBase;

  void runOnOperation() override {
    if (foldLimit < 1 || foldOperations < 0) {
      getOperation()->emitError() << "tn-simplify: fold-limit is at least 1 and fold-operations at "
                                     "least 0, found "
                                  << foldLimit.getValue() << " and " << foldOperations.getValue();
      return signalPassFailure();
    }
    SimplifyCounters counters;
    written.taken.clear();
    IRRewriter rewriter(&getContext(), &written);
    // Equal parts first, so that they are shared and not copied into every network that uses them.
    counters.equalConstants += uniqueResources(getOperation(), rewriter);
    shareEqualOps(counters);

    // In the order of the program: a network that is folded is a constant of the next one.
    SmallVector<ContractOp> networks;
    getOperation()->walk([&](ContractOp op) {
      if (hasPlan(op))
        return;
      if (!flatten || !isInlinable(op))
        networks.push_back(op);
    });
    for (ContractOp op : networks)
      simplifyNetwork(op, rewriter, counters);
    foldConjugates(rewriter, counters);
    eraseDeadOps(rewriter);
    shareEqualOps(counters);
    for (const auto &[op, taken] : written.taken)
      setTakenSteps(cast<ContractOp>(op), taken);
    llvm::errs() << counters.report(stats);
    Statistics::get().add(counters);
  }

private:
  WrittenNetworks written;

  void simplifyNetwork(ContractOp op, RewriterBase &rewriter, SimplifyCounters &counters) {
    // A result without elements needs its operands for the check of their extents alone.
    if (llvm::is_contained(op.getResultType().getShape(), 0) &&
        !llvm::all_of(op->getOperandTypes(), [](Type type) { return cast<ShapedType>(type).hasStaticShape(); }))
      return;
    Graph graph = buildGraph(op, flatten, {foldLimit, foldOperations}, counters);
    ++counters.networks;
    size_t operands = graph.nodes.size();
    counters.operandsBefore += operands;
    // One operand, read as it lies: there is nothing that could be done ahead of this operation.
    bool isUnary = graph.nodes.size() == 1 && graph.nodes.front().is(Node::Kind::Input);
    if (!isUnary)
      runRules(graph, counters);
    size_t left = graph.liveNodes().size();
    counters.operandsAfter += left;
    if (isDebugged(DebugArea::Simplify))
      DebugLine(DebugArea::Simplify) << describePlace(op.getLoc()) << ": " << operands << " operands, " << left
                                     << " left" << (graph.isChanged ? "" : ", unchanged");
    if (!graph.isChanged)
      return;
    std::optional<Written> network = writeBack(graph, op, rewriter);
    if (keepPath && network && graph.areOriginsKnown)
      written.taken[network->op] = takenSteps(graph, network->origins);
  }

  /// Conjugates of constants that no contraction has taken.
  void foldConjugates(RewriterBase &rewriter, SimplifyCounters &counters) {
    getOperation()->walk([&](ConjOp op) {
      ElementsAttr attribute = getConstantValue(op.getInput());
      auto type = cast<RankedTensorType>(op.getInput().getType());
      if (!attribute || !isa<ComplexType>(type.getElementType()) ||
          type.getNumElements() > foldLimit)
        return;
      Arithmetic arithmetic{Semiring::PlusTimes, type.getElementType(), false};
      std::optional<ConstantTensor> tensor = loadConstant(attribute, arithmetic, true);
      if (!tensor)
        return;
      rewriter.setInsertionPoint(op);
      rewriter.replaceOpWithNewOp<ConstantOp>(op, storeConstant(*tensor, type.getElementType()));
      ++counters.conjugates;
    });
  }

  void eraseDeadOps(RewriterBase &rewriter) {
    // Users come after what they use, so one sweep backwards finds all.
    getOperation()->walk<WalkOrder::PostOrder, mlir::ReverseIterator>([&](Operation *op) {
      if (isa<ContractOp, ConstantOp, DeltaOp, ConjOp>(op) && op->use_empty())
        rewriter.eraseOp(op);
    });
  }

  void shareEqualOps(SimplifyCounters &counters) {
    ReplacementCounter listener(written);
    IRRewriter rewriter(&getContext(), &listener);
    DominanceInfo dominance(getOperation());
    eliminateCommonSubExpressions(rewriter, dominance, getOperation());
    counters.equalOps += listener.replaced;
  }
};
} // namespace
