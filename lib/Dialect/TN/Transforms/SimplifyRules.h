//===- SimplifyRules.h - The rules of tn-simplify -----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Each rule looks at one live node and its neighbours, and returns whether it changed the network.
// A node may be dead after a rule that returned true. docs/simplify.md says what each does and why
// it is right.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "SimplifyCounters.h"
#include "SimplifyGraph.h"

namespace tenon::tn::simplify {

/// Rules 2 and 3: diagonals, and sums over indices that only this node has.
bool reduceSingleOperand(Graph &graph, int node, SimplifyCounters &counters);

/// Rule 7: a delta ties its indices and goes.
bool dropDelta(Graph &graph, int node, SimplifyCounters &counters);

/// Rule 8: what the elements of a constant say: zeros off a diagonal tie two indices, ones are no
/// factor.
bool recogniseConstant(Graph &graph, int node, SimplifyCounters &counters);

/// Rule 12: an operand that is zero off a diagonal ties the indices of that diagonal.
bool tieDiagonals(Graph &graph, int node, SimplifyCounters &counters);

/// Rule 13: an isometry and its conjugate, summed over what makes an identity of them, are deltas.
bool cancelIsometry(Graph &graph, int node, SimplifyCounters &counters);

/// Rule 14: two constants whose contraction is an identity are deltas.
bool cancelConstants(Graph &graph, int node, SimplifyCounters &counters);

/// Rule 4: two operands with the same indices become one.
bool mergeDuplicate(Graph &graph, int node, class IndexSetTable &table, SimplifyCounters &counters);

/// Rules 4 and 6: an operand whose indices another operand has, is multiplied into that one.
bool absorbOperand(Graph &graph, int node, SimplifyCounters &counters);

/// Rule 10: two constants that share an index become one that is no larger than the larger.
bool mergeConstants(Graph &graph, int node, SimplifyCounters &counters);

/// Rule 6: rank-0 operands become at most one, and constants among them a factor of another
/// constant.
void gatherScalars(Graph &graph, SimplifyCounters &counters);

/// Rule 10: a network of constants is computed, in the written order, if that is within the limits.
void foldNetwork(Graph &graph, SimplifyCounters &counters);

/// All of them, until none applies.
void runRules(Graph &graph, SimplifyCounters &counters);

/// Finds a live node by the set of its indices. Entries may be out of date; `find` checks them.
class IndexSetTable {
public:
  /// A live node, other than `node`, that has exactly its indices and is a constant exactly if
  /// `isConstant`; −1 where none is known. Time: the rank, times its logarithm.
  int find(const Graph &graph, int node, bool isConstant) const;
  void insert(const Graph &graph, int node);

private:
  std::unordered_map<uint64_t, int> table;
};

} // namespace tenon::tn::simplify
