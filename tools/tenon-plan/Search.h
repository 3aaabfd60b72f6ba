//===- Search.h - Plans the contractions of a function ----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "PlanOptions.h"

#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Planner/GraphPlan.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

namespace tenon::plan {

/// A better tree, and when a strategy found it.
struct SearchEvent {
  double seconds;
  std::string strategy;
  double log2Cost; ///< in the cost model of the search
};

/// A contraction and what the planner found for it.
struct PlannedContraction {
  tn::ContractOp op;
  planner::Network network;
  planner::MemoryModel memory;
  planner::Plan plan;
  bool isGiven;            ///< it brought its path
  double seconds;          ///< of the search
  double predictedSeconds; ///< of a run
  unsigned threads;
  /// For each strategy, its improvements.
  std::vector<SearchEvent> events;

  /// log2 of how often each step runs: once, or once for each slice.
  std::vector<double> log2Runs() const;
  /// log2 of the extents in one slice. Unlike in searches, an extent of 0 is 0.
  std::vector<double> log2SliceExtents() const;
};

/// A function's contractions, and what they cost together, equal steps counted once.
struct PlannedFunction {
  std::vector<PlannedContraction> contractions;
  planner::GraphCost together;
  double predictedSeconds = 0; ///< of a run of all
};

/// Plans every contraction of `function`, those of one block together, in order. The time limit
/// counts from `start`; contractions share it. `stop` ends searches with the best that they have.
/// Errors name the place.
llvm::Expected<PlannedFunction> planContractions(mlir::func::FuncOp function,
                                                 const PlanRequest &request,
                                                 std::chrono::steady_clock::time_point start,
                                                 const std::atomic<bool> &stop);

} // namespace tenon::plan
