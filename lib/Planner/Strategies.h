//===- Strategies.h - Makers of the built-in strategies ---------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to lib/Planner: what StrategyRegistry starts with.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Greedy.h"
#include "tenon/Planner/Strategy.h"

#include <memory>

namespace tenon::planner {

std::unique_ptr<Strategy> makeGreedyStrategy();
std::unique_ptr<Strategy> makeRandomGreedyStrategy();
std::unique_ptr<Strategy> makeEliminationStrategy();
std::unique_ptr<Strategy> makeOptimalStrategy();
std::unique_ptr<Strategy> makeAutoStrategy();
std::unique_ptr<Strategy> makeAnnealingStrategy();
std::unique_ptr<Strategy> makeReconfigurationStrategy();
std::unique_ptr<Strategy> makeBisectionStrategy();

/// The best of greedy restarts `first` to `first + count - 1`, on the budget's threads. Stops
/// early, with at least one result, when the budget expires.
ScoredTree bestOfRestarts(const Request &request, std::span<const double> log2Extents,
                          uint64_t first, uint64_t count);

/// The exact search over the whole network, part by part. Fails when the work passes the budget's
/// `exactPairs`, or the budget expires.
Result<ContractionTree> exactTree(const Request &request, std::span<const double> log2Extents);

} // namespace tenon::planner
