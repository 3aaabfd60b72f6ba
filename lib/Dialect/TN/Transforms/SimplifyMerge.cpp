//===- SimplifyMerge.cpp - Rules that make one operand of two ---------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "SimplifyRules.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;
using namespace tenon::tn::simplify;

//===----------------------------------------------------------------------===//
// Nodes by their index sets
//===----------------------------------------------------------------------===//

static SmallVector<int64_t, 8> sortedIndices(const Node &node) {
  SmallVector<int64_t, 8> sorted(node.indices.begin(), node.indices.end());
  llvm::sort(sorted);
  return sorted;
}

/// FNV-1a over the set and the kind. Collisions cost a merge at most, and are the same on every
/// machine.
static uint64_t keyOf(ArrayRef<int64_t> sorted, bool isConstant) {
  uint64_t hash = 14695981039346656037ull ^ static_cast<uint64_t>(isConstant);
  for (int64_t index : sorted)
    hash = (hash ^ static_cast<uint64_t>(index)) * 1099511628211ull;
  return hash;
}

int IndexSetTable::find(const Graph &graph, int node, bool isConstant) const {
  SmallVector<int64_t, 8> sorted = sortedIndices(graph.nodes[node]);
  auto it = table.find(keyOf(sorted, isConstant));
  if (it == table.end() || it->second == node)
    return -1;
  const Node &other = graph.nodes[it->second];
  bool matches = other.isAlive && other.is(Node::Kind::Constant) == isConstant &&
                 sortedIndices(other) == sorted;
  return matches ? it->second : -1;
}

void IndexSetTable::insert(const Graph &graph, int node) {
  const Node &entry = graph.nodes[node];
  table[keyOf(sortedIndices(entry), entry.is(Node::Kind::Constant))] = node;
}

//===----------------------------------------------------------------------===//
// Partners
//===----------------------------------------------------------------------===//

/// Whether two nodes may be multiplied ahead of the rest.
static bool canMerge(const Graph &graph, int a, int b) {
  const Node &x = graph.nodes[a], &y = graph.nodes[b];
  if (x.is(Node::Kind::Delta) || y.is(Node::Kind::Delta))
    return false;
  bool areConstants = x.is(Node::Kind::Constant) && y.is(Node::Kind::Constant);
  return !areConstants || graph.canFold(a, b);
}

/// Calls `function` with the first live nodes, other than `node`, at one of its indices.
static void forEachPartner(const Graph &graph, int node, int64_t index,
                           llvm::function_ref<void(int)> function) {
  size_t seen = 0;
  for (int user : graph.indices[index].users) {
    if (++seen > kMaxPartners)
      return;
    if (user != node && !graph.hasRepeatedIndex(user))
      function(user);
  }
}

bool simplify::mergeDuplicate(Graph &graph, int node, IndexSetTable &table,
                              SimplifyCounters &counters) {
  const Node &entry = graph.nodes[node];
  if (entry.indices.empty() || entry.is(Node::Kind::Delta) || !graph.isStatic(entry.indices))
    return false;
  // One that makes it a constant again comes first: it costs nothing at run time.
  bool isConstant = entry.is(Node::Kind::Constant);
  for (bool wantsConstant : {isConstant, !isConstant}) {
    int other = table.find(graph, node, wantsConstant);
    if (other < 0 || !canMerge(graph, node, other))
      continue;
    ++counters.duplicates;
    graph.contract({std::min(node, other), std::max(node, other)});
    return true;
  }
  table.insert(graph, node);
  return false;
}

bool simplify::absorbOperand(Graph &graph, int node, SimplifyCounters &counters) {
  const Node &entry = graph.nodes[node];
  if (entry.indices.empty() || entry.is(Node::Kind::Delta) || !graph.isStatic(entry.indices))
    return false;
  bool isConstant = entry.is(Node::Kind::Constant);
  // Every superset is at each of the node's indices: the one with the fewest users is enough.
  int64_t rarest = *llvm::min_element(entry.indices, [&](int64_t a, int64_t b) {
    return graph.indices[a].users.size() < graph.indices[b].users.size();
  });
  int best = -1;
  int64_t bestSize = 0;
  bool bestIsAlike = false;
  forEachPartner(graph, node, rarest, [&](int user) {
    const Node &other = graph.nodes[user];
    bool isSuperset = llvm::all_of(
        entry.indices, [&](int64_t index) { return llvm::is_contained(other.indices, index); });
    if (!isSuperset || !graph.isStatic(other.indices) || !canMerge(graph, node, user))
      return;
    int64_t size = graph.sizeOf(other.indices);
    bool isAlike = other.is(Node::Kind::Constant) == isConstant;
    if (best < 0 || (isAlike != bestIsAlike ? isAlike : size < bestSize)) {
      best = user;
      bestSize = size;
      bestIsAlike = isAlike;
    }
  });
  if (best >= 0) {
    ++counters.absorbed;
    graph.contract({node, best});
    return true;
  }
  return false;
}

bool simplify::mergeConstants(Graph &graph, int node, SimplifyCounters &counters) {
  const Node &entry = graph.nodes[node];
  if (!entry.is(Node::Kind::Constant) || !graph.isStatic(entry.indices))
    return false;
  int64_t ownSize = graph.sizeOf(entry.indices);
  int best = -1;
  int64_t bestSize = 0;
  for (int64_t index : entry.indices)
    forEachPartner(graph, node, index, [&](int user) {
      if (!graph.nodes[user].is(Node::Kind::Constant) || !graph.canFold(node, user))
        return;
      int64_t size = graph.sizeOf(graph.resultOf({node, user}));
      if (size > std::max(ownSize, graph.sizeOf(graph.nodes[user].indices)))
        return;
      if (best < 0 || size < bestSize || (size == bestSize && user < best)) {
        best = user;
        bestSize = size;
      }
    });
  if (best < 0)
    return false;
  ++counters.mergedConstants;
  graph.contract({std::min(node, best), std::max(node, best)});
  return true;
}
