//===- CrossOver.cpp - A genome of two ------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Edit.h"

using namespace tenon::fuzz;

namespace {

/// A node with everything that it needs, numbered anew from `first` on; the node itself is the last
/// one.
std::vector<Node> coneOf(const Genome &genome, uint16_t root, uint16_t first) {
  std::vector<bool> isNeeded(genome.nodes.size());
  isNeeded[root] = true;
  for (size_t i = root + 1u; i-- > 0;)
    if (isNeeded[i])
      for (const Operand &operand : genome.nodes[i].operands)
        isNeeded[operand.node] = true;
  std::vector<uint16_t> numbers(genome.nodes.size());
  std::vector<Node> cone;
  for (size_t i = 0; i <= root; ++i) {
    if (!isNeeded[i])
      continue;
    numbers[i] = uint16_t(first + cone.size());
    cone.push_back(genome.nodes[i]);
    for (Operand &operand : cone.back().operands)
      operand.node = numbers[operand.node];
  }
  return cone;
}

void appendPart(Genome &genome, const Genome &other, uint16_t root) {
  std::vector<Node> cone = coneOf(other, root, uint16_t(genome.nodes.size()));
  genome.nodes.insert(genome.nodes.end(), cone.begin(), cone.end());
  genome.results.push_back(uint16_t(genome.nodes.size() - 1));
}

/// A leaf becomes a part of the other program: the first one that shape fits, or any.
void graft(Genome &genome, const Genome &other, uint16_t root, Random &random) {
  std::vector<uint32_t> shape = shapesOf(other)[root];
  int leaf = drawWhere(genome.nodes, random,
                       [&](const Node &node) { return isLeaf(node) && node.extents == shape; });
  if (leaf < 0)
    leaf = drawWhere(genome.nodes, random, isLeaf);
  std::vector<Node> cone = coneOf(other, root, 0);
  for (Node &node : genome.nodes)
    for (Operand &operand : node.operands)
      operand.node = uint16_t(operand.node + cone.size());
  for (uint16_t &result : genome.results)
    result = uint16_t(result + cone.size());
  genome.nodes.insert(genome.nodes.begin(), cone.begin(), cone.end());
  replaceUses(genome, uint16_t(leaf + cone.size()), uint16_t(cone.size() - 1), cone.size() - 1);
}

} // namespace

Genome tenon::fuzz::crossOver(const Genome &a, const Genome &b, Random &random) {
  Genome child = a;
  uint16_t root = uint16_t(random.below(b.nodes.size()));
  switch (random.below(5)) {
  case 0:
    child.passes = b.passes;
    break;
  case 1:
    child.passes.resize(random.below(a.passes.size() + 1));
    child.passes.insert(child.passes.end(), b.passes.begin() + random.below(b.passes.size() + 1),
                        b.passes.end());
    break;
  case 2:
    for (Node node : b.nodes) {
      for (Operand &operand : node.operands)
        operand.node = uint16_t(operand.node + a.nodes.size());
      child.nodes.push_back(std::move(node));
    }
    for (uint16_t result : b.results)
      child.results.push_back(uint16_t(result + a.nodes.size()));
    break;
  case 3:
    appendPart(child, b, root);
    break;
  default:
    graft(child, b, root, random);
    break;
  }
  return child;
}
