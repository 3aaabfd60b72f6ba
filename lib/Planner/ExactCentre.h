//===- ExactCentre.h - Trees without a root ---------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the planner. A contraction tree without its root: every step is a vertex between three
// sets of leaves, of which the output is one where it has indices. What a step costs follows from
// the three sets alone: the multiply-adds are the elements of the indices that two of them have or
// all three, and a result has those that both sides of its edge have.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ExactParts.h"

namespace tenon::planner {

/// `problem` without a root: what is open belongs to one more leaf, the output, if there is any.
/// Indices of one element are left out.
ExactProblem withOutputAsLeaf(const ExactProblem &problem);

/// The tree of `problem`'s leaves with its root where the output is. `steps`: of a tree with any
/// root, over these leaves and the output as the last one, also where it has no indices.
ExactTree rootedAtOutput(std::vector<Step> steps, const ExactProblem &problem,
                         const CostModel &model);

} // namespace tenon::planner
