//===- LaneOrders.h - Orders that fill the vectors of results -----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/KernelModel/Blocking.h"
#include "tenon/Planner/Tree.h"

#include <vector>

namespace tenon::quick {

/// Changes the orders of intermediates, as chooseStoredOrders (StoredOrders.h) gives them, so that
/// the lanes of each contraction that packs come from the operand with which it is faster: of a
/// narrow product the longer one. Its indices then are the innermost, in its order where whole vectors
/// of them lie side by side.
/// Walks the steps once, looking at the orders of the operands and at what the next step sums:
/// microseconds for each step, where comparing whole networks takes many.
void giveLanes(const planner::Network &network, const planner::ContractionTree &tree,
               const planner::NodeIndices &nodeIndices, const cpu::SumFormat &format,
               const cpu::Processor &processor, std::vector<std::vector<planner::IndexId>> &orders);

} // namespace tenon::quick
