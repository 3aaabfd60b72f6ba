//===- IndexOrder.h - In which order intermediates are stored ---*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Tree.h"

#include <vector>

namespace tenon::planner {

/// The indices of each node of `tree` in the order of its dimensions, outermost first; empty for
/// leaves, whose order is their tensor's. Those that the next step sums come first, so that they
/// lie together in both operands, then the others by the step that sums them: what lives longest
/// is innermost. The root has the order of the output. O(n r log r) for ranks r.
std::vector<std::vector<IndexId>> orderIntermediates(const Network &network,
                                                     const ContractionTree &tree,
                                                     const NodeIndices &nodeIndices);

} // namespace tenon::planner
