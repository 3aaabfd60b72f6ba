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

/// The table of a file; of an empty path, the one that Tenon carries.
planner::Result<planner::TimeTable> readTimeTable(llvm::StringRef path);

/// The times of a contraction and of what it is planned into, on `threads` threads. The error is a
/// type that the table has no rates for.
planner::Result<planner::TimeModel> makeTimeModel(const planner::TimeTable &table, ContractOp op,
                                                  unsigned threads);

/// Seconds of a contraction of one or two operands as it stands. Dynamic extents count as 1.
double predictSeconds(ContractOp op, const planner::TimeModel &model);

} // namespace tenon::tn
