//===- PlanArena.cpp - Every buffer gets a place in one block ---------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Codegen/Common/ArenaLayout.h"
#include "tenon/Codegen/Common/Passes.h"
#include "tenon/Dialect/TN/IR/MemoryLimit.h"
#include "tenon/Dialect/TN/IR/PlaceInFile.h"
#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Support/Counters.h"
#include "tenon/Support/DebugLog.h"
#include "tenon/Support/SeededBug.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace tenon {
#define GEN_PASS_DEF_PLANARENA
#include "tenon/Codegen/Common/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;

namespace {
/// Buffers of iterations that may run at once share no pair of cache lines (processors prefetch in pairs).
constexpr int64_t kShareAlignment = 128;

/// Bytes that the buffers of a block need, itself and nested loops included; and where they lie in it.
struct BlockPlan {
  struct Item {
    memref::AllocOp alloc; ///< a buffer of this block …
    Operation *loop = nullptr; ///< … or a loop of this block, with the buffers inside it
    BufferLife life;
    int64_t offset = 0;
  };
  std::vector<Item> items;
  int64_t bytes = 0, bound = 0;
};

struct ArenaCounters : Counters {
  ArenaCounters() : Counters("tenon-plan-arena") {}

  Counter functions{*this, "functions", "schedules"};
  Counter buffers{*this, "buffers", "buffers placed"};
  Counter bufferBytes{*this, "buffer-bytes", "what they would take side by side"};
  Counter bytes{*this, "bytes", "what they take in their arenas"};
  Counter bound{*this, "bound-bytes", "what no placement can go below"};
};

struct PlanArenaPass : tenon::impl::PlanArenaBase<PlanArenaPass> {
  using Base::Base;

  llvm::DenseMap<Block *, BlockPlan> plans;
  llvm::DenseMap<Operation *, int64_t> times;
  SmallVector<memref::DeallocOp> deallocs; ///< of buffers that the arena takes over

  void runOnOperation() override {
    plans.clear();
    times.clear();
    deallocs.clear();
    func::FuncOp function = getOperation();
    if (failed(refuseNamesOfSchedules(function)))
      return signalPassFailure();
    // Private functions are what schedules and kernels call: kernels without a body yet, and with one.
    if (function.isDeclaration() || function.isPrivate() || function->hasAttr("tn.kernel"))
      return;
    if (!function.getBody().hasOneBlock()) {
      function.emitError("tenon-plan-arena: a schedule has structured control flow (scf), found several blocks");
      return signalPassFailure();
    }
    // An arena that is there is the last argument; another one would be taken for a buffer of the caller's.
    if (auto planned = function->getAttrOfType<IntegerAttr>("tn.workspace")) {
      if (failed(checkIsPlanned(function)) || failed(checkLimit(function, planned.getInt())))
        signalPassFailure();
      return;
    }
    Block &body = function.getBody().front();
    int64_t time = 0;
    function.walk<WalkOrder::PreOrder>([&](Operation *op) { times[op] = time++; });
    if (failed(planBlock(&body)))
      return signalPassFailure();
    if (function.getNumResults() > 0) {
      function.emitError() << "tenon-plan-arena: a schedule writes to buffers of its caller, found " << function.getNumResults()
                           << " results; make them arguments first (--tenon-destination-style)";
      return signalPassFailure();
    }
    const BlockPlan &plan = plans[&body];
    if (failed(checkLimit(function, plan.bytes)))
      return signalPassFailure();
    OpBuilder builder(&getContext());
    function->setAttr("tn.workspace", builder.getI64IntegerAttr(plan.bytes));
    function->setAttr("tn.workspace_bound", builder.getI64IntegerAttr(plan.bound));
    Value arena = body.addArgument(MemRefType::get({plan.bytes}, builder.getI8Type()), function.getLoc());
    function.setType(builder.getFunctionType(body.getArgumentTypes(), {}));
    for (memref::DeallocOp dealloc : deallocs)
      dealloc.erase();
    report(function, plan);
    place(&body, arena, {});
  }

  /// The arena becomes an argument of each schedule, which a call would lack, and the type of a constant, in whatever function these are. Of
  /// other functions, which may be planned at the same time, only what the pass changes in none is looked at: names, visibility and whether
  /// there is a body; their attributes, which would tell a public kernel from a schedule, are not.
  static LogicalResult refuseNamesOfSchedules(func::FuncOp function) {
    WalkResult result = function.walk([&](Operation *op) {
      SymbolRefAttr name;
      if (auto call = dyn_cast<func::CallOp>(op))
        name = call.getCalleeAttr();
      else if (auto constant = dyn_cast<func::ConstantOp>(op))
        name = constant.getValueAttr();
      auto named = name ? SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(function, name) : func::FuncOp();
      if (!named || named.isDeclaration() || named.isPrivate())
        return WalkResult::advance();
      op->emitError() << "tenon-plan-arena: expected a function that calls and names none but private ones, found '" << named.getName()
                      << "'; inline it first (--inline)";
      return WalkResult::interrupt();
    });
    return failure(result.wasInterrupted());
  }

