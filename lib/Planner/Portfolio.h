//===- Portfolio.h - Many starts, annealed ----------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to lib/Planner. No way to find a tree is good on every network, and the tree that is
// best at first is seldom the one that can be improved most. The portfolio keeps the best tree of
// each of several starts, a lineage, and anneals them, the better ones more often.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Greedy.h"
#include "tenon/Planner/Strategy.h"

#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace tenon::planner {

/// A way to make trees; `number` makes them differ. Called from several threads at once.
struct Starter {
  std::string_view name;
  std::function<ContractionTree(uint64_t number)> make;
};

/// The best tree of each kind of start, best first, one at least. Searches from `first`, a tree
/// that is known already, from the request's initial tree if there is one, and from what the
/// starters make.
///
/// With a deadline it works until then. Without, the work follows from the budget's steps and from
/// what the best tree costs to execute, since no search pays that takes longer than that.
std::vector<ScoredTree> searchPortfolio(const Request &request, std::span<const double> log2Extents,
                                        ScoredTree first, std::span<const Starter> starters);

} // namespace tenon::planner
