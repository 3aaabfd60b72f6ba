//===- NetworkGraph.h - Several networks as one problem ---------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The networks of a function, in the order in which they are computed, and what they have in
// common: tensors of equal value. Two nodes of trees over them have the same value for sure if they
// are built in the same way from the same values; such nodes are computed once.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Plan.h"

#include <optional>
#include <string>
#include <vector>

namespace tenon::planner {

/// Numbers values: tensors with equal numbers hold equal elements.
using ValueId = uint32_t;

struct GraphNetwork {
  Network network;
  /// What each tensor of the network is. The result of another network is a value like any other;
  /// the networks that read it come later.
  std::vector<ValueId> values;
  /// Steps are shared by networks of equal kinds only: those that multiply, add and round alike.
  uint32_t kind = 0;
  /// The kind of the step that makes the output, which may round to another type.
  uint32_t resultKind = 0;
  /// The same for networks whose kinds are the same.
  MemoryModel memory = {};
  /// A plan that is not to be changed, but for sharing its steps if nothing is sliced.
  std::optional<Plan> given = {};
  /// Where there is no such plan, a tree to start from and its slices, as in PlanOptions.
  std::optional<ContractionTree> initial = {};
  std::vector<IndexId> initialSliced = {};
  /// Whether the limits of slicing hold for this network.
  bool isLimited = true;
};

struct NetworkGraph {
  std::vector<GraphNetwork> networks;

  /// What is wrong with the graph, as an error that names the network, or nothing. O(size).
  [[nodiscard]] std::optional<Error> validate() const;
};

} // namespace tenon::planner
