//===- OperandDensity.h - How sparse the operands of a network are -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Planner/Network.h"

namespace tenon::tn {

/// Sets the densities of a contraction's planner network (makePlannerNetwork) to what is known of the
/// operands: of constants the count of their elements, up to 2^24, else the least share that their
/// facts leave; conjugates and casts have that of their operand. Nothing under max_plus and min_plus,
/// whose zero is another one. For those who execute plans with sparse tensors: Tenon's own kernels
/// are dense.
void setDensities(ContractOp op, planner::Network &network);

} // namespace tenon::tn
