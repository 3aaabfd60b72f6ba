//===- ExpectedSearch.h - Better trees for sparse tensors -------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to lib/Planner.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Budget.h"
#include "tenon/Planner/Tree.h"

#include <span>

namespace tenon::planner {

/// Improves a tree by its expected score (scoreExpected). As in `reconfigure`, the subtree over a
/// window of up to 7 nodes is replaced by a cheaper one, dearest step first, until two rounds
/// change nothing. Within a window a set of nodes keeps the cheapest of its trees, with the share
/// of elements that are not zero that this tree leaves; since that share depends on the tree, what
/// is found is not always the best, and is taken only where the whole tree gets better. Never worse
/// than `tree`. Deterministic in the budget's seed while only rounds limit it.
ContractionTree improveExpected(const Network &network, const ContractionTree &tree,
                                const CostModel &model, std::span<const double> log2Extents,
                                const Budget &budget);

} // namespace tenon::planner