  LogicalResult checkLimit(func::FuncOp function, int64_t bytes) {
    if (limit <= 0 || bytes <= limit)
      return success();
    InFlightDiagnostic diagnostic =
        function.emitError() << "tenon-plan-arena: the buffers take " << bytes << " bytes, the limit is " << limit.getValue()
                             << "; plan with a lower memory limit (tn-plan='memory-limit=…'), so that more indices are sliced";
    tn::markMemoryLimit(*diagnostic.getUnderlyingDiagnostic(), 0);
    return failure();
  }

  /// Whether every buffer of a function with an arena is in it.
  static LogicalResult checkIsPlanned(func::FuncOp function) {
    WalkResult walked = function.walk([](memref::AllocOp alloc) {
      alloc.emitError("tenon-plan-arena: expected that the function's arena, which it has already, holds all of its buffers, found one "
                      "outside; run this pass once, when there are no more to come");
      return WalkResult::interrupt();
    });
    return failure(walked.wasInterrupted());
  }

  void report(func::FuncOp function, const BlockPlan &whole) {
    ArenaCounters counters;
    ++counters.functions;
    counters.bytes += whole.bytes;
    counters.bound += whole.bound;
    // In the order of the program, that of the table of plans being one of addresses.
    function.walk<WalkOrder::PreOrder>([&](Block *block) {
      for (const BlockPlan::Item &item : plans[block].items) {
        memref::AllocOp alloc = item.alloc;
        if (!alloc)
          continue;
        ++counters.buffers;
        counters.bufferBytes += item.life.bytes;
        if (isDebugged(DebugArea::Arena))
          DebugLine(DebugArea::Arena) << tn::describePlace(alloc.getLoc()) << ": " << item.life.bytes << " bytes at " << item.offset
                                      << (block == &function.getBody().front() ? "" : " of its loop's block") << ", alive from step "
                                      << item.life.first << " to " << item.life.last;
      }
    });
    Statistics::get().add(counters);
    if (isDebugged(DebugArea::Arena))
      DebugLine(DebugArea::Arena) << "function '" << function.getName() << "': " << whole.bytes << " bytes, at least " << whole.bound;
  }

  /// The operation of `block` that `op` is, or is nested in; null where there is none.
  static Operation *ancestorIn(Block *block, Operation *op) {
    while (op && op->getBlock() != block)
      op = op->getParentOp();
    return op;
  }

  /// Extends `life` by every use of `buffer` and its views, in terms of operations of `block`.
  LogicalResult extendLife(Block *block, Value buffer, BufferLife &life) {
    SmallVector<Value> worklist = {buffer};
    while (!worklist.empty())
      for (OpOperand &use : worklist.pop_back_val().getUses()) {
        Operation *user = use.getOwner();
        // A loop is in use as a whole, whatever it does last with the buffer.
        Operation *ancestor = ancestorIn(block, user);
        if (!ancestor)
          return user->emitError("tenon-plan-arena: a schedule has structured control flow (scf), found a buffer that another block made");
        if (auto dealloc = dyn_cast<memref::DeallocOp>(user))
          deallocs.push_back(dealloc);
        life.first = std::min(life.first, times.lookup(ancestor));
        life.last = std::max(life.last, times.lookup(ancestor));
        if (isa<ViewLikeOpInterface, memref::TransposeOp>(user))
          llvm::append_range(worklist, user->getResults());
        else if (llvm::any_of(user->getResultTypes(), llvm::IsaPred<BaseMemRefType>) || user->hasTrait<OpTrait::ReturnLike>())
          return user->emitError("tenon-plan-arena: the life of a buffer cannot be followed through this operation");
      }
    return success();
  }

