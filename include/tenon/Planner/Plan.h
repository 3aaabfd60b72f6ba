//===- Plan.h - One call from network to plan -------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Searches a tree with a strategy, slices it to a memory bound, orders its steps, counts it.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Cost.h"
#include "tenon/Planner/Strategy.h"
#include "tenon/Planner/TimeModel.h"

#include <optional>
#include <string>

namespace tenon::planner {

struct PlanOptions {
  std::string strategy = "auto";
  std::string costModel = "flops";
  /// Of the cost model `combo`.
  double alpha = ComboModel::defaultAlpha;
  /// Of the cost model `time`.
  std::optional<TimeModel> time;
  Budget budget;
  MemoryModel memory;
  SliceOptions slicing;
  /// In `planGraph`: bound on the bytes of all intermediates, in one thread and without
  /// MemoryModel::extraBytes, while networks keep values for others. What exceeds it is computed
  /// again, or not shared; where a network takes more by itself, that much is the bound. None if
  /// empty.
  std::optional<double> keptBytes;
  /// A tree to start from, over the tensors of the network. The tree of a plan without slices is
  /// never worse.
  std::optional<ContractionTree> initial;
  /// Indices that `initial` is sliced over, or the tree of `planTree`; none twice. Where there are
  /// bounds and `initial` keeps them in these slices, or in none if there are none here, the plan
  /// has no more multiply-adds than that, if `costModel` is "flops" and no tensor has a density:
  /// else a plan without slices is judged by its own cost. Slices that do not keep the bounds are
  /// joined by others. Without bounds `planNetwork` slices nothing. Where the smallest peak is
  /// asked for, operations do not count.
  std::vector<IndexId> initialSliced;

  CostModelOptions costModelOptions() const { return {alpha, time ? &*time : nullptr}; }
};

struct Plan {
  ContractionTree tree;
  /// Ascending.
  std::vector<IndexId> sliced;
  TreeCost cost;
};

/// Plans `network`. Errors: an invalid network, an unknown strategy or cost model, an initial tree
/// of another network, a strategy that refuses, a bound that slicing cannot keep.
///
/// Where the budget has a deadline and slices are asked for, three quarters of the time are kept
/// for them.
Result<Plan> planNetwork(const Network &network, const PlanOptions &options,
                         const StrategyRegistry &registry);

/// Slices and counts a tree that the caller has, say from a path; its shape stays as it is
/// unless `reshape` allows reconfiguration between slicings. Slices that it has already stay while
/// bounds can be kept with them, but for indices of extent 1, those that are in no step, and those
/// that would make more than SliceOptions::maxSlices.
Result<Plan> planTree(const Network &network, const ContractionTree &tree,
                      const PlanOptions &options, bool reshape);

} // namespace tenon::planner
