//===- PlannerGraph.cpp - Contractions that are planned together ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Dialect/TN/Transforms/PlannerInput.h"
#include "tenon/Support/SeededBug.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

planner::ValueId ContractionGraph::numberOf(Value value) {
  return values.try_emplace(value, static_cast<planner::ValueId>(values.size())).first->second;
}

uint32_t ContractionGraph::kindOf(ContractOp op, Type elementType) {
  Semiring semiring =
      isSeeded(SeededBug::SharingIgnoresType) ? Semiring::PlusTimes : op.getSemiring();
  std::tuple key(semiring, op.getAccumulationType().getAsOpaquePointer(), op.getIsUnsigned(),
                 elementType.getAsOpaquePointer());
  return kinds.try_emplace(key, static_cast<uint32_t>(kinds.size())).first->second;
}

static bool hasEmptyExtent(const planner::Network &network) {
  for (planner::IndexId index = 0; index < network.numIndices(); ++index)
    if (network.extent(index) == 0)
      return true;
  return false;
}

LogicalResult ContractionGraph::add(ContractOp op, planner::Network network, bool isLimited,
                                    GivenPaths paths) {
  // With an extent of 0 nothing is computed, and there is nothing to slice.
  if (hasEmptyExtent(network)) {
    isLimited = false;
    op->removeAttr("tn.sliced");
  }
  planner::GraphNetwork part{std::move(network), {}};
  for (Value operand : op.getInputs())
    part.values.push_back(numberOf(operand));
  part.kind = kindOf(op, op.getAccumulationType());
  part.resultKind = kindOf(op, op.getResultType().getElementType());
  part.memory = makeMemoryModel(op, threads, processor);
  part.isLimited = isLimited;
  planner::Result<planner::TimeModel> time = makeTimeModel(times, op, threads);
  if (!time)
    return op.emitOpError() << "cannot be planned: " << time.error();
  if (!options.time)
    options.time = *time;
  if (op->hasAttr("tn.path")) {
    planner::PlanOptions own = options;
    own.memory = part.memory;
    // A start need not keep limits.
    if (!isLimited || paths == GivenPaths::StartFrom)
      own.slicing = planner::SliceOptions();
    planner::Result<planner::Plan> given = followGivenPath(op, part.network, own);
    if (!given) {
      reportPlanningError(op, given.fullError());
      return failure();
    }
    if (paths == GivenPaths::Follow) {
      part.given = std::move(*given);
    } else {
      part.initial = std::move(given->tree);
      part.initialSliced = std::move(given->sliced);
    }
  }
  ops.push_back(op);
  timeModels.push_back(std::move(*time));
  graph.networks.push_back(std::move(part));
  return success();
}

FailureOr<planner::GraphPlan> ContractionGraph::plan() const {
  planner::Result<planner::GraphPlan> plan =
      planner::planGraph(graph, options, planner::StrategyRegistry());
  // What a search has found so far when it is stopped is no plan that equal inputs give again.
  const Cancellation *cancellation = options.budget.cancellation;
  if (cancellation && cancellation->wasRequested())
    return ContractOp(ops.front()).emitOpError("cannot be planned: the compilation was cancelled");
  if (plan)
    return std::move(*plan);
  reportPlanningError(ops[plan.fullError().network], plan.fullError());
  return failure();
}

llvm::MapVector<Block *, SmallVector<ContractOp>> tn::groupByBlock(ArrayRef<ContractOp> ops) {
  llvm::MapVector<Block *, SmallVector<ContractOp>> groups;
  for (ContractOp op : ops)
    groups[op->getBlock()].push_back(op);
  return groups;
}
