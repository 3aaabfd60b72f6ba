//===- SlicingMutators.cpp - Which indices are loops ----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Edit.h"
#include "Mutators.h"

using namespace tenon::fuzz;

namespace {

/// A contraction goes into a loop over some of its indices, or comes out of one.
bool toggleSlice(Genome &genome, Random &random) {
  int at = drawContraction(genome, random);
  if (at < 0)
    return false;
  Node &node = genome.nodes[at];
  if (node.kind == NodeKind::Slice) {
    node.kind = NodeKind::Contract;
    return true;
  }
  node.kind = NodeKind::Slice;
  std::vector<uint16_t> labels = distinctLabels(node);
  shuffle(labels, random);
  labels.resize(std::min<size_t>(labels.size(), drawGeometric(2, 3, random)));
  node.sliced = std::move(labels);
  return true;
}

/// One index more or less among those that are sliced; of a contraction with a path, for the
/// planner.
bool toggleSliced(Genome &genome, Random &random) {
  int at = drawWhere(genome.nodes, random, [](const Node &node) {
    return isContraction(node) && (node.kind == NodeKind::Slice || node.operands.size() > 1) &&
           !distinctLabels(node).empty();
  });
  if (at < 0)
    return false;
  Node &node = genome.nodes[at];
  if (node.kind == NodeKind::Contract && node.path.empty())
    node.path = drawPath(node.operands.size(), random);
  std::vector<uint16_t> labels = distinctLabels(node);
  uint16_t label = drawFrom(labels, random);
  if (std::erase(node.sliced, label) == 0)
    node.sliced.insert(node.sliced.begin() + random.below(node.sliced.size() + 1), label);
  return true;
}

/// All open indices, all summed ones, or none.
bool sliceMany(Genome &genome, Random &random) {
  int at = drawIndexedContraction(genome, random);
  if (at < 0)
    return false;
  Node &node = genome.nodes[at];
  node.kind = NodeKind::Slice;
  node.sliced.clear();
  uint64_t which = random.below(3);
  for (uint16_t label : distinctLabels(node))
    if (bool isOpen = std::find(node.output.begin(), node.output.end(), label) != node.output.end();
        which == (isOpen ? 0u : 1u))
      node.sliced.push_back(label);
  return true;
}

constexpr Mutator kMutators[] = {{"toggle-slice", MutatorClass::Slicing, toggleSlice},
                                 {"toggle-sliced", MutatorClass::Slicing, toggleSliced},
                                 {"slice-many", MutatorClass::Slicing, sliceMany}};
} // namespace

std::span<const Mutator> tenon::fuzz::slicingMutators() { return kMutators; }
