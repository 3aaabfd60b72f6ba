//===- Fuse.cpp - The pass tn-fuse ----------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "PackingModel.h"
#include "TileChain.h"
#include "tenon/Dialect/TN/IR/FusedMark.h"
#include "tenon/Dialect/TN/IR/PlaceInFile.h"
#include "tenon/Dialect/TN/Transforms/Passes.h"
#include "tenon/KernelModel/ChainTiling.h"
#include "tenon/Support/Counters.h"
#include "tenon/Support/DebugLog.h"
#include "tenon/Support/SeededBug.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Dominance.h"
#include "mlir/Transforms/CSE.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"

namespace tenon::tn {
#define GEN_PASS_DEF_TNFUSE
#include "tenon/Dialect/TN/Transforms/Passes.h.inc"
} // namespace tenon::tn

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

namespace {
struct FuseCounters : Counters {
  FuseCounters() : Counters("tn-fuse") {}

  Counter chains{*this, "chains", "pairs of operations, of which the second alone reads the first"};
  Counter fused{*this, "fused", "of these, pairs that run tile by tile"};
  Counter tiles{*this, "tiles", "their tiles"};
  Counter bytes{*this, "bytes", "of the tensors between them"};
  Counter kept{*this, "kept-bytes", "of these, what exists at a time, for each thread"};
};

/// An operation whose every tensor is walked along some of its loops, each dimension along one.
struct Step {
  Operation *op = nullptr;
  SmallVector<SmallVector<int64_t>> inputs; ///< indices of the dimensions
  SmallVector<int64_t> result;
  SmallVector<int64_t> extents; ///< of the indices
  SmallVector<unsigned> loops;  ///< of the result's dimensions, in the iteration domain
  Type accumulation;

  static std::optional<Step> get(Operation *op);
  Value input(unsigned number) const {
    if (auto style = dyn_cast<linalg::LinalgOp>(op))
      return style.getDpsInputs()[number];
    return op->getOperand(number);
  }
};

/// A pair of operations that may run tile by tile.
struct Candidate {
  Step first, second;
  cpu::ContractionChain chain;
  cpu::ChainTiling tiling;
};
} // namespace

static bool isDistinct(ArrayRef<int64_t> list) {
  SmallVector<int64_t> sorted(list);
  llvm::sort(sorted);
  return std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
}

/// nullopt for operations of other kinds, with dynamic or empty extents, or that read diagonals.
std::optional<Step> Step::get(Operation *op) {
  Step step;
  step.op = op;
  if (auto contract = dyn_cast<ContractOp>(op)) {
    for (ArrayRef<int64_t> list : contract.getOperandIndexLists())
      step.inputs.emplace_back(list);
    step.result.assign(contract.getResultIndices().begin(), contract.getResultIndices().end());
    step.extents.assign(contract.getIndexExtents());
    llvm::append_range(step.loops, llvm::seq<unsigned>(0, step.result.size()));
    step.accumulation = contract.getAccumulationType();
    if (!contract.getResultType().hasStaticShape())
      return std::nullopt;
  } else if (auto conj = dyn_cast<ConjOp>(op)) {
    auto type = cast<RankedTensorType>(conj.getType());
    step.result = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
    step.inputs.push_back(step.result);
    step.extents.assign(type.getShape().begin(), type.getShape().end());
    llvm::append_range(step.loops, llvm::seq<unsigned>(0, type.getRank()));
    step.accumulation = type.getElementType();
  } else if (auto generic = dyn_cast<linalg::LinalgOp>(op)) {
    // The position of a loop is no constant, which bodies of kernels would need.
    if (!generic.hasPureTensorSemantics() || generic.hasIndexSemantics() ||
        op->getNumResults() != 1 || !isa<TilingInterface>(op))
      return std::nullopt;
    for (OpOperand &operand : op->getOpOperands()) {
      AffineMap map = generic.getMatchingIndexingMap(&operand);
      auto type = dyn_cast<RankedTensorType>(operand.get().getType());
      if (!type || !type.hasStaticShape() || !map.isProjectedPermutation())
        return std::nullopt;
      SmallVector<int64_t> list;
      for (AffineExpr expr : map.getResults())
        list.push_back(cast<AffineDimExpr>(expr).getPosition());
      (generic.isDpsInput(&operand) ? step.inputs.emplace_back() : step.result) = list;
    }
    step.extents = generic.getStaticLoopRanges();
    llvm::append_range(step.loops, step.result);
    step.accumulation = getElementTypeOrSelf(op->getResult(0).getType());
  } else {
    return std::nullopt;
  }
  if (step.inputs.empty() || step.inputs.size() > 2 ||
      llvm::any_of(step.extents, [](int64_t extent) { return extent <= 0; }) ||
      !llvm::all_of(step.inputs, isDistinct) || !isDistinct(step.result))
    return std::nullopt;
  return step;
}

