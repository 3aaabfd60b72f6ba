//===- SimplifyCounters.h - What tn-simplify counts ---------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Support/Counters.h"

namespace tenon::tn::simplify {

struct SimplifyCounters : Counters {
  SimplifyCounters() : Counters("tn-simplify") {}

  Counter networks{*this, "networks", "contractions simplified, with what was flattened into them"};
  Counter operandsBefore{*this, "operands-before", "their operands"};
  Counter operandsAfter{*this, "operands-after", "operands that are left to plan"};
  Counter flattened{*this, "flattened", "contractions merged into their only user"};
  Counter conjugates{*this, "conjugates", "conjugates pushed into constants and operands"};
  Counter unitIndices{*this, "unit-indices", "indices of extent 1 dropped"};
  Counter diagonals{*this, "diagonals", "operands replaced by a diagonal"};
  Counter reductions{*this, "reductions", "operands summed over indices that they have alone"};
  Counter deltas{*this, "deltas", "copy tensors dropped or shrunk by tying their indices"};
  Counter diagonalConstants{*this, "diagonal-constants",
                            "pairs of indices tied by the zeros of a constant"};
  Counter onesConstants{*this, "ones-constants", "constants of ones dropped"};
  Counter diagonalOperands{*this, "diagonal-operands",
                           "pairs of indices tied by a fact of an operand"};
  Counter isometries{*this, "isometries", "operands that met their conjugate and became identities"};
  Counter inverseConstants{*this, "inverse-constants",
                           "pairs of constants whose product is an identity"};
  Counter duplicates{*this, "duplicates", "operands multiplied into one with the same indices"};
  Counter absorbed{*this, "absorbed", "operands multiplied into one with more indices"};
  Counter mergedConstants{*this, "merged-constants", "constants contracted with a neighbour"};
  Counter scalars{*this, "scalars", "rank-0 operands dropped or multiplied into another"};
  Counter folded{*this, "folded", "contractions computed at compile time"};
  Counter equalConstants{*this, "equal-constants", "constants replaced by an equal one"};
  Counter equalOps{*this, "equal-ops", "operations replaced by an equal one"};
};

} // namespace tenon::tn::simplify
