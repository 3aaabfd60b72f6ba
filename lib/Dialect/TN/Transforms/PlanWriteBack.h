//===- PlanWriteBack.h - A contraction tree becomes IR ------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to tn-plan.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Planner/Plan.h"

namespace tenon::tn {

/// Builds the tree of a plan of `op` at the builder's insertion point: binary contractions, those that depend on a sliced index
/// inside a tn.slice. `network` is the one that was planned; its tensors are the operands, its indices have the numbers of the
/// operation's. Returns the value of the result. Linear in the sum of the ranks of all nodes.
mlir::Value writeBackPlan(mlir::OpBuilder &builder, ContractOp op, const planner::Network &network, const planner::Plan &plan);

} // namespace tenon::tn
