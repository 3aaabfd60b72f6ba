//===- RepairNode.h - Makes one node valid ------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// repair() goes through the nodes once, in order: each is made valid for what the ones before it
// have become. What is known of those is here.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/DataPlan.h"
#include "tenon/Fuzz/Labels.h"

namespace tenon::fuzz {

/// The elements of a constant: they are printed, and the context keeps them as long as it lives.
inline constexpr uint64_t kConstantElements = 1024;
/// Iterations of one Slice.
inline constexpr uint64_t kIterations = 256;

struct RepairState {
  const GenomeLimits &limits;
  /// The nodes that are valid already, and of each its shape, its dimensions of unknown extent, and
  /// its values if leaves are 0 and 1.
  std::vector<Node> nodes;
  Shapes shapes;
  std::vector<uint16_t> dynamic;
  std::vector<NodeRange> ranges;
  /// Multiplications that later contractions may take.
  uint64_t workLeft;
};

/// Makes `node` a valid one behind those of `state`, and appends it.
void repairNode(Node node, RepairState &state);

/// The same for a Contract or Slice that has at least one node before it; not appended. It may
/// become another kind. Returns the result's dimensions of unknown extent.
uint16_t repairContraction(Node &node, RepairState &state);

/// Drops the passes that are not known, and those that cannot run at the level of IR that the ones
/// before them leave.
void repairPasses(std::vector<PassStep> &passes, unsigned limit);

} // namespace tenon::fuzz
