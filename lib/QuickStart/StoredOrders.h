//===- StoredOrders.h - The order of intermediates' dimensions ----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/KernelModel/Blocking.h"
#include "tenon/Planner/Tree.h"

#include <vector>

namespace tenon::quick {

/// The indices of each inner node of `tree` in the order of its dimensions, the root's as the
/// output has them; empty for leaves. Where the network's arithmetic takes long enough to pay for
/// it, orders are compared by the model of kernels (tenon/KernelModel/Layouts.h); else they follow
/// a rule (tenon/Planner/IndexOrder.h), and of each step's lanes (LaneOrders.h).
std::vector<std::vector<planner::IndexId>>
chooseStoredOrders(const planner::Network &network, const planner::ContractionTree &tree,
                   const planner::NodeIndices &nodeIndices, const cpu::SumFormat &format,
                   const cpu::Processor &processor);

} // namespace tenon::quick
