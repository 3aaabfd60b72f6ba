//===- DataMutators.cpp - What values are, and how they are compared ------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Edit.h"
#include "Mutators.h"

using namespace tenon::fuzz;

namespace {

/// An argument becomes a constant, which passes may fold, or a constant an argument.
bool toggleConstant(Genome &genome, Random &random) {
  int at = drawWhere(genome.nodes, random, isLeaf);
  if (at < 0)
    return false;
  Node &node = genome.nodes[at];
  bool isConstant = node.kind == NodeKind::Constant;
  node.kind = isConstant ? NodeKind::Argument : NodeKind::Constant;
  node.flavour = isConstant ? 0 : uint8_t(random.below(kNumContents));
  return true;
}

/// Of arguments: with NaN or without.
bool changeContent(Genome &genome, Random &random) {
  int at = drawWhere(genome.nodes, random, [](const Node &node) {
    return node.kind == NodeKind::Constant ||
           (node.kind == NodeKind::Argument && isRealFloat(node.element));
  });
  if (at < 0)
    return false;
  Node &node = genome.nodes[at];
  if (node.kind == NodeKind::Argument)
    node.flavour = node.flavour == 0 ? uint8_t(Content::Special) : 0;
  else
    node.flavour = uint8_t((node.flavour + 1 + random.below(kNumContents - 1)) % kNumContents);
  return true;
}

/// Every argument becomes a constant: a program that folds away.
bool makeAllConstant(Genome &genome, Random &random) {
  bool isChanged = false;
  for (Node &node : genome.nodes)
    if (node.kind == NodeKind::Argument) {
      node.kind = NodeKind::Constant;
      node.flavour = uint8_t(random.below(kNumContents));
      isChanged = true;
    }
  return isChanged;
}

bool changeFacts(Genome &genome, Random &random) {
  int at = drawWhere(genome.nodes, random, isDataLeaf);
  if (at < 0)
    return false;
  Node &node = genome.nodes[at];
  node.facts = uint8_t((node.facts + 1 + random.below(4)) % 5);
  // Diagonals and permutations are square.
  if ((node.facts == 1 || node.facts == 3) && node.extents.size() > 1 && random.oneIn(2))
    for (uint32_t &extent : node.extents)
      extent = node.extents.front();
  return true;
}

bool changeSeed(Genome &genome, Random &random) {
  genome.dataSeed = random.next();
  return true;
}

bool changeArithmetic(Genome &genome, Random &random) {
  if (genome.arithmetic == Arithmetic::Ring)
    return false;
  Arithmetic old = genome.arithmetic;
  genome.arithmetic = random.oneIn(4) ? Arithmetic::Bound : Arithmetic::Exact;
  return genome.arithmetic != old;
}

bool toggleThreads(Genome &genome, Random &) {
  genome.threads = genome.threads == 1 ? 2 : 1;
  return true;
}

constexpr Mutator kMutators[] = {{"toggle-constant", MutatorClass::Constants, toggleConstant},
                                 {"change-content", MutatorClass::Constants, changeContent},
                                 {"make-all-constant", MutatorClass::Constants, makeAllConstant},
                                 {"change-facts", MutatorClass::Constants, changeFacts},
                                 {"change-seed", MutatorClass::Data, changeSeed},
                                 {"change-arithmetic", MutatorClass::Data, changeArithmetic},
                                 {"toggle-threads", MutatorClass::Data, toggleThreads}};
} // namespace

std::span<const Mutator> tenon::fuzz::dataMutators() { return kMutators; }
