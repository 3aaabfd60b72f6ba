//===- ValueMutators.cpp - Which values there are, and who reads them -----===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Edit.h"
#include "Mutators.h"

using namespace tenon::fuzz;

namespace {

/// A further contraction that reads one or two values: a value is used once more.
bool addContraction(Genome &genome, Random &random) {
  std::vector<std::vector<uint32_t>> shapes = shapesOf(genome);
  uint16_t value = uint16_t(random.below(genome.nodes.size()));
  Node node;
  node.kind = NodeKind::Contract;
  node.element = node.accumulate = genome.nodes[value].element;
  node.semiring = genome.nodes[value].semiring;
  uint16_t next = 0;
  for (uint16_t operand : {value, uint16_t(random.below(genome.nodes.size()))}) {
    std::vector<uint16_t> labels;
    for (uint32_t extent : shapes[operand]) {
      // The second one meets the first where extents agree.
      int tied = -1;
      if (!node.operands.empty() && random.oneIn(2))
        for (size_t d = 0; d < node.operands[0].labels.size(); ++d)
          if (shapes[value][d] == extent)
            tied = node.operands[0].labels[d];
      labels.push_back(tied >= 0 ? uint16_t(tied) : next++);
    }
    node.operands.push_back({operand, std::move(labels)});
    if (random.oneIn(4))
      break;
  }
  for (uint16_t label : distinctLabels(node))
    if (random.oneIn(2))
      node.output.push_back(label);
  genome.nodes.push_back(std::move(node));
  if (!random.oneIn(8))
    genome.results.push_back(uint16_t(genome.nodes.size() - 1));
  return true;
}

/// An operation that reads a value and takes its place for one reader, or for all.
bool insertOperation(Genome &genome, Random &random, NodeKind kind) {
  uint16_t value = uint16_t(random.below(genome.nodes.size()));
  const Node &source = genome.nodes[value];
  std::vector<std::vector<uint32_t>> shapes = shapesOf(genome);
  Node node;
  node.kind = kind;
  node.element = node.accumulate = source.element;
  node.isUnsigned = source.isUnsigned;
  node.operands.push_back({value, {}});
  switch (kind) {
  case NodeKind::Widen: {
    std::vector<Element> wider = elementsWhere(
        [&](Element to) { return to != source.element && extendsTo(source.element, to); });
    if (wider.empty())
      return false;
    node.element = drawFrom(wider, random);
    break;
  }
  case NodeKind::Permute:
    if (shapes[value].size() < 2)
      return false;
    node.output = drawOrder(shapes[value].size(), random);
    break;
  case NodeKind::Subtensor:
    for (uint32_t extent : shapes[value]) {
      int32_t offset = extent > 1 && random.oneIn(2) ? int32_t(random.below(extent)) : 0,
              stride = random.oneIn(3) ? 1 + int32_t(random.below(3)) : 1;
      int32_t most = (int32_t(extent) - offset + stride - 1) / stride;
      node.numbers.insert(
          node.numbers.end(),
          {offset, most > 1 && random.oneIn(2) ? 1 + int32_t(random.below(most)) : most, stride});
    }
    break;
  case NodeKind::Map:
  case NodeKind::Update: {
    node.flavour = uint8_t(random.below(kNumMapOps));
    node.operands.push_back({value, {}});
    for (uint16_t i = 0; i <= value; ++i)
      if (shapes[i] == shapes[value] && genome.nodes[i].element == source.element &&
          random.oneIn(2))
        node.operands[1].node = i;
    if (kind == NodeKind::Update && random.oneIn(2))
      node.output = drawOrder(shapes[value].size(), random);
    break;
  }
  default:
    break;
  }
  insertNode(genome, value + 1, std::move(node));
  if (random.oneIn(2)) {
    replaceUses(genome, value, value + 1, value + 1);
    return true;
  }
  std::vector<uint16_t *> uses;
  for (size_t i = value + 2; i < genome.nodes.size(); ++i)
    for (Operand &operand : genome.nodes[i].operands)
      if (operand.node == value)
        uses.push_back(&operand.node);
  for (uint16_t &result : genome.results)
    if (result == value)
      uses.push_back(&result);
  if (uses.empty())
    genome.results.push_back(value + 1);
  else
    *drawFrom(uses, random) = value + 1;
  return true;
}

bool insertConj(Genome &genome, Random &random) {
  return insertOperation(genome, random, NodeKind::Conj);
}
bool insertMap(Genome &genome, Random &random) {
  return insertOperation(genome, random, NodeKind::Map);
}
bool insertWiden(Genome &genome, Random &random) {
  return insertOperation(genome, random, NodeKind::Widen);
}
bool insertPermute(Genome &genome, Random &random) {
  return insertOperation(genome, random, NodeKind::Permute);
}
bool insertSubtensor(Genome &genome, Random &random) {
  return insertOperation(genome, random, NodeKind::Subtensor);
}
bool insertUpdate(Genome &genome, Random &random) {
  return insertOperation(genome, random, NodeKind::Update);
}

/// A map writes into its second operand.
bool toggleUpdate(Genome &genome, Random &random) {
  int at = drawWhere(genome.nodes, random, isMap);
  if (at < 0)
    return false;
  Node &node = genome.nodes[at];
  node.kind = node.kind == NodeKind::Map ? NodeKind::Update : NodeKind::Map;
  return true;
}

/// What a map overwrites is read elsewhere: by the product that is written there, or by the map
/// itself in another order.
bool readDestination(Genome &genome, Random &random) {
  int at = drawWhere(genome.nodes, random, [&](const Node &node) {
    return isMap(node) && isContraction(genome.nodes[node.operands[0].node]);
  });
  if (at < 0)
    return false;
  std::vector<std::vector<uint32_t>> shapes = shapesOf(genome);
  Node &map = genome.nodes[at];
  uint16_t source = map.operands[0].node;
  const std::vector<Operand> &factors = genome.nodes[source].operands;
  std::vector<uint16_t> read, others;
  for (uint16_t i = 0; i < at; ++i) {
    if (i == source || shapes[i] != shapes[at] || genome.nodes[i].element != map.element)
      continue;
    bool isRead = std::any_of(factors.begin(), factors.end(),
                              [&](const Operand &factor) { return factor.node == i; });
    (isRead ? read : others).push_back(i);
  }
  if (read.empty() && others.empty())
    return false;
  bool isRead = others.empty() || (!read.empty() && random.below(3) > 0);
  map.kind = NodeKind::Update;
  map.operands.resize(1);
  map.operands.push_back({drawFrom(isRead ? read : others, random), {}});
  map.output.clear();
  if (!isRead || random.oneIn(2))
    map.output = drawOtherOrder(shapes[at].size(), random);
  return true;
}

/// The numbers of a subtensor, or the operation of a map.
bool changeOperation(Genome &genome, Random &random) {
  int at = drawWhere(genome.nodes, random, [](const Node &node) {
    return isMap(node) || (node.kind == NodeKind::Subtensor && !node.numbers.empty()) ||
           (node.kind == NodeKind::Permute && node.output.size() > 1);
  });
  if (at < 0)
    return false;
  Node &node = genome.nodes[at];
  if (readsTwice(node) && node.output.size() > 1 && random.oneIn(2))
    std::swap(node.output[0], node.output[1 + random.below(node.output.size() - 1)]);
  else if (isMap(node))
    node.flavour = uint8_t((node.flavour + 1 + random.below(kNumMapOps - 1)) % kNumMapOps);
  else if (node.kind == NodeKind::Permute)
    std::swap(node.output[0], node.output[1 + random.below(node.output.size() - 1)]);
  else
    drawFrom(node.numbers, random) += random.oneIn(2) ? 1 : -1;
  return true;
}

/// A node a second time, for the readers after it: what common subexpressions and shared steps are
/// found in.
bool duplicateNode(Genome &genome, Random &random) {
  uint16_t value = uint16_t(random.below(genome.nodes.size()));
  Node copy = genome.nodes[value];
  insertNode(genome, value + 1, std::move(copy));
  bool isUsed = false;
  for (size_t i = value + 2; i < genome.nodes.size(); ++i)
    for (Operand &operand : genome.nodes[i].operands)
      if (operand.node == value && random.oneIn(2)) {
        operand.node = value + 1;
        isUsed = true;
      }
  if (!isUsed)
    genome.results.push_back(value + 1);
  return true;
}

/// A value that was computed becomes an argument: the program is cut there.
bool cutValue(Genome &genome, Random &random) {
  int at = drawWhere(genome.nodes, random, [](const Node &node) { return !isLeaf(node); });
  if (at < 0)
    return false;
  Node &node = genome.nodes[at];
  std::vector<uint32_t> shape = shapesOf(genome)[at];
  Element element = node.element;
  bool isUnsigned = node.isUnsigned;
  node = makeArgument(std::move(shape), element, isUnsigned);
  return true;
}

/// A node goes; its readers read another one.
bool dropNode(Genome &genome, Random &random) {
  if (genome.nodes.size() < 2)
    return false;
  std::vector<std::vector<uint32_t>> shapes = shapesOf(genome);
  uint16_t gone = uint16_t(1 + random.below(genome.nodes.size() - 1));
  uint16_t heir = uint16_t(random.below(gone));
  for (uint16_t i = 0; i < gone; ++i)
    if (shapes[i] == shapes[gone])
      heir = i;
  replaceUses(genome, gone, heir, gone);
  genome.nodes.erase(genome.nodes.begin() + gone);
  for (size_t i = gone; i < genome.nodes.size(); ++i)
    for (Operand &operand : genome.nodes[i].operands)
      operand.node -= operand.node > gone;
  for (uint16_t &result : genome.results)
    result -= result > gone;
  return true;
}

/// Nodes that no result needs go.
bool dropUnused(Genome &genome, Random &) {
  std::vector<bool> isNeeded(genome.nodes.size());
  for (uint16_t result : genome.results)
    isNeeded[result] = true;
  for (size_t i = genome.nodes.size(); i-- > 0;)
    if (isNeeded[i])
      for (const Operand &operand : genome.nodes[i].operands)
        isNeeded[operand.node] = true;
  std::vector<uint16_t> numbers;
  std::vector<Node> kept;
  for (size_t i = 0; i < genome.nodes.size(); ++i) {
    numbers.push_back(uint16_t(kept.size()));
    if (isNeeded[i])
      kept.push_back(std::move(genome.nodes[i]));
  }
  bool isChanged = kept.size() < genome.nodes.size();
  for (Node &node : kept)
    for (Operand &operand : node.operands)
      operand.node = numbers[operand.node];
  for (uint16_t &result : genome.results)
    result = numbers[result];
  genome.nodes = std::move(kept);
  return isChanged;
}

/// The program becomes one value; of its operands some become arguments. A fault that others of the
/// program hide shows.
bool isolateValue(Genome &genome, Random &random) {
  int at = drawWhere(genome.nodes, random, [](const Node &node) { return !isLeaf(node); });
  if (at < 0)
    return false;
  std::vector<std::vector<uint32_t>> shapes = shapesOf(genome);
  for (const Operand &operand : genome.nodes[at].operands)
    if (Node &source = genome.nodes[operand.node]; !isLeaf(source) && random.oneIn(2))
      source = makeArgument(shapes[operand.node], source.element, source.isUnsigned);
  genome.results = {uint16_t(at)};
  dropUnused(genome, random);
  return true;
}

/// One result more: a value in between, or one that is a result already.
bool addResult(Genome &genome, Random &random) {
  genome.results.insert(genome.results.begin() + random.below(genome.results.size() + 1),
                        uint16_t(random.below(genome.nodes.size())));
  return true;
}

/// One result less: what it needed alone is not used any more.
bool dropResult(Genome &genome, Random &random) {
  if (genome.results.size() < 2)
    return false;
  genome.results.erase(genome.results.begin() + random.below(genome.results.size()));
  return true;
}

/// Results in another order.
bool permuteResults(Genome &genome, Random &random) {
  if (genome.results.size() < 2)
    return false;
  shuffle(genome.results, random);
  return true;
}

constexpr Mutator kMutators[] = {{"add-contraction", MutatorClass::Graph, addContraction},
                                 {"insert-conj", MutatorClass::Graph, insertConj},
                                 {"insert-map", MutatorClass::Graph, insertMap},
                                 {"insert-widen", MutatorClass::Graph, insertWiden},
                                 {"insert-permute", MutatorClass::Graph, insertPermute},
                                 {"insert-subtensor", MutatorClass::Graph, insertSubtensor},
                                 {"insert-update", MutatorClass::Graph, insertUpdate},
                                 {"toggle-update", MutatorClass::Graph, toggleUpdate},
                                 {"read-destination", MutatorClass::Graph, readDestination},
                                 {"change-operation", MutatorClass::Graph, changeOperation},
                                 {"duplicate-node", MutatorClass::Graph, duplicateNode},
                                 {"cut-value", MutatorClass::Graph, cutValue},
                                 {"drop-node", MutatorClass::Graph, dropNode},
                                 {"drop-unused", MutatorClass::Graph, dropUnused},
                                 {"isolate-value", MutatorClass::Graph, isolateValue},
                                 {"add-result", MutatorClass::Graph, addResult},
                                 {"drop-result", MutatorClass::Graph, dropResult},
                                 {"permute-results", MutatorClass::Graph, permuteResults}};
} // namespace

std::span<const Mutator> tenon::fuzz::valueMutators() { return kMutators; }
