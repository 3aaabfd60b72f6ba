//===- SimplifyIndices.cpp - Rules about single operands and deltas ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "SimplifyRules.h"

#include "tenon/Support/SeededBug.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;
using namespace tenon::tn::simplify;

bool simplify::reduceSingleOperand(Graph &graph, int node, SimplifyCounters &counters) {
  bool isDelta = graph.nodes[node].is(Node::Kind::Delta);
  bool isDiagonal = graph.hasRepeatedIndex(node), isSum = graph.hasIndexAlone(node) && !isDelta;
  if (!isDiagonal && !isSum)
    return false;
  if (isDiagonal)
    ++counters.diagonals;
  if (isSum)
    ++counters.reductions;
  if (isSeeded(SeededBug::TraceCountedTwice) && isDelta && graph.hasIndexAlone(node))
    if (auto trace = sumOfOnes(graph.arithmetic, graph.nodes[node].extent))
      graph.addNode({.kind = Node::Kind::Constant,
                     .indices = {},
                     .constant = std::make_shared<ConstantTensor>(std::move(*trace))});
  graph.reduceAlone(node);
  return true;
}

/// Replaces a delta of rank 1 whose index is summed, and belongs to no other node, by ⊕ of that
/// many ones.
static bool replaceBySumOfOnes(Graph &graph, int node) {
  int64_t extent = graph.indices[graph.nodes[node].indices.front()].extent;
  std::optional<ConstantTensor> sum = sumOfOnes(graph.arithmetic, extent);
  if (!sum)
    return false;
  graph.kill(node);
  graph.addNode({.kind = Node::Kind::Constant,
                 .indices = {},
                 .constant = std::make_shared<ConstantTensor>(std::move(*sum)),
                 .origin = graph.nodes[node].origin});
  return true;
}

bool simplify::dropDelta(Graph &graph, int node, SimplifyCounters &counters) {
  if (!graph.nodes[node].is(Node::Kind::Delta))
    return false;
  SmallVector<int64_t, 4> legs = graph.nodes[node].indices;
  if (legs.empty()) {
    // The number one; it is the network's own scalar where nothing else is.
    graph.kill(node);
    graph.addNode({.kind = Node::Kind::Constant,
                   .indices = {},
                   .constant = std::make_shared<ConstantTensor>(*sumOfOnes(graph.arithmetic, 1)),
                   .origin = graph.nodes[node].origin});
    ++counters.deltas;
    return true;
  }
  if (!graph.isStatic(legs))
    return false;

  // Legs that are outputs of their own stay: the result is zero off their diagonal. All else that
  // has them can do with the first one, so the others become indices that only the delta has.
  int64_t first = legs.front();
  for (int64_t leg : legs)
    if (graph.indices[leg].isOutput()) {
      first = leg;
      break;
    }
  SmallVector<int64_t, 4> kept{first};
  bool hasTies = false;
  for (int64_t leg : legs) {
    if (leg == first)
      continue;
    bool isOutput = graph.indices[leg].isOutput();
    if (isOutput && graph.indices[leg].users.size() == 1) {
      kept.push_back(leg);
      continue;
    }
    if (isOutput)
      kept.push_back(graph.detachOutput(leg));
    graph.tie(first, leg);
    first = graph.find(first);
    kept.front() = first;
    hasTies = true;
  }
  if (hasTies) {
    // The delta itself had the legs that are tied: it gets its list anew.
    Node smaller{.kind = Node::Kind::Delta,
                 .indices = kept,
                 .extent = graph.nodes[node].extent,
                 .origin = graph.nodes[node].origin};
    graph.kill(node);
    // Counted once: here if it stays, and when it goes otherwise.
    if (kept.size() > 1)
      ++counters.deltas;
    graph.addNode(std::move(smaller));
    return true;
  }
  if (legs.size() > 1)
    return false;
  if (graph.indices[first].users.size() > 1) {
    graph.kill(node);
    graph.handOver(node, *graph.indices[first].users.begin());
  } else if (graph.indices[first].isOutput() || !replaceBySumOfOnes(graph, node)) {
    // It spreads the result along an output that nothing else has.
    return false;
  }
  ++counters.deltas;
  return true;
}

bool simplify::recogniseConstant(Graph &graph, int node, SimplifyCounters &counters) {
  if (!graph.nodes[node].is(Node::Kind::Constant) || graph.nodes[node].isExamined)
    return false;
  graph.nodes[node].isExamined = true;
  SmallVector<int64_t, 4> list = graph.nodes[node].indices;
  if (list.empty() || !graph.isStatic(list))
    return false;
  const ConstantTensor &tensor = *graph.nodes[node].constant;
  if (isAllOnes(tensor, graph.arithmetic)) {
    // The deltas of rank 1 that it is a product of: each goes where another operand has its index.
    graph.kill(node);
    for (int64_t index : list)
      graph.addNode({.kind = Node::Kind::Delta,
                     .indices = {index},
                     .extent = graph.indices[index].extent,
                     .origin = index == list.front() ? graph.nodes[node].origin : -1});
    ++counters.onesConstants;
    return true;
  }
  // Nothing but zeros ties everything to everything, and helps nobody.
  if (!graph.arithmetic.zeroAnnihilates() || isAllZeros(tensor, graph.arithmetic))
    return false;
  for (unsigned p = 0; p < list.size(); ++p)
    for (unsigned q = p + 1; q < list.size(); ++q)
      if (graph.canTie(list[p], list[q]) && isDiagonalIn(tensor, graph.arithmetic, p, q)) {
        graph.tie(list[p], list[q]);
        ++counters.diagonalConstants;
        return true;
      }
  return false;
}
