//===- Reconfigure.h - Exact improvement of subtrees ------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Cuts a subtree of a few leaves out of a contraction tree, replaces it by an optimal one (dense
// dynamic programming, outer products included), and goes on with the next, dearest first, until
// a whole pass improves nothing. The leaves of a subtree are chosen by opening the dearest node
// again and again, and in every second pass at random. Source: Gray and Kourtis (Quantum 5, 410,
// 2021), "subtree reconfiguration".
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Budget.h"
#include "tenon/Planner/Tree.h"

#include <span>

namespace tenon::planner {

/// Improves `tree` under `model`; the result is never worse. `log2Extents` may set the sliced
/// indices to 0. Uses the budget's rounds, leaves, seed, deadline and progress.
ContractionTree reconfigure(const Network &network, const ContractionTree &tree,
                            const CostModel &model, std::span<const double> log2Extents,
                            const Budget &budget);

} // namespace tenon::planner
