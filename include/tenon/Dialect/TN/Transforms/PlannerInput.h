//===- PlannerInput.h - What the planner is told of contractions ---*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Shared by the pass tn-plan and the tool tenon-plan, so that both plan the same problem.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/KernelModel/Blocking.h"
#include "tenon/Planner/GraphPlan.h"
#include "tenon/Planner/MeasuredTimes.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/MapVector.h"

#include <map>
#include <optional>
#include <tuple>

namespace tenon::tn {

/// The network of a contraction: its tensors are the operands, its indices have the numbers of the
/// operation's. Dynamic extents are those of tn.hint; an extent that is not known, slices
/// without a path, and what Network::validate finds are errors on the operation.
mlir::FailureOr<planner::Network> makePlannerNetwork(ContractOp op);

/// What occupies memory while a contraction runs on `threads` threads. Packing buffers are those of
/// `processor`; empty: they are not counted.
planner::MemoryModel makeMemoryModel(ContractOp op, unsigned threads,
                                     const std::optional<cpu::Processor> &processor);

/// The plan that a contraction brings: its tn.path, its tn.sliced, and more slices where the limits
/// of `options` ask for them. Errors: attributes that are none, and limits that they do not keep.
planner::Result<planner::Plan> followGivenPath(ContractOp op, const planner::Network &network,
                                               const planner::PlanOptions &options);

/// The table of a file; of an empty path, the one that Tenon carries.
planner::Result<planner::MeasuredTimes> readTimes(llvm::StringRef path);

/// The times of a contraction and of what it is planned into, on `threads` threads. The error is a
/// type that the table has no rates for.
planner::Result<planner::TimeModel> makeTimeModel(const planner::MeasuredTimes &times,
                                                  ContractOp op, unsigned threads);

/// Seconds of a contraction of one or two operands as it stands. Dynamic extents count as 1.
double predictSeconds(ContractOp op, const planner::TimeModel &model);

/// Says on `op` why it cannot be planned; of a memory limit, which one could be kept.
void reportPlanningError(ContractOp op, const planner::Error &error);

/// What becomes of the path and the slices that a contraction brings.
enum class GivenPaths {
  /// They are its plan.
  Follow,
  /// Its search starts from them.
  StartFrom
};

/// Contractions of one block, planned together: what two of them have in common is computed once.
class ContractionGraph {
public:
  /// Limits of `options` hold for every contraction that can be sliced. Each contraction has its
  /// own memory model, see `makeMemoryModel`, and its own times, see `makeTimeModel`. Where time is
  /// minimised, all steps are searched by those of the first contraction: a step that two of them
  /// share has one price. `times` outlives the graph.
  ContractionGraph(planner::PlanOptions options, unsigned threads,
                   std::optional<cpu::Processor> processor, const planner::MeasuredTimes &times)
      : options(std::move(options)), threads(threads), processor(processor), times(times) {}

  /// Adds a contraction, which comes after those that were added before; `network` is
  /// makePlannerNetwork's. What followGivenPath refuses is an error on the operation, and so is
  /// what makeTimeModel refuses. One that is not `isLimited` is not sliced; neither is one of no
  /// elements.
  mlir::LogicalResult add(ContractOp op, planner::Network network, bool isLimited,
                          GivenPaths paths = GivenPaths::Follow);

  /// Plans what was added. Errors on the operation concerned; those of a memory limit say which one
  /// could be kept. A search that was cancelled is an error, too.
  mlir::FailureOr<planner::GraphPlan> plan() const;

  /// In the order of the graph's networks.
  llvm::ArrayRef<ContractOp> contractions() const { return ops; }
  const planner::NetworkGraph &networks() const { return graph; }
  /// Of the contraction `number`.
  const planner::TimeModel &timesOf(size_t number) const { return timeModels[number]; }

private:
  planner::ValueId numberOf(mlir::Value value);
  uint32_t kindOf(ContractOp op, mlir::Type elementType);

  planner::PlanOptions options;
  unsigned threads;
  std::optional<cpu::Processor> processor;
  const planner::MeasuredTimes &times;
  llvm::SmallVector<ContractOp> ops;
  std::vector<planner::TimeModel> timeModels;
  planner::NetworkGraph graph;
  llvm::DenseMap<mlir::Value, planner::ValueId> values;
  /// By semiring, accumulation type, signedness and the type of the result.
  std::map<std::tuple<Semiring, const void *, bool, const void *>, uint32_t> kinds;
};

/// The contractions that may be planned together: those of each block, in their order.
llvm::MapVector<mlir::Block *, llvm::SmallVector<ContractOp>>
groupByBlock(llvm::ArrayRef<ContractOp> ops);

} // namespace tenon::tn
