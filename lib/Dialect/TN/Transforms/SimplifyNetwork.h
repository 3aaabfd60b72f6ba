//===- SimplifyNetwork.h - From the IR to the graph and back ------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "SimplifyCounters.h"
#include "SimplifyGraph.h"

namespace tenon::tn::simplify {

/// Whether the only user of `op` is a contraction (or a conjugation with such a user) in the same
/// block that may take its operands instead: same semiring, same accumulation type, no rounding and
/// no check of extents in between.
bool isInlinable(ContractOp op);

/// Whether the contraction brings its own plan, or is part of a function that tn-plan has planned: it stays as it is.
bool hasPlan(ContractOp op);

/// The network of `op`, with its operands' contractions inlined where `flatten` and isInlinable say
/// so. Time: linear in the number of operands.
Graph buildGraph(ContractOp op, bool flatten, FoldLimits limits, SimplifyCounters &counters);

/// Replaces `op` by what the graph says. Operations that lose their last use by it stay, for the
/// caller to erase. Returns the contraction that the network is now, with its operands' origins;
/// none if it is a constant, or a value that was there.
struct Written {
  ContractOp op;
  /// Of each operand, a number of Graph::origins, or −1.
  llvm::SmallVector<int> origins;
};
std::optional<Written> writeBack(const Graph &graph, ContractOp op, mlir::RewriterBase &rewriter);

/// The constant attribute of a value, or null.
mlir::ElementsAttr getConstantValue(mlir::Value value);

} // namespace tenon::tn::simplify
