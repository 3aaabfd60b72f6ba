//===- PlannerInput.h - What the planner is told of a contraction --*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Shared by the pass tn-plan and the tool tenon-plan, so that both plan the same problem.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/KernelModel/Blocking.h"
#include "tenon/Planner/Plan.h"

#include <optional>

namespace tenon::tn {

/// The network of a contraction: its tensors are the operands, its indices have the numbers of the
/// operation's. Dynamic extents are those of tn.hint; an extent that is not known, slices
/// without a path, and what Network::validate finds are errors on the operation.
mlir::FailureOr<planner::Network> makePlannerNetwork(ContractOp op);

/// What occupies memory while a contraction runs on `threads` threads. Packing buffers are those of
/// `processor`; empty: they are not counted.
planner::MemoryModel makeMemoryModel(ContractOp op, unsigned threads,
                                     const std::optional<cpu::Processor> &processor);

/// The plan that a contraction brings: its tn.path, its tn.sliced, and more slices where the limits
/// of `options` ask for them. Errors: attributes that are none, and limits that they do not keep.
planner::Result<planner::Plan> followGivenPath(ContractOp op, const planner::Network &network,
                                               const planner::PlanOptions &options);

/// A first guess in seconds, from rates that a present-day core reaches: 100 GFLOP/s on f32 and
/// half of it on f64, and 20 GB/s for writing a result once and reading it once. Threads share the
/// work evenly. `writes`: elements.
double estimateSeconds(mlir::Type accumulation, double multiplyAdds, double writes,
                       unsigned threads);

} // namespace tenon::tn