namespace {
struct FusePass : tn::impl::TNFuseBase<FusePass> {
  using Base::Base;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    std::optional<cpu::Processor> processor = cpu::Processor::fromText(packing);
    if (!processor || threads < 1 || llvm::any_of(tiles, [](int64_t tile) { return tile < 0; })) {
      function.emitError() << "tn-fuse: "
                           << (!processor ? "packing is six numbers of a processor, as in "
                                            "512/32/1/32768/1048576/16777216; found '" +
                                                packing + "'"
                               : threads < 1
                                   ? "threads must be at least 1, found " + std::to_string(threads)
                                   : std::string("a tile is a number of positions, 0 "
                                                 "for all; found a negative one"));
      return signalPassFailure();
    }
    FuseCounters counters;
    std::vector<Candidate> candidates;
    function.walk([&](Operation *op) {
      std::optional<Step> second = Step::get(op);
      if (!second)
        return;
      for (unsigned number = 0; number < second->inputs.size(); ++number) {
        Operation *maker = second->input(number).getDefiningOp();
        std::optional<Step> first = maker ? Step::get(maker) : std::nullopt;
        if (!first || !isChain(*first, *second))
          continue;
        ++counters.chains;
        addCandidate(*first, *second, number, *processor, candidates);
      }
    });
    // The largest gain first; a contraction is part of one pair.
    llvm::stable_sort(candidates, [](const Candidate &a, const Candidate &b) {
      return a.tiling.gain() > b.tiling.gain();
    });
    llvm::SmallPtrSet<Operation *, 16> taken;
    IRRewriter rewriter(&getContext());
    for (const Candidate &candidate : candidates) {
      if (taken.contains(candidate.first.op) || taken.contains(candidate.second.op))
        continue;
      taken.insert(candidate.first.op);
      taken.insert(candidate.second.op);
      if (failed(fuse(rewriter, candidate, counters)))
        return signalPassFailure();
    }
    if (counters.fused.get() > 0)
      mergeOffsets(rewriter);
    Statistics::get().add(counters);
  }

private:
  /// Bufferization takes a part that is read and the part that is written for one if their offsets
  /// are the same values.
  void mergeOffsets(IRRewriter &rewriter) {
    DominanceInfo dominance(getOperation());
    getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (!op->hasAttr(kFusedMark) && !isa<scf::ForallOp>(op))
        return WalkResult::advance();
      eliminateCommonSubExpressions(rewriter, dominance, op);
      return WalkResult::skip();
    });
  }

  static bool isChain(const Step &first, const Step &second) {
    if (!first.op->hasOneUse() || first.op->getBlock() != second.op->getBlock() ||
        (!isa<ContractOp>(first.op) && !isa<ContractOp>(second.op)))
      return false;
    // A contraction conjugates what it reads by itself.
    auto isContraction = [](Operation *op) { return isa<ContractOp>(op); };
    if (isa<ConjOp>(first.op) ||
        (isa<ConjOp>(second.op) && llvm::any_of(second.op->getUsers(), isContraction)))
      return false;
    // What a slice yields is added to the sum as it is made.
    if (llvm::any_of(second.op->getUsers(), llvm::IsaPred<tn::YieldOp>))
      return false;
    // Tiles overwrite the destination while others are still to be read.
    if (auto style = dyn_cast<DestinationStyleOpInterface>(second.op);
        style && !isSeeded(SeededBug::DestinationReadElsewhere)) {
      Value overwritten = style.getDpsInits().front();
      auto inputsOf = [](const Step &step) { return step.op->getOperands(); };
      if (llvm::is_contained(inputsOf(first), overwritten) ||
          llvm::count(inputsOf(second), overwritten) > 1)
        return false;
    }
    // The operands of the first live until the second runs: no more may live than before.
    auto bytesOf = [](Value value) {
      auto type = cast<RankedTensorType>(value.getType());
      return static_cast<double>(type.getNumElements()) *
             static_cast<double>(getElementBytes(type.getElementType()));
    };
    double operands = 0;
    for (unsigned number = 0; number < first.inputs.size(); ++number)
      if (Value input = first.input(number); !isa<BlockArgument>(input))
        operands += bytesOf(input);
    return operands <= bytesOf(first.op->getResult(0));
  }

  /// Loops inside a parallel loop run in sequence, and slices are one.
  int64_t getThreads(Operation *op) {
    return op->getParentOfType<SliceOp>() || op->getParentOfType<scf::ForallOp>() ? 1 : threads;
  }

  /// Both operations over one set of indices: the numbers of the first one's, then others. An
  /// operand that is not there is a scalar.
  static cpu::ContractionChain makeChain(const Step &first, const Step &second, unsigned between) {
    cpu::ContractionChain chain;
    chain.extents.assign(first.extents.begin(), first.extents.end());
    chain.lhs.assign(first.inputs[0].begin(), first.inputs[0].end());
    if (first.inputs.size() > 1)
      chain.rhs.assign(first.inputs[1].begin(), first.inputs[1].end());
    chain.between.assign(first.result.begin(), first.result.end());
    SmallVector<int32_t> number(second.extents.size(), -1);
    for (auto [index, known] : llvm::zip_equal(second.inputs[between], first.result))
      number[index] = static_cast<int32_t>(known);
    for (auto [index, extent] : llvm::enumerate(second.extents))
      if (number[index] < 0) {
        number[index] = static_cast<int32_t>(chain.extents.size());
        chain.extents.push_back(extent);
      }
    if (second.inputs.size() > 1)
      for (int64_t index : second.inputs[1 - between])
        chain.other.push_back(number[index]);
    for (int64_t index : second.result)
      chain.result.push_back(number[index]);
    auto bytesOf = [](Value value) {
      return getElementBytes(cast<RankedTensorType>(value.getType()).getElementType());
    };
    chain.elementBytes = {bytesOf(first.input(0)), bytesOf(first.input(first.inputs.size() - 1)),
                          bytesOf(first.op->getResult(0)),
                          bytesOf(second.input(second.inputs.size() - 1 - between)),
                          bytesOf(second.op->getResult(0))};
    auto isMap = [](const Step &step) {
      return !isa<ContractOp>(step.op) || step.inputs.size() == 1;
    };
    chain.isMap = {isMap(first), isMap(second)};
    chain.sums = {getSumFormat(first.accumulation), getSumFormat(second.accumulation)};
    return chain;
  }

  void addCandidate(const Step &first, const Step &second, unsigned between,
                    const cpu::Processor &processor, std::vector<Candidate> &candidates) {
    Candidate candidate{first, second, makeChain(first, second, between), {}};
    const int64_t lanes = getThreads(second.op);
    const cpu::ContractionChain &chain = candidate.chain;
    if (tiles.empty()) {
      std::optional<cpu::ChainTiling> tiling = cpu::chooseChainTiling(chain, processor, lanes);
      if (!tiling)
        return;
      candidate.tiling = std::move(*tiling);
    } else {
      std::vector<int64_t> tile = chain.extents;
      for (auto [index, wanted] : llvm::zip(chain.keptIndices(), ArrayRef<int64_t>(tiles)))
        if (wanted > 0)
          tile[index] = std::min(tile[index], wanted);
      candidate.tiling = cpu::makeChainTiling(chain, std::move(tile), processor, lanes);
      if (candidate.tiling.loops.empty())
        return;
    }
    candidates.push_back(std::move(candidate));
  }

  LogicalResult fuse(IRRewriter &rewriter, const Candidate &candidate, FuseCounters &counters) {
    Operation *first = candidate.first.op, *second = candidate.second.op;
    const cpu::ContractionChain &chain = candidate.chain;
    count(candidate, counters);
    if (isDebugged(DebugArea::Fusion))
      describe(candidate);

    SmallVector<TiledLoop> loops;
    for (int32_t index : candidate.tiling.loops) {
      size_t dim = llvm::find(chain.result, index) - chain.result.begin();
      loops.push_back(
          {candidate.second.loops[dim], 0, chain.extents[index], candidate.tiling.tile[index]});
    }
    rewriter.setInsertionPoint(second);
    TiledChain tiled;
    tiled.consumer = cast<TilingInterface>(second);
    tiled.producers.insert(first);
    FailureOr<Value> destination =
        tensor::getOrCreateDestination(rewriter, second->getLoc(), second->getResult(0));
    if (failed(destination))
      return failure();
    const int64_t lanes = getThreads(second);
    unsigned shared = 0;
    cpu::LoopShare best;
    for (auto [number, loop] : llvm::enumerate(loops))
      if (cpu::LoopShare share = cpu::shareLoop(loop.end, loop.tile, lanes);
          share.efficiency > best.efficiency) {
        best = share;
        shared = static_cast<unsigned>(number);
      }
    FailureOr<Value> result =
        lanes > 1 && best.share > 0
            ? tileChainOnThreads(rewriter, tiled, loops, shared, best.share, lanes, *destination)
            : tileChain(rewriter, tiled, loops, *destination);
    if (failed(result))
      return second->emitOpError("tn-fuse: its tiles cannot be made");
    rewriter.replaceOp(second, *result);
    rewriter.eraseOp(first);
    return success();
  }

  static int64_t countBytes(const Candidate &candidate, ArrayRef<int64_t> extents) {
    int64_t bytes = candidate.chain.elementBytes[2];
    for (int32_t index : candidate.chain.between)
      bytes *= extents[index];
    return bytes;
  }

  static int64_t countTiles(const Candidate &candidate) {
    int64_t tiles = 1;
    for (int32_t index : candidate.tiling.loops)
      tiles *= llvm::divideCeil(candidate.chain.extents[index], candidate.tiling.tile[index]);
    return tiles;
  }

  static void count(const Candidate &candidate, FuseCounters &counters) {
    ++counters.fused;
    counters.tiles += countTiles(candidate);
    counters.bytes += countBytes(candidate, candidate.chain.extents);
    counters.kept += countBytes(candidate, candidate.tiling.tile);
  }

  static void describe(const Candidate &candidate) {
    DebugLine line(DebugArea::Fusion);
    line << describePlace(candidate.second.op->getLoc()) << ": tiles of";
    for (int32_t index : candidate.tiling.loops) {
      size_t dim = llvm::find(candidate.chain.result, index) - candidate.chain.result.begin();
      if (auto contract = dyn_cast<ContractOp>(candidate.second.op))
        line << ' ' << contract.getIndexName(contract.getResultIndices()[dim]);
      else
        line << " dimension " << dim << ':';
      line << ' ' << candidate.tiling.tile[index] << '/' << candidate.chain.extents[index];
    }
    line << ": " << countBytes(candidate, candidate.tiling.tile) << " of "
         << countBytes(candidate, candidate.chain.extents) << " bytes between two operations, "
         << countTiles(candidate) << " tiles, estimated "
         << llvm::format("%.3f", candidate.tiling.tiled * 1e-6) << " instead of "
         << llvm::format("%.3f", candidate.tiling.whole * 1e-6) << " ms";
  }
};
} // namespace
