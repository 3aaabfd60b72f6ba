//===- OperandMutators.cpp - What a contraction contracts -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Edit.h"
#include "Mutators.h"

using namespace tenon::fuzz;

namespace {

/// Operands in another order. A path names them by number and goes with them.
bool permuteOperands(Genome &genome, Random &random) {
  int at = drawWhere(genome.nodes, random, [](const Node &node) {
    return isContraction(node) && node.operands.size() > 1;
  });
  if (at < 0)
    return false;
  Node &node = genome.nodes[at];
  std::vector<uint16_t> order = drawOrder(node.operands.size(), random);
  std::vector<Operand> old = node.operands;
  for (size_t i = 0; i < order.size(); ++i)
    node.operands[order[i]] = old[i];
  for (uint16_t &step : node.path)
    if (step < order.size())
      step = order[step];
  return true;
}

bool dropOperand(Genome &genome, Random &random) {
  int at = drawWhere(genome.nodes, random, [](const Node &node) {
    return isContraction(node) && node.operands.size() > 1;
  });
  if (at < 0)
    return false;
  Node &node = genome.nodes[at];
  node.operands.erase(node.operands.begin() + random.below(node.operands.size()));
  node.path.clear();
  return true;
}

bool addScalar(Genome &genome, Random &random) {
  int at = drawContraction(genome, random);
  if (at < 0)
    return false;
  addArgumentOperand(genome, at, {}, {});
  return true;
}

/// A factor with open indices of its own.
bool addOuterProduct(Genome &genome, Random &random) {
  int at = drawContraction(genome, random);
  if (at < 0)
    return false;
  uint16_t fresh = freshLabel(genome.nodes[at]);
  std::vector<uint32_t> extents{drawExtent(random)};
  std::vector<uint16_t> labels{fresh};
  if (random.oneIn(3)) {
    extents.push_back(drawExtent(random));
    labels.push_back(fresh + 1);
  }
  std::vector<uint16_t> &output = genome.nodes[at].output;
  output.insert(random.oneIn(2) ? output.begin() : output.end(), labels.begin(), labels.end());
  addArgumentOperand(genome, at, extents, labels);
  return true;
}

/// Two operands that are tied to each other and to nothing else: their product is a scalar.
bool addDisconnected(Genome &genome, Random &random) {
  int at = drawContraction(genome, random);
  if (at < 0)
    return false;
  uint16_t fresh = freshLabel(genome.nodes[at]);
  uint32_t extent = drawExtent(random);
  addArgumentOperand(genome, at, {extent}, {fresh});
  addArgumentOperand(genome, at + 1, {extent}, {fresh});
  return true;
}

/// One operand more at an index that others have: a hyperedge.
bool addHyperedge(Genome &genome, Random &random) {
  int at = drawIndexedContraction(genome, random);
  if (at < 0)
    return false;
  std::vector<uint32_t> extents = extentsOfLabels(genome.nodes[at], shapesOf(genome));
  std::vector<uint16_t> labels = distinctLabels(genome.nodes[at]);
  uint16_t label = drawFrom(labels, random);
  addArgumentOperand(genome, at, {extents[label]}, {label});
  return true;
}

/// An index goes into every operand and into the result: a batch of the same contraction. Leaves
/// get it as a dimension.
bool addBatch(Genome &genome, Random &random) {
  int at = drawContraction(genome, random);
  if (at < 0)
    return false;
  uint16_t batch = freshLabel(genome.nodes[at]);
  uint32_t extent = drawExtent(random);
  std::vector<bool> isDone(genome.nodes.size());
  bool hasAny = false;
  Node &node = genome.nodes[at];
  for (Operand &operand : node.operands) {
    Node &leaf = genome.nodes[operand.node];
    if (!isDataLeaf(leaf))
      continue;
    if (!isDone[operand.node]) {
      leaf.extents.insert(leaf.extents.begin(), extent);
      leaf.layout.order.clear();
      isDone[operand.node] = true;
      // Elsewhere the leaf's first dimension is a new index.
      for (size_t i = 0; i < genome.nodes.size(); ++i)
        if (Node &other = genome.nodes[i]; i != size_t(at) && isContraction(other)) {
          uint16_t fresh = freshLabel(other);
          for (Operand &use : other.operands)
            if (use.node == operand.node)
              use.labels.insert(use.labels.begin(), fresh);
        }
    }
    operand.labels.insert(operand.labels.begin(), batch);
    hasAny = true;
  }
  if (hasAny)
    node.output.insert(node.output.begin(), batch);
  return hasAny;
}

/// Dimensions that share an index get ones of their own, which a copy tensor ties.
bool addCopyTensor(Genome &genome, Random &random) {
  int at = drawIndexedContraction(genome, random);
  if (at < 0)
    return false;
  std::vector<uint32_t> extents = extentsOfLabels(genome.nodes[at], shapesOf(genome));
  std::vector<uint16_t> labels = distinctLabels(genome.nodes[at]);
  uint16_t tied = drawFrom(labels, random), fresh = freshLabel(genome.nodes[at]);
  std::vector<uint16_t> copies;
  // The result keeps the label itself.
  if (const std::vector<uint16_t> &output = genome.nodes[at].output;
      std::find(output.begin(), output.end(), tied) != output.end())
    copies.push_back(tied);
  for (Operand &operand : genome.nodes[at].operands)
    for (uint16_t &label : operand.labels)
      if (label == tied) {
        label = fresh++;
        copies.push_back(label);
      }
  if (copies.size() > GenomeLimits().rank)
    copies.resize(GenomeLimits().rank);
  addArgumentOperand(genome, at, std::vector<uint32_t>(copies.size(), extents[tied]), copies);
  Node &delta = genome.nodes[at];
  delta.kind = NodeKind::Delta;
  delta.semiring = genome.nodes[at + 1].semiring;
  return true;
}

/// An operand twice, with the indices that it has, in another order, or with new ones.
bool repeatOperand(Genome &genome, Random &random) {
  int at = drawContraction(genome, random);
  if (at < 0)
    return false;
  Node &node = genome.nodes[at];
  Operand again = drawFrom(node.operands, random);
  uint16_t fresh = freshLabel(node);
  switch (random.below(3)) {
  case 0:
    break;
  case 1:
    shuffle(again.labels, random);
    break;
  default:
    for (uint16_t &label : again.labels)
      if (random.oneIn(2)) {
        label = fresh++;
        if (random.oneIn(2))
          node.output.push_back(label);
      }
  }
  node.operands.insert(node.operands.begin() + random.below(node.operands.size() + 1),
                       std::move(again));
  node.path.clear();
  return true;
}

/// A factor becomes its negative, or its conjugate, for one product alone.
bool negateFactor(Genome &genome, Random &random) {
  int at = drawWhere(genome.nodes, random, [](const Node &node) {
    return isContraction(node) && node.operands.size() > 1;
  });
  if (at < 0)
    return false;
  size_t factor = random.below(genome.nodes[at].operands.size());
  uint16_t value = genome.nodes[at].operands[factor].node;
  Node changed;
  changed.element = changed.accumulate = genome.nodes[value].element;
  changed.kind = isComplex(changed.element) ? NodeKind::Conj : NodeKind::Map;
  if (changed.kind == NodeKind::Map)
    changed.flavour = uint8_t(MapOp::Neg);
  changed.operands.push_back({value, {}});
  insertNode(genome, at, std::move(changed));
  genome.nodes[at + 1].operands[factor].node = uint16_t(at);
  return true;
}

/// An operand becomes another value of the same rank, of the same shape where there is one.
bool redirectOperand(Genome &genome, Random &random) {
  std::vector<std::vector<uint32_t>> shapes = shapesOf(genome);
  int at = drawWhere(genome.nodes, random, [](const Node &node) { return !node.operands.empty(); });
  if (at < 0)
    return false;
  Operand &operand = drawFrom(genome.nodes[at].operands, random);
  std::vector<uint16_t> same, alike;
  for (uint16_t i = 0; i < at; ++i)
    if (i != operand.node && shapes[i].size() == shapes[operand.node].size()) {
      alike.push_back(i);
      if (shapes[i] == shapes[operand.node])
        same.push_back(i);
    }
  if (alike.empty())
    return false;
  operand.node = drawFrom(same.empty() ? alike : same, random);
  return true;
}

constexpr Mutator kMutators[] = {{"permute-operands", MutatorClass::Graph, permuteOperands},
                                 {"drop-operand", MutatorClass::Graph, dropOperand},
                                 {"add-scalar", MutatorClass::Graph, addScalar},
                                 {"add-outer-product", MutatorClass::Graph, addOuterProduct},
                                 {"add-disconnected", MutatorClass::Graph, addDisconnected},
                                 {"add-hyperedge", MutatorClass::Graph, addHyperedge},
                                 {"add-batch", MutatorClass::Graph, addBatch},
                                 {"add-copy-tensor", MutatorClass::Graph, addCopyTensor},
                                 {"repeat-operand", MutatorClass::Graph, repeatOperand},
                                 {"negate-factor", MutatorClass::Graph, negateFactor},
                                 {"redirect-operand", MutatorClass::Graph, redirectOperand}};
} // namespace

std::span<const Mutator> tenon::fuzz::operandMutators() { return kMutators; }