  LogicalResult planBlock(Block *block) {
    BlockPlan plan;
    for (Operation &op : *block) {
      if (auto alloc = dyn_cast<memref::AllocOp>(op)) {
        MemRefType type = alloc.getType();
        Type element = type.getElementType();
        if (auto complexType = dyn_cast<ComplexType>(element))
          element = complexType.getElementType();
        if (!element.isIntOrIndexOrFloat())
          return alloc.emitError() << "tenon-plan-arena: expected a buffer of numbers, found " << type;
        if (!type.hasStaticShape() || !type.getLayout().isIdentity())
          return alloc.emitError() << "tenon-plan-arena: expected a contiguous buffer of static extents, found " << type;
        if (type.getMemorySpace())
          return alloc.emitError() << "tenon-plan-arena: expected a buffer in the default memory space, found " << type;
        BlockPlan::Item item;
        item.alloc = alloc;
        int64_t start = times.lookup(&op);
        item.life = {getBytes(type), std::numeric_limits<int64_t>::max(), start};
        if (item.life.bytes < 0)
          return alloc.emitError() << "tenon-plan-arena: a buffer of type " << type << " takes 2^63 bytes or more";
        if (failed(extendLife(block, alloc, item.life)))
          return failure();
        item.life.first = std::min(item.life.first, item.life.last);
        if (isSeeded(SeededBug::LiveBufferReused) && item.life.last > item.life.first)
          --item.life.last;
        plan.items.push_back(item);
        continue;
      }
      for (Region &region : op.getRegions())
        for (Block &inner : region) {
          if (failed(planBlock(&inner)))
            return failure();
          int64_t bytes = plans[&inner].bytes;
          if (bytes == 0)
            continue;
          BlockPlan::Item item;
          item.loop = &op;
          int64_t time = times.lookup(&op);
          std::optional<int64_t> all = bytes;
          if (auto forall = dyn_cast<scf::ForallOp>(op)) {
            all = getIterations(forall);
            int64_t share = llvm::alignTo(bytes, kShareAlignment);
            int64_t product;
            if (!all || llvm::MulOverflow(*all, share, product))
              return forall.emitError("tenon-plan-arena: expected a parallel loop of static extent whose buffers fit 2^63 bytes");
            all = product;
          }
          item.life = {*all, time, time};
          plan.items.push_back(item);
        }
    }
    std::vector<BufferLife> lives;
    for (const BlockPlan::Item &item : plan.items)
      lives.push_back(item.life);
    std::optional<ArenaLayout> layout = layOutArena(lives);
    if (!layout)
      return block->getParentOp()->emitError("tenon-plan-arena: the buffers take 2^63 bytes or more");
    for (auto [item, offset] : llvm::zip_equal(plan.items, layout->offsets))
      item.offset = offset;
    plan.bytes = layout->bytes;
    plan.bound = layout->bound;
    plans[block] = std::move(plan);
    return success();
  }

  static int64_t getBytes(MemRefType type) {
    int64_t bytes = tn::getElementBytes(type.getElementType());
    for (int64_t extent : type.getShape())
      if (llvm::MulOverflow(bytes, extent, bytes))
        return llvm::is_contained(type.getShape(), 0) ? 0 : -1;
    return bytes;
  }

  static std::optional<int64_t> getIterations(scf::ForallOp forall) {
    int64_t product = 1;
    for (auto [low, high, step] :
         llvm::zip_equal(forall.getMixedLowerBound(), forall.getMixedUpperBound(), forall.getMixedStep())) {
      auto l = getConstantIntValue(low), h = getConstantIntValue(high), s = getConstantIntValue(step);
      if (!l || !h || !s || *l != 0 || *s != 1 || llvm::MulOverflow(product, *h, product))
        return std::nullopt;
    }
    return product;
  }

  /// Replaces the buffers of `block` by views of the arena from byte `base` on (null: 0).
  void place(Block *block, Value arena, Value base) {
    const BlockPlan &plan = plans[block];
    for (const BlockPlan::Item &item : plan.items) {
      memref::AllocOp alloc = item.alloc;
      Operation *op = alloc ? alloc.getOperation() : item.loop;
      OpBuilder builder(op);
      Location loc = op->getLoc();
      auto at = [&](OpBuilder &b, Value start, int64_t offset) -> Value {
        if (!start)
          return arith::ConstantIndexOp::create(b, loc, offset);
        if (offset == 0)
          return start;
        return affine::AffineApplyOp::create(b, loc, b.getAffineDimExpr(0) + offset, ValueRange(start));
      };
      if (alloc) {
        Value view = memref::ViewOp::create(builder, loc, alloc.getType(), arena, at(builder, base, item.offset), ValueRange());
        alloc.replaceAllUsesWith(view);
        alloc.erase();
        continue;
      }
      for (Region &region : op->getRegions())
        for (Block &inner : region) {
          if (plans[&inner].bytes == 0)
            continue;
          OpBuilder b = OpBuilder::atBlockBegin(&inner);
          Value start = at(b, base, item.offset);
          if (auto forall = dyn_cast<scf::ForallOp>(op)) {
            int64_t share = llvm::alignTo(plans[&inner].bytes, kShareAlignment);
            // Iterations in row-major order: ((i0 * n1 + i1) * n2 + i2) …
            AffineExpr flat = b.getAffineConstantExpr(0);
            SmallVector<OpFoldResult> bounds = forall.getMixedUpperBound();
            unsigned n = bounds.size();
            for (unsigned d = 0; d < n; ++d)
              flat = flat * *getConstantIntValue(bounds[d]) + b.getAffineDimExpr(d);
            SmallVector<Value> operands(forall.getInductionVars());
            operands.push_back(start);
            start = affine::AffineApplyOp::create(b, loc, flat * share + b.getAffineDimExpr(n), operands);
          }
          place(&inner, arena, start);
        }
    }
  }
};
} // namespace
