//===- GraphSearch.h - Trees that share steps -------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to lib/Planner. Chooses a tree without slices for each network of a graph: of those that
// a search finds for the network by itself, and of those that trees of merged networks give for it.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "MergedNetwork.h"
#include "NodeClasses.h"

#include <vector>

namespace tenon::planner {

/// The trees, by network. Errors as of `planGraph`.
Result<std::vector<ContractionTree>> searchGraph(const NetworkGraph &graph,
                                                 const PlanOptions &options,
                                                 const StrategyRegistry &registry,
                                                 const CostModel &model, NodeClasses &classes);

} // namespace tenon::planner
