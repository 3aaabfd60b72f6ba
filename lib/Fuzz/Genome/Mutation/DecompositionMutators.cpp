//===- DecompositionMutators.cpp - In which pieces a network is computed --===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Edit.h"
#include "Mutators.h"

using namespace tenon::fuzz;

namespace {

bool setPath(Genome &genome, Random &random) {
  int at = drawWhere(genome.nodes, random, [](const Node &node) {
    return node.kind == NodeKind::Contract && node.operands.size() > 1;
  });
  if (at < 0)
    return false;
  genome.nodes[at].path = drawPath(genome.nodes[at].operands.size(), random);
  return true;
}

/// The planner has the choice again; a path that ends early leaves it the rest.
bool shortenPath(Genome &genome, Random &random) {
  int at = drawWhere(genome.nodes, random, [](const Node &node) { return !node.path.empty(); });
  if (at < 0)
    return false;
  std::vector<uint16_t> &path = genome.nodes[at].path;
  path.resize(random.oneIn(2) ? 0 : 2 * random.below(path.size() / 2));
  if (path.empty())
    genome.nodes[at].sliced.clear();
  return true;
}

/// Some operands of a contraction are contracted first: two contractions for one.
bool splitContraction(Genome &genome, Random &random) {
  int at = drawWhere(genome.nodes, random, [](const Node &node) {
    return node.kind == NodeKind::Contract && node.operands.size() > 2;
  });
  if (at < 0)
    return false;
  Node inner = genome.nodes[at];
  Node &outer = genome.nodes[at];
  shuffle(inner.operands, random);
  size_t first = 2 + random.below(inner.operands.size() - 2);
  outer.operands.assign(inner.operands.begin() + first, inner.operands.end());
  inner.operands.resize(first);
  // Kept are indices that the rest or the result needs.
  std::vector<uint16_t> needed = distinctLabels(outer), kept;
  needed.insert(needed.end(), outer.output.begin(), outer.output.end());
  for (uint16_t label : distinctLabels(inner))
    if (std::find(needed.begin(), needed.end(), label) != needed.end())
      kept.push_back(label);
  shuffle(kept, random);
  inner.output = kept;
  inner.element = inner.accumulate;
  for (Node *part : {&inner, &outer}) {
    part->path.clear();
    part->sliced.clear();
  }
  insertNode(genome, at, std::move(inner));
  std::vector<Operand> &operands = genome.nodes[at + 1].operands;
  operands.insert(operands.begin() + random.below(operands.size() + 1),
                  {uint16_t(at), std::move(kept)});
  return true;
}

/// A contraction whose operand is another one takes its operands over.
bool joinContractions(Genome &genome, Random &random) {
  auto isJoinable = [&](const Operand &operand) {
    return genome.nodes[operand.node].kind == NodeKind::Contract;
  };
  int at = drawWhere(genome.nodes, random, [&](const Node &node) {
    return node.kind == NodeKind::Contract &&
           std::any_of(node.operands.begin(), node.operands.end(), isJoinable);
  });
  if (at < 0)
    return false;
  Node &node = genome.nodes[at];
  int which = drawWhere(node.operands, random, isJoinable);
  Operand joined = node.operands[which];
  const Node &inner = genome.nodes[joined.node];
  node.operands.erase(node.operands.begin() + which);
  node.path.clear();
  node.sliced.clear();
  // Indices of the inner one that are summed there are new here.
  uint16_t fresh =
      std::max(freshLabel(node),
               uint16_t(joined.labels.empty()
                            ? 0
                            : *std::max_element(joined.labels.begin(), joined.labels.end()) + 1));
  std::vector<std::pair<uint16_t, uint16_t>> renamed;
  for (uint16_t label : distinctLabels(inner)) {
    auto place = std::find(inner.output.begin(), inner.output.end(), label) - inner.output.begin();
    renamed.push_back(
        {label, size_t(place) < joined.labels.size() ? joined.labels[place] : fresh++});
  }
  for (Operand operand : inner.operands) {
    for (uint16_t &label : operand.labels)
      for (auto [from, to] : renamed)
        if (label == from) {
          label = to;
          break;
        }
    node.operands.push_back(std::move(operand));
  }
  return true;
}

/// An identity matrix between an operand and the rest.
bool insertIdentity(Genome &genome, Random &random) {
  auto hasLabels = [](const Operand &operand) { return !operand.labels.empty(); };
  int at = drawWhere(genome.nodes, random, [&](const Node &node) {
    return isContraction(node) &&
           std::any_of(node.operands.begin(), node.operands.end(), hasLabels);
  });
  if (at < 0)
    return false;
  std::vector<uint32_t> extents = extentsOfLabels(genome.nodes[at], shapesOf(genome));
  uint16_t fresh = freshLabel(genome.nodes[at]);
  Operand &operand =
      genome.nodes[at].operands[drawWhere(genome.nodes[at].operands, random, hasLabels)];
  uint16_t &place = drawFrom(operand.labels, random), label = place;
  place = fresh;
  addArgumentOperand(genome, at, {extents[label], extents[label]}, {label, fresh});
  Node &identity = genome.nodes[at];
  // A constant that is the identity, or the operation that says so.
  if (random.oneIn(3)) {
    identity.kind = NodeKind::Constant;
    identity.flavour = uint8_t(Content::Identity);
  } else {
    identity.kind = NodeKind::Delta;
    identity.semiring = genome.nodes[at + 1].semiring;
  }
  return true;
}

/// An index is summed in a contraction of its own, after the one that had it.
bool postponeSum(Genome &genome, Random &random) {
  int at = drawWhere(genome.nodes, random, [](const Node &node) {
    return node.kind == NodeKind::Contract && node.output.size() < distinctLabels(node).size();
  });
  if (at < 0)
    return false;
  Node &node = genome.nodes[at];
  std::vector<uint16_t> labels = distinctLabels(node), old = node.output;
  int label = drawWhere(labels, random, [&](uint16_t candidate) {
    return std::find(old.begin(), old.end(), candidate) == old.end();
  });
  Node sum = node;
  node.output.insert(node.output.begin() + random.below(node.output.size() + 1), labels[label]);
  node.element = node.accumulate;
  sum.operands = {{uint16_t(at), node.output}};
  sum.output = old;
  sum.path.clear();
  sum.sliced.clear();
  insertNode(genome, at + 1, std::move(sum));
  replaceUses(genome, uint16_t(at), uint16_t(at + 1), at + 1);
  return true;
}

constexpr Mutator kMutators[] = {
    {"set-path", MutatorClass::Decomposition, setPath},
    {"shorten-path", MutatorClass::Decomposition, shortenPath},
    {"split-contraction", MutatorClass::Decomposition, splitContraction},
    {"join-contractions", MutatorClass::Decomposition, joinContractions},
    {"insert-identity", MutatorClass::Decomposition, insertIdentity},
    {"postpone-sum", MutatorClass::Decomposition, postponeSum}};
} // namespace

std::span<const Mutator> tenon::fuzz::decompositionMutators() { return kMutators; }
