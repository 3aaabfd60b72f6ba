//===- SliceAnneal.h - Trees annealed together with their slices -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to lib/Planner.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Slicing.h"

#include <optional>
#include <vector>

namespace tenon::planner {

/// log2 of the elements of a result that is likely to keep the limits of memory, if there are any:
/// two or three results are live at once.
std::optional<double> likelyLimit(const Network &network, const SliceOptions &options);

/// Anneals trees together with their slices, with a price on results that are too large, and slices
/// what still is. Of several starts each keeps a best tree of its own, and better ones are annealed
/// more often: what slices cut apart at first stays apart. With a deadline until then, else as
/// often as the best tree's cost is worth. Counts multiply-adds in all slices, with hoisting; never
/// returns a tree that has more of them than a start that keeps the options' limits, or that breaks
/// a limit. Nothing if no tree was found that keeps them. \pre there is a start.
std::optional<SlicedTree> annealSliced(const Network &network, std::vector<SlicedTree> starts,
                                       const MemoryModel &memory, const SliceOptions &options,
                                       const CostModel &model, const Budget &budget);

} // namespace tenon::planner
