//===- TypeMutators.cpp - What elements are, and the semirings over them --===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Edit.h"
#include "Mutators.h"
#include "Sketch.h"

using namespace tenon::fuzz;

namespace {

bool changeLeaf(Genome &genome, Random &random) {
  int at = drawWhere(genome.nodes, random, isLeaf);
  if (at < 0)
    return false;
  Node &node = genome.nodes[at];
  // Mostly within a family: others would turn what reads it over as well.
  std::vector<Element> others = elementsWhere([&](Element element) {
    return element != node.element &&
           (isInteger(element) == isInteger(node.element) || random.oneIn(8));
  });
  node.element = node.accumulate = drawFrom(others, random);
  return true;
}

/// Another accumulation type, from which the result is rounded.
bool changeAccumulation(Genome &genome, Random &random) {
  int at = drawContraction(genome, random);
  if (at < 0)
    return false;
  Node &node = genome.nodes[at];
  std::vector<Element> others = elementsWhere([&](Element to) {
    return to != node.accumulate && isInteger(to) == isInteger(node.element);
  });
  node.accumulate = drawFrom(others, random);
  if (!roundsTo(node.accumulate, node.element))
    node.element = node.accumulate;
  return true;
}

/// A result that is narrower than what it was added up in, or a float that is wider.
bool changeResult(Genome &genome, Random &random) {
  int at = drawContraction(genome, random);
  if (at < 0)
    return false;
  Node &node = genome.nodes[at];
  std::vector<Element> others = elementsWhere(
      [&](Element to) { return to != node.element && roundsTo(node.accumulate, to); });
  if (others.empty())
    return false;
  node.element = drawFrom(others, random);
  return true;
}

/// Operands of narrow types, sums in a wide one.
bool mixTypes(Genome &genome, Random &random) {
  int at = drawContraction(genome, random);
  if (at < 0)
    return false;
  Node &node = genome.nodes[at];
  std::vector<Element> wide = elementsWhere([&](Element to) {
    return isInteger(to) == isInteger(node.element) && to != Element::Index && to != Element::I1;
  });
  node.accumulate = node.element = drawFrom(wide, random);
  std::vector<Element> narrow =
      elementsWhere([&](Element from) { return widensTo(from, node.accumulate); });
  for (const Operand &operand : node.operands)
    if (Node &leaf = genome.nodes[operand.node]; isLeaf(leaf))
      leaf.element = leaf.accumulate = drawFrom(narrow, random);
  return true;
}

bool changeSemiring(Genome &genome, Random &random) {
  int at = drawWhere(genome.nodes, random, [](const Node &node) {
    return isContraction(node) || node.kind == NodeKind::Delta;
  });
  if (at < 0)
    return false;
  Node &node = genome.nodes[at];
  std::vector<Semiring> others;
  for (unsigned i = 0; i < kNumSemirings; ++i)
    if (Semiring(i) != node.semiring &&
        isLegalSemiring(Semiring(i), isContraction(node) ? node.accumulate : node.element))
      others.push_back(Semiring(i));
  if (others.empty())
    return false;
  node.semiring = drawFrom(others, random);
  return true;
}

/// Every contraction and copy tensor in one semiring.
bool changeAllSemirings(Genome &genome, Random &random) {
  Semiring semiring = Semiring(random.below(kNumSemirings));
  bool isChanged = false;
  for (Node &node : genome.nodes)
    if ((isContraction(node) || node.kind == NodeKind::Delta) &&
        isLegalSemiring(semiring, isContraction(node) ? node.accumulate : node.element)) {
      isChanged |= node.semiring != semiring;
      node.semiring = semiring;
    }
  return isChanged;
}

bool toggleUnsigned(Genome &genome, Random &random) {
  int at =
      drawWhere(genome.nodes, random, [](const Node &node) { return isInteger(node.element); });
  if (at < 0)
    return false;
  genome.nodes[at].isUnsigned ^= true;
  return true;
}

bool toggleAllUnsigned(Genome &genome, Random &random) {
  bool isUnsigned = random.oneIn(2), isChanged = false;
  for (Node &node : genome.nodes)
    if (isInteger(node.element)) {
      isChanged |= node.isUnsigned != isUnsigned;
      node.isUnsigned = isUnsigned;
    }
  return isChanged;
}

/// The whole program in other types.
bool changeFamily(Genome &genome, Random &random) {
  Types types = drawTypes(Arithmetic(random.below(3)), random);
  for (Node &node : genome.nodes) {
    node.element = isLeaf(node) && random.oneIn(4) ? types.accumulate : types.element;
    node.accumulate = isContraction(node) ? types.accumulate : node.element;
    node.isUnsigned = types.isUnsigned;
    if (node.semiring != Semiring::PlusTimes || types.semiring != Semiring::PlusTimes)
      node.semiring = types.semiring;
  }
  genome.arithmetic = isInteger(types.element) ? Arithmetic::Ring
                      : random.oneIn(5)        ? Arithmetic::Bound
                                               : Arithmetic::Exact;
  return true;
}

constexpr Mutator kMutators[] = {{"change-leaf-type", MutatorClass::Types, changeLeaf},
                                 {"change-accumulation", MutatorClass::Types, changeAccumulation},
                                 {"change-result-type", MutatorClass::Types, changeResult},
                                 {"mix-types", MutatorClass::Types, mixTypes},
                                 {"change-semiring", MutatorClass::Types, changeSemiring},
                                 {"change-semirings", MutatorClass::Types, changeAllSemirings},
                                 {"toggle-unsigned", MutatorClass::Types, toggleUnsigned},
                                 {"toggle-all-unsigned", MutatorClass::Types, toggleAllUnsigned},
                                 {"change-family", MutatorClass::Types, changeFamily}};
} // namespace

std::span<const Mutator> tenon::fuzz::typeMutators() { return kMutators; }
