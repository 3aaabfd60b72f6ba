//===- TakenSteps.h - The steps that tn-simplify took --------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Where tn-simplify multiplies operands of a network ahead, the contraction that remains has fewer.
// A path over those says nothing to whoever stated the network. So the contraction may keep, in two
// attributes, how its operands come from the network's operands as they were read, in the order of
// reading (an operand that is a contraction which is joined stands for its own operands):
//
//   tn.taken = array<i64: a0, b0, a1, b1, …>   the steps taken, in SSA form: of n operands as read,
//                                              step k makes number n + k
//   tn.nodes = array<i64: …>                   the number that each operand of the contraction is,
//                                              or −1 where it is made of none
//
// A number is used once, and all are; so n is the number of steps + that of the nodes that are not
// −1. An operand that goes without being multiplied, an identity matrix say, is a step with a
// tensor that has one of its indices. docs/simplify.md has more.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "SimplifyGraph.h"

#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Planner/Tree.h"

namespace tenon::tn {

struct TakenSteps {
  llvm::SmallVector<int64_t> steps;
  llvm::SmallVector<int64_t> nodes;
};

/// The steps by which the operands with these origins (−1: none) were made. What the graph read and
/// none of them has is joined to the first one that has an origin. Linear in the number of origins.
TakenSteps takenSteps(const simplify::Graph &graph, llvm::ArrayRef<int> origins);

bool hasTakenSteps(ContractOp op);
void setTakenSteps(ContractOp op, const TakenSteps &taken);
void removeTakenSteps(ContractOp op);

/// The steps taken, and then those of `tree`, a tree over the contraction's operands: a tree over
/// the operands as they were read. Emits an error where the attributes are not as above.
mlir::FailureOr<planner::ContractionTree> addTakenSteps(ContractOp op,
                                                        const planner::ContractionTree &tree);

} // namespace tenon::tn
