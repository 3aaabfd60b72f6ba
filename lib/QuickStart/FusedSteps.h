//===- FusedSteps.h - Steps that run tile by tile -----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/KernelModel/Blocking.h"
#include "tenon/Planner/Tree.h"

#include <vector>

namespace tenon::quick {

/// A loop of the step that reads the fused one, over tiles of one of its result's indices.
struct FusedLoop {
  planner::IndexId index = 0;
  int64_t tile = 1;
};

/// For each node the loops, the outermost first, in which it and the step that reads it are
/// computed together; empty for nodes that are made whole. No step is part of two pairs. The choice
/// is that of tn-fuse (tenon/KernelModel/ChainTiling.h). `orders`: of inner nodes, as
/// chooseStoredOrders returns them. Linear, but for nodes larger than the second cache.
std::vector<std::vector<FusedLoop>>
chooseFusedSteps(const planner::Network &network, const planner::ContractionTree &tree,
                 const planner::NodeIndices &nodeIndices,
                 const std::vector<std::vector<planner::IndexId>> &orders,
                 const cpu::SumFormat &format, const cpu::Processor &processor, int64_t threads);

} // namespace tenon::quick
