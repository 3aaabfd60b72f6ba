//===- LabelMutators.cpp - Which dimensions are one index -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Edit.h"
#include "Mutators.h"

#include <map>

using namespace tenon::fuzz;

namespace {

/// Other numbers for the labels of a contraction, which mean the same.
bool relabel(Genome &genome, Random &random) {
  int at = drawContraction(genome, random);
  if (at < 0)
    return false;
  Node &node = genome.nodes[at];
  std::vector<uint16_t> labels = distinctLabels(node), order = drawOrder(labels.size() + 2, random);
  std::map<uint16_t, uint16_t> renamed;
  for (size_t i = 0; i < labels.size(); ++i)
    renamed[labels[i]] = order[i];
  auto rename = [&](std::vector<uint16_t> &list) {
    for (uint16_t &label : list)
      label = renamed[label];
  };
  for (Operand &operand : node.operands)
    rename(operand.labels);
  rename(node.output);
  rename(node.sliced);
  return !labels.empty();
}

/// A summed index of a contraction becomes an open one.
bool openLabel(Genome &genome, Random &random) {
  int at = drawContraction(genome, random);
  if (at < 0)
    return false;
  Node &node = genome.nodes[at];
  std::vector<uint16_t> labels = distinctLabels(node);
  int label = drawWhere(labels, random, [&](uint16_t candidate) {
    return std::find(node.output.begin(), node.output.end(), candidate) == node.output.end();
  });
  if (label < 0)
    return false;
  node.output.insert(node.output.begin() + random.below(node.output.size() + 1), labels[label]);
  return true;
}

/// An open index becomes a summed one.
bool sumLabel(Genome &genome, Random &random) {
  int at = drawWhere(genome.nodes, random,
                     [](const Node &node) { return isContraction(node) && !node.output.empty(); });
  if (at < 0)
    return false;
  std::vector<uint16_t> &output = genome.nodes[at].output;
  output.erase(output.begin() + random.below(output.size()));
  return true;
}

/// Two indices of a contraction become one: a hyperedge, a trace or a diagonal, as it happens.
bool tieLabels(Genome &genome, Random &random) {
  int at = drawContraction(genome, random);
  if (at < 0)
    return false;
  std::vector<std::vector<uint32_t>> shapes = shapesOf(genome);
  Node &node = genome.nodes[at];
  std::vector<uint16_t> labels = distinctLabels(node);
  std::vector<uint32_t> extents = extentsOfLabels(node, shapes);
  if (labels.size() < 2)
    return false;
  shuffle(labels, random);
  // Those of equal extents can be tied as they are.
  uint16_t kept = labels[0], gone = labels[1];
  for (size_t i = 1; i < labels.size(); ++i)
    if (extents[labels[i]] == extents[kept])
      gone = labels[i];
  if (extents[kept] != extents[gone]) {
    // Leaves that have the one get the extent of the other.
    for (const Operand &operand : node.operands)
      for (size_t d = 0; d < operand.labels.size(); ++d)
        if (Node &leaf = genome.nodes[operand.node]; operand.labels[d] == gone && isLeaf(leaf))
          leaf.extents[d] = extents[kept];
  }
  for (Operand &operand : node.operands)
    std::replace(operand.labels.begin(), operand.labels.end(), gone, kept);
  std::erase(node.output, gone);
  std::erase(node.sliced, gone);
  return true;
}

/// One dimension of one operand gets an index of its own.
bool untieLabel(Genome &genome, Random &random) {
  int at = drawContraction(genome, random);
  if (at < 0)
    return false;
  Node &node = genome.nodes[at];
  uint16_t fresh = freshLabel(node);
  int operand = drawWhere(node.operands, random,
                          [](const Operand &candidate) { return !candidate.labels.empty(); });
  if (operand < 0)
    return false;
  drawFrom(node.operands[operand].labels, random) = fresh;
  if (random.oneIn(2))
    node.output.push_back(fresh);
  return true;
}

/// A dimension more: of a leaf, and in each contraction that reads it.
bool addLabel(Genome &genome, Random &random) {
  int leaf = drawWhere(genome.nodes, random, isDataLeaf);
  if (leaf < 0)
    return false;
  std::vector<uint32_t> &extents = genome.nodes[leaf].extents;
  genome.nodes[leaf].layout.order.clear();
  size_t place = random.below(extents.size() + 1);
  uint32_t extent = drawExtent(random);
  extents.insert(extents.begin() + place, extent);
  for (size_t i = leaf + 1; i < genome.nodes.size(); ++i) {
    Node &node = genome.nodes[i];
    if (!isContraction(node))
      continue;
    uint16_t fresh = freshLabel(node);
    for (Operand &operand : node.operands)
      if (operand.node == leaf)
        operand.labels.insert(operand.labels.begin() + std::min(place, operand.labels.size()),
                              fresh);
    if (random.oneIn(2))
      node.output.push_back(fresh);
  }
  return true;
}

/// A dimension of a leaf less.
bool dropLabel(Genome &genome, Random &random) {
  int leaf = drawWhere(genome.nodes, random,
                       [](const Node &node) { return isLeaf(node) && !node.extents.empty(); });
  if (leaf < 0)
    return false;
  std::vector<uint32_t> &extents = genome.nodes[leaf].extents;
  genome.nodes[leaf].layout.order.clear();
  size_t place = random.below(extents.size());
  extents.erase(extents.begin() + place);
  for (Node &node : genome.nodes)
    if (isContraction(node))
      for (Operand &operand : node.operands)
        if (operand.node == leaf && place < operand.labels.size())
          operand.labels.erase(operand.labels.begin() + place);
  return true;
}

/// Two neighbouring dimensions of a leaf become one, of the product of their extents, and so do
/// their indices.
bool fuseLabels(Genome &genome, Random &random) {
  int leaf = drawWhere(genome.nodes, random, [](const Node &node) {
    return isDataLeaf(node) && node.extents.size() > 1;
  });
  if (leaf < 0)
    return false;
  Node &node = genome.nodes[leaf];
  size_t place = random.below(node.extents.size() - 1);
  node.extents[place] *= node.extents[place + 1];
  node.extents.erase(node.extents.begin() + place + 1);
  node.layout.order.clear();
  for (Node &user : genome.nodes)
    if (isContraction(user))
      for (Operand &operand : user.operands)
        if (operand.node == leaf && place + 1 < operand.labels.size())
          operand.labels.erase(operand.labels.begin() + place + 1);
  return true;
}

/// A dimension of a leaf, of a composite extent, becomes two; its index goes on with the outer
/// part.
bool splitLabel(Genome &genome, Random &random) {
  auto isSplittable = [](uint32_t extent) {
    return extent >= 4 && (extent % 2 == 0 || extent % 3 == 0 || extent % 5 == 0);
  };
  int leaf = drawWhere(genome.nodes, random, [&](const Node &node) {
    return isDataLeaf(node) && std::any_of(node.extents.begin(), node.extents.end(), isSplittable);
  });
  if (leaf < 0)
    return false;
  Node &node = genome.nodes[leaf];
  int place = drawWhere(node.extents, random, isSplittable);
  uint32_t extent = node.extents[place], factor = extent % 2 == 0 ? 2 : extent % 3 == 0 ? 3 : 5;
  node.extents[place] = factor;
  node.extents.insert(node.extents.begin() + place + 1, extent / factor);
  node.layout.order.clear();
  for (Node &user : genome.nodes)
    if (isContraction(user)) {
      uint16_t outer = freshLabel(user), inner = outer + 1;
      bool isUsed = false;
      for (Operand &operand : user.operands)
        if (operand.node == leaf && size_t(place) < operand.labels.size()) {
          operand.labels[place] = outer;
          operand.labels.insert(operand.labels.begin() + place + 1, inner);
          isUsed = true;
        }
      if (isUsed && random.oneIn(2))
        user.output.insert(user.output.end(), {outer, inner});
    }
  return true;
}

/// The dimensions of a leaf in another order, wherever contractions read it: the same network.
bool permuteDimensions(Genome &genome, Random &random) {
  int leaf = drawWhere(genome.nodes, random,
                       [](const Node &node) { return isLeaf(node) && node.extents.size() > 1; });
  if (leaf < 0)
    return false;
  std::vector<uint16_t> order = drawOrder(genome.nodes[leaf].extents.size(), random);
  auto permute = [&](auto &list) {
    if (list.size() != order.size())
      return;
    auto old = list;
    for (size_t d = 0; d < order.size(); ++d)
      list[d] = old[order[d]];
  };
  permute(genome.nodes[leaf].extents);
  for (Node &node : genome.nodes)
    if (isContraction(node))
      for (Operand &operand : node.operands)
        if (operand.node == leaf)
          permute(operand.labels);
  return true;
}

/// The dimensions of a contraction's result in another order.
bool permuteOutput(Genome &genome, Random &random) {
  int at = drawWhere(genome.nodes, random, [](const Node &node) {
    return isContraction(node) && node.output.size() > 1;
  });
  if (at < 0)
    return false;
  shuffle(genome.nodes[at].output, random);
  return true;
}

/// An operand reads its diagonal: two of its dimensions become one index.
bool takeDiagonal(Genome &genome, Random &random) {
  int at = drawWhere(genome.nodes, random, [](const Node &node) {
    return isContraction(node) &&
           std::any_of(node.operands.begin(), node.operands.end(),
                       [](const Operand &operand) { return operand.labels.size() > 1; });
  });
  if (at < 0)
    return false;
  Node &node = genome.nodes[at];
  int which = drawWhere(node.operands, random,
                        [](const Operand &operand) { return operand.labels.size() > 1; });
  Operand &operand = node.operands[which];
  size_t kept = random.below(operand.labels.size()),
         gone = (kept + 1 + random.below(operand.labels.size() - 1)) % operand.labels.size();
  operand.labels[gone] = operand.labels[kept];
  if (Node &leaf = genome.nodes[operand.node]; isLeaf(leaf))
    leaf.extents[gone] = leaf.extents[kept];
  return true;
}

constexpr Mutator kMutators[] = {{"relabel", MutatorClass::Graph, relabel},
                                 {"open-label", MutatorClass::Graph, openLabel},
                                 {"sum-label", MutatorClass::Graph, sumLabel},
                                 {"tie-labels", MutatorClass::Graph, tieLabels},
                                 {"untie-label", MutatorClass::Graph, untieLabel},
                                 {"add-label", MutatorClass::Graph, addLabel},
                                 {"drop-label", MutatorClass::Graph, dropLabel},
                                 {"fuse-labels", MutatorClass::Graph, fuseLabels},
                                 {"split-label", MutatorClass::Graph, splitLabel},
                                 {"permute-dimensions", MutatorClass::Graph, permuteDimensions},
                                 {"permute-output", MutatorClass::Graph, permuteOutput},
                                 {"take-diagonal", MutatorClass::Graph, takeDiagonal}};
} // namespace

std::span<const Mutator> tenon::fuzz::labelMutators() { return kMutators; }
