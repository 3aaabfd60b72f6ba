//===- Guards.cpp - Known defects of passes, as IR meets them -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/AnyOperation.h"
#include "tenon/Fuzz/TextMutation.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

/// Folds of one operation, one after another.
static constexpr unsigned kMostFolds = 4;

bool tenon::fuzz::isSeenInIr(GuardWhen when) {
  return when == GuardWhen::MapReadsInit || when == GuardWhen::ReadsDestination ||
         when == GuardWhen::Calls || when == GuardWhen::RegionsInAffineLoops ||
         when == GuardWhen::FoldedBuffers || when == GuardWhen::BuffersInOtherBlocks ||
         when == GuardWhen::FreedBuffersLeft;
}

static bool readsDestination(Operation *op) {
  auto style = dyn_cast<linalg::LinalgOp>(op);
  return style && style.getNumParallelLoops() == style.getNumLoops() &&
         llvm::any_of(style.getRegionOutputArgs(),
                      [](BlockArgument arg) { return !arg.use_empty(); });
}

/// Whether the regions of an operation read what an affine loop around it makes. Of operations that
/// are affine themselves upstream looks into the regions.
static bool regionsReadAffineLoop(Operation *op) {
  if (op->getNumRegions() == 0 || isa_and_nonnull<affine::AffineDialect>(op->getDialect()))
    return false;
  for (auto loop = op->getParentOfType<affine::AffineForOp>(); loop;
       loop = loop->getParentOfType<affine::AffineForOp>()) {
    bool readsLoop = false;
    visitUsedValuesDefinedAbove(op->getRegions(), [&](OpOperand *operand) {
      readsLoop |= loop.getRegion().isAncestor(operand->get().getParentRegion());
    });
    if (readsLoop)
      return true;
  }
  return false;
}

/// Whether an operation that makes a buffer folds to another one: of a copy, which is in no block.
/// Of operations with regions affine loops do, to what they carry.
static bool foldsToBuffer(Operation *op) {
  if (!isa<affine::AffineForOp>(op) && (op->getNumResults() != 1 || op->getNumRegions() != 0))
    return false;
  if (!llvm::any_of(op->getResultTypes(), llvm::IsaPred<BaseMemRefType>))
    return false;
  Operation *copy = op->clone();
  SmallVector<OpFoldResult> folded;
  // It may be changed in place first, as casts of casts are.
  for (unsigned tries = 0; tries < kMostFolds && folded.empty(); ++tries)
    if (failed(copy->fold(folded)))
      break;
  copy->destroy();
  return !folded.empty();
}

/// Whether an operation with regions makes a buffer that another block reads.
static bool isReadInAnotherBlock(Operation *op) {
  return op->getNumRegions() != 0 && llvm::any_of(op->getResults(), [&](Value result) {
           return isa<BaseMemRefType>(result.getType()) &&
                  llvm::any_of(result.getUsers(), [&](Operation *user) {
                    return !op->getBlock()->findAncestorOpInBlock(*user);
                  });
         });
}

/// Whether an operation frees a buffer that the end of its block, where it was allocated, hands on:
/// itself, a view, or what regions or blocks yield of it.
static bool freesWhatIsLeft(Operation *op) {
  auto free = dyn_cast<memref::DeallocOp>(op);
  auto alloc = free ? free.getMemref().getDefiningOp<memref::AllocOp>() : memref::AllocOp();
  auto function = free ? free->getParentOfType<func::FuncOp>() : func::FuncOp();
  if (!alloc || !function || alloc->getBlock() != op->getBlock())
    return false;
  BufferViewFlowAnalysis::ValueSetT buffers =
      BufferViewFlowAnalysis(function).resolve(alloc.getResult());
  return llvm::any_of(op->getBlock()->back().getOperands(),
                      [&](Value left) { return buffers.contains(left); });
}

/// Whether an operation is what a guard looks for.
static bool isMet(GuardWhen when, Operation *op) {
  switch (when) {
  case GuardWhen::Calls:
    return isa<func::CallOp>(op);
  case GuardWhen::RegionsInAffineLoops:
    return regionsReadAffineLoop(op);
  case GuardWhen::ReadsDestination:
    return readsDestination(op);
  case GuardWhen::MapReadsInit:
    return isa<linalg::MapOp>(op) && readsDestination(op);
  case GuardWhen::FoldedBuffers:
    return foldsToBuffer(op);
  case GuardWhen::BuffersInOtherBlocks:
    return isReadInAnotherBlock(op);
  case GuardWhen::FreedBuffersLeft:
    return freesWhatIsLeft(op);
  default:
    return false;
  }
}

/// Whether an operation names a function whose type bufferization changes.
static bool namesFunctionOnTensors(Operation *op) {
  auto name = dyn_cast<func::ConstantOp>(op);
  auto type = name ? dyn_cast<FunctionType>(name.getType()) : FunctionType();
  auto isTensor = [](Type each) { return isa<TensorType>(each); };
  return type &&
         (llvm::any_of(type.getInputs(), isTensor) || llvm::any_of(type.getResults(), isTensor));
}

/// Whether an operation makes a buffer that is empty, with a layout.
static bool makesEmptyLayout(Operation *op) {
  auto type = isa<memref::AllocOp, memref::AllocaOp>(op)
                  ? cast<MemRefType>(op->getResult(0).getType())
                  : MemRefType();
  return type && !type.getLayout().isIdentity() && llvm::is_contained(type.getShape(), 0);
}

/// Whether an operation is a quotient of tensors of open extents, or of any rank, that is rounded
/// up or down.
static bool dividesOpenTensors(Operation *op) {
  if (!isa<arith::CeilDivSIOp, arith::CeilDivUIOp, arith::FloorDivSIOp>(op))
    return false;
  auto type = dyn_cast<TensorType>(op->getResult(0).getType());
  return type && !type.hasStaticShape();
}

std::string_view tenon::fuzz::guardOf(const PassStep &step, ModuleOp module) {
  const PassDescription *pass = findPass(step.name);
  if (!pass)
    return {};
  // What asks for folded buffers are the operations that free.
  bool isIdle = pass->guardWhen == GuardWhen::FoldedBuffers &&
                !anyOperation(module, llvm::IsaPred<bufferization::DeallocOp>);
  if (!pass->guard.empty() && !isIdle &&
      anyOperation(module, [&](Operation *op) { return isMet(pass->guardWhen, op); }))
    return pass->guard;
  if (step.name == "normalize-memrefs" && anyOperation(module, makesEmptyLayout))
    return "D45";
  if (step.name == "arith-expand" && anyOperation(module, dividesOpenTensors))
    return "D46";
  bool crossesFunctions = step.name == "one-shot-bufferize" &&
                          optionOf(step, "bufferize-function-boundaries") == "true";
  if (!crossesFunctions)
    return {};
  // It copies all that is written, and reads an analysis that it has not made.
  if (optionOf(step, "copy-before-write") == "true" &&
      anyOperation(module, [](Operation *op) { return isa<func::CallOp>(op); }))
    return "D36";
  return anyOperation(module, namesFunctionOnTensors) ? "D41" : "";
}

void tenon::fuzz::removeGuarded(std::vector<PassStep> &passes, ModuleOp module) {
  std::erase_if(passes, [&](const PassStep &step) { return !guardOf(step, module).empty(); });
}
