//===- SimplifyFacts.cpp - Rules about structure: diagonals, isometries -----===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ConstantIdentity.h"
#include "FactAnalysis.h"
#include "SimplifyRules.h"
#include "tenon/Support/SeededBug.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;
using namespace tenon::tn::simplify;

/// Whether the numbers 0 and 1, which facts speak of, are the semiring's zero and one, and zero
/// annihilates.
static bool hasNumbersForUnits(const Arithmetic &arithmetic) {
  return arithmetic.sharesUnits(Semiring::PlusTimes) && arithmetic.zeroAnnihilates();
}

/// The value that an input or a constant is, or is the conjugate of.
static Value factsOwner(const Node &node) {
  return node.is(Node::Kind::Constant) ? node.source : node.value;
}

/// For each dimension of that value its place in the node's list, or −1 where that leaves it out.
static SmallVector<int> placesOf(const Node &node) {
  SmallVector<int> places(cast<RankedTensorType>(factsOwner(node).getType()).getRank(), -1);
  int next = 0;
  for (auto [dim, place] : llvm::enumerate(places))
    if (!llvm::is_contained(node.unitDims, static_cast<int64_t>(dim)))
      place = next++;
  return places;
}

bool simplify::tieDiagonals(Graph &graph, int node, SimplifyCounters &counters) {
  if (!graph.nodes[node].is(Node::Kind::Input) || graph.nodes[node].isExamined)
    return false;
  graph.nodes[node].isExamined = true;
  if (!hasNumbersForUnits(graph.arithmetic) && !isSeeded(SeededBug::DiagonalInTropical))
    return false;
  bool changed = false;
  SmallVector<int> places = placesOf(graph.nodes[node]);
  for (const TensorFacts::Dims &set : findDiagonals(graph.nodes[node].value)) {
    // All to the first that is there. What cannot be tied to it, an output beside an output, stays.
    int first = -1;
    for (unsigned dim : set.set_bits()) {
      if (places[dim] < 0)
        continue;
      if (first < 0) {
        first = places[dim];
        continue;
      }
      int64_t a = graph.nodes[node].indices[first], b = graph.nodes[node].indices[places[dim]];
      if (!graph.canTie(a, b))
        continue;
      graph.tie(a, b);
      ++counters.diagonalOperands;
      changed = true;
    }
  }
  return changed;
}

//===----------------------------------------------------------------------===//
// Isometries
//===----------------------------------------------------------------------===//

/// The value that a node conjugates or not, and whether it does.
static std::pair<Value, bool> withoutConjugates(const Node &node) {
  Value value = factsOwner(node);
  bool isConjugated = node.isConjugated;
  while (auto conj = value.getDefiningOp<ConjOp>()) {
    value = conj.getInput();
    isConjugated = !isConjugated;
  }
  return {value, isConjugated};
}

/// Other nodes of a kind that are the only partner in a sum over one of the node's indices.
static SmallVector<int> bondPartners(const Graph &graph, int node, Node::Kind kind) {
  SmallVector<int> partners;
  for (int64_t index : graph.nodes[node].indices) {
    const Index &entry = graph.indices[index];
    if (entry.isOutput() || entry.users.size() != 2)
      continue;
    int other = *entry.users.begin() == node ? *entry.users.rbegin() : *entry.users.begin();
    if (graph.nodes[other].is(kind) && !llvm::is_contained(partners, other))
      partners.push_back(other);
  }
  return partners;
}

/// Puts a product of deltas, one for each pair of indices, in the place of two nodes.
static void replaceByDeltas(Graph &graph, int a, int b,
                            ArrayRef<std::pair<int64_t, int64_t>> pairs) {
  // What the two are made of goes with the first delta.
  int origin = graph.joinOrigins(graph.nodes[a].origin, graph.nodes[b].origin);
  graph.kill(a);
  graph.kill(b);
  // Nothing is left of a product that is the number one but that number.
  if (pairs.empty())
    graph.addNode({.kind = Node::Kind::Delta, .indices = {}, .extent = 1, .origin = origin});
  for (auto [left, right] : pairs) {
    Node delta{.kind = Node::Kind::Delta,
               .indices = {left},
               .extent = graph.indices[left].extent,
               .origin = origin};
    origin = -1;
    if (right != left)
      delta.indices.push_back(right);
    graph.addNode(std::move(delta));
  }
}

/// Where the two nodes are one value and its conjugate, and what they are summed over makes an
/// identity of them: the pairs of indices that this identity ties.
static std::optional<SmallVector<std::pair<int64_t, int64_t>>>
findIdentity(const Graph &graph, const Node &a, const Node &b, ArrayRef<int> both) {
  auto [value, isConjugated] = withoutConjugates(a);
  auto [otherValue, isOtherConjugated] = withoutConjugates(b);
  if (value != otherValue || a.unitDims != b.unitDims)
    return std::nullopt;
  auto type = cast<RankedTensorType>(value.getType());
  const Arithmetic &arithmetic = graph.arithmetic;
  bool onlyPermutations =
      arithmetic.semiring != Semiring::PlusTimes ||
      !isIsometryIn(type.getElementType(), arithmetic.type, arithmetic.isUnsigned) ||
      (isa<ComplexType>(type.getElementType()) && isConjugated == isOtherConjugated &&
       !isSeeded(SeededBug::IsometryWithoutConj));
  SmallVector<int> places = placesOf(a);
  // A dimension of extent 1 is summed or not, which is the same.
  TensorFacts::Dims summable(type.getRank());
  for (auto [dim, place] : llvm::enumerate(places))
    summable[dim] = place < 0 || (a.indices[place] == b.indices[place] &&
                                  llvm::count(a.indices, a.indices[place]) == 1 &&
                                  llvm::count(b.indices, a.indices[place]) == 1 &&
                                  graph.isSummedWithin(a.indices[place], both));
  std::optional<TensorFacts::Dims> kept = findIsometry(value, summable, onlyPermutations);
  if (!kept)
    return std::nullopt;
  SmallVector<std::pair<int64_t, int64_t>> pairs;
  for (unsigned dim : kept->set_bits())
    if (places[dim] >= 0)
      pairs.emplace_back(a.indices[places[dim]], b.indices[places[dim]]);
  for (auto [left, right] : pairs)
    if (!graph.isStatic({left, right}) || graph.indices[left].extent != graph.indices[right].extent)
      return std::nullopt;
  return pairs;
}

bool simplify::cancelIsometry(Graph &graph, int node, SimplifyCounters &counters) {
  const Node &own = graph.nodes[node];
  bool isConstant = own.is(Node::Kind::Constant) && own.source;
  if ((!isConstant && !own.is(Node::Kind::Input)) || !hasNumbersForUnits(graph.arithmetic))
    return false;
  for (int partner : bondPartners(graph, node, own.kind)) {
    if (!factsOwner(graph.nodes[partner]))
      continue;
    auto pairs = findIdentity(graph, graph.nodes[node], graph.nodes[partner], {node, partner});
    if (!pairs)
      continue;
    replaceByDeltas(graph, node, partner, *pairs);
    ++counters.isometries;
    return true;
  }
  return false;
}

//===----------------------------------------------------------------------===//
// Constants that are each other's inverse
//===----------------------------------------------------------------------===//

/// Constants that have the same indices as a node, among the first at the index that fewest have.
static SmallVector<int> twins(const Graph &graph, int node) {
  const Node &own = graph.nodes[node];
  int64_t rarest = *llvm::min_element(own.indices, [&](int64_t a, int64_t b) {
    return graph.indices[a].users.size() < graph.indices[b].users.size();
  });
  SmallVector<int> found;
  size_t seen = 0;
  for (int user : graph.indices[rarest].users) {
    if (++seen > kMaxPartners)
      break;
    const Node &other = graph.nodes[user];
    if (user != node && other.is(Node::Kind::Constant) &&
        other.indices.size() == own.indices.size() && llvm::all_of(own.indices, [&](int64_t index) {
          return llvm::is_contained(other.indices, index);
        }))
      found.push_back(user);
  }
  return found;
}

/// Positions of the indices that a node has, another has not, and that are summed in the end.
static int64_t closedPositions(const Graph &graph, const Node &node, const Node &other) {
  SmallVector<int64_t> closed;
  for (int64_t index : node.indices)
    if (!graph.indices[index].isOutput() && !llvm::is_contained(other.indices, index))
      closed.push_back(index);
  return graph.sizeOf(closed);
}

bool simplify::cancelConstants(Graph &graph, int node, SimplifyCounters &counters) {
  const Node &own = graph.nodes[node];
  if (!own.is(Node::Kind::Constant) || own.indices.empty() || !graph.arithmetic.zeroAnnihilates() ||
      !graph.isStatic(own.indices) || graph.hasRepeatedIndex(node))
    return false;
  SmallVector<int> partners = bondPartners(graph, node, Node::Kind::Constant);
  for (int twin : twins(graph, node))
    if (!llvm::is_contained(partners, twin))
      partners.push_back(twin);
  for (int partner : partners) {
    const Node &other = graph.nodes[partner];
    if (!graph.isStatic(other.indices) || graph.hasRepeatedIndex(partner) ||
        !graph.canFold(node, partner))
      continue;
    SmallVector<int64_t> summed;
    for (int64_t index : own.indices)
      if (graph.isSummedWithin(index, {node, partner}))
        summed.push_back(index);
    int64_t tied = std::max(closedPositions(graph, own, other), closedPositions(graph, other, own));
    auto pairs = findIdentityProduct(graph.arithmetic, *own.constant, own.indices, *other.constant,
                                     other.indices, summed, tied);
    if (!pairs)
      continue;
    replaceByDeltas(graph, node, partner, *pairs);
    ++counters.inverseConstants;
    return true;
  }
  return false;
}
