//===- Edit.cpp - What mutators share -------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Edit.h"

#include <map>
#include <numeric>

using namespace tenon::fuzz;

//===----------------------------------------------------------------------===//
// Drawing
//===----------------------------------------------------------------------===//

unsigned tenon::fuzz::drawGeometric(unsigned n, unsigned most, Random &random) {
  unsigned drawn = 1;
  while (drawn < most && !random.oneIn(n))
    ++drawn;
  return drawn;
}

uint32_t tenon::fuzz::drawExtent(Random &random) {
  // Mostly small: networks have many indices, and work multiplies.
  if (random.below(8) < 5)
    return drawFrom<uint32_t>({1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5}, random);
  return drawFrom<uint32_t>({0, 1, 7, 7, 8, 8, 9, 9, 15, 16, 17, 31, 32, 33, 64, 65}, random);
}

std::vector<uint16_t> tenon::fuzz::drawOrder(size_t n, Random &random) {
  std::vector<uint16_t> order(n);
  std::iota(order.begin(), order.end(), uint16_t(0));
  shuffle(order, random);
  return order;
}

std::vector<uint16_t> tenon::fuzz::drawOtherOrder(size_t n, Random &random) {
  if (n < 2)
    return {};
  std::vector<uint16_t> order = drawOrder(n, random);
  if (std::is_sorted(order.begin(), order.end()))
    std::swap(order[0], order[1 + random.below(n - 1)]);
  return order;
}

std::vector<uint16_t> tenon::fuzz::drawPath(size_t n, Random &random) {
  std::vector<uint16_t> alive(n), path;
  std::iota(alive.begin(), alive.end(), uint16_t(0));
  for (size_t made = n; alive.size() > 1; ++made) {
    for (int side = 0; side < 2; ++side) {
      size_t at = random.below(alive.size());
      path.push_back(alive[at]);
      alive.erase(alive.begin() + at);
    }
    alive.push_back(uint16_t(made));
  }
  return path;
}

int tenon::fuzz::drawContraction(const Genome &genome, Random &random) {
  return drawWhere(genome.nodes, random, isContraction);
}

int tenon::fuzz::drawIndexedContraction(const Genome &genome, Random &random) {
  return drawWhere(genome.nodes, random, [](const Node &node) {
    return isContraction(node) && !distinctLabels(node).empty();
  });
}

//===----------------------------------------------------------------------===//
// Graphs
//===----------------------------------------------------------------------===//

void tenon::fuzz::insertNode(Genome &genome, size_t position, Node node) {
  genome.nodes.insert(genome.nodes.begin() + position, std::move(node));
  for (size_t i = position + 1; i < genome.nodes.size(); ++i)
    for (Operand &operand : genome.nodes[i].operands)
      operand.node += operand.node >= position;
  for (uint16_t &result : genome.results)
    result += result >= position;
}

void tenon::fuzz::replaceUses(Genome &genome, uint16_t from, uint16_t to, size_t after) {
  for (size_t i = after + 1; i < genome.nodes.size(); ++i)
    for (Operand &operand : genome.nodes[i].operands)
      if (operand.node == from)
        operand.node = to;
  for (uint16_t &result : genome.results)
    if (result == from)
      result = to;
}

Node tenon::fuzz::makeArgument(std::vector<uint32_t> extents, Element element, bool isUnsigned) {
  Node argument;
  argument.element = argument.accumulate = element;
  argument.isUnsigned = isUnsigned;
  argument.extents = std::move(extents);
  return argument;
}

void tenon::fuzz::addArgumentOperand(Genome &genome, size_t node, std::vector<uint32_t> extents,
                                     std::vector<uint16_t> labels) {
  Node argument = makeArgument(std::move(extents), genome.nodes[node].accumulate,
                               genome.nodes[node].isUnsigned);
  insertNode(genome, node, std::move(argument));
  Node &contraction = genome.nodes[node + 1];
  contraction.operands.push_back({uint16_t(node), std::move(labels)});
  contraction.path.clear();
}

std::vector<uint32_t>
tenon::fuzz::extentsOfLabels(const Node &node, const std::vector<std::vector<uint32_t>> &shapes) {
  std::vector<uint32_t> extents;
  for (const Operand &operand : node.operands)
    for (size_t d = 0; d < operand.labels.size() && d < shapes[operand.node].size(); ++d) {
      extents.resize(std::max(extents.size(), size_t(operand.labels[d]) + 1));
      extents[operand.labels[d]] = shapes[operand.node][d];
    }
  return extents;
}

namespace {
/// Sets of numbers that are joined.
class UnionFind {
public:
  unsigned add() {
    parents.push_back(unsigned(parents.size()));
    return parents.back();
  }
  unsigned find(unsigned i) {
    while (parents[i] != i)
      i = parents[i] = parents[parents[i]];
    return i;
  }
  void join(unsigned a, unsigned b) { parents[find(b)] = find(a); }

private:
  std::vector<unsigned> parents;
};
} // namespace

std::vector<std::vector<LeafDimension>> tenon::fuzz::dimensionClasses(const Genome &genome) {
  std::vector<std::vector<uint32_t>> shapes = shapesOf(genome);
  UnionFind sets;
  std::vector<std::vector<unsigned>> of(shapes.size());
  for (size_t i = 0; i < shapes.size(); ++i) {
    const Node &node = genome.nodes[i];
    for (size_t d = 0; d < shapes[i].size(); ++d)
      of[i].push_back(sets.add());
    auto join = [&](size_t dimension, const Operand &operand, size_t other) {
      if (dimension < of[i].size() && other < of[operand.node].size())
        sets.join(of[operand.node][other], of[i][dimension]);
    };
    switch (node.kind) {
    case NodeKind::Delta:
      for (size_t d = 1; d < of[i].size(); ++d)
        sets.join(of[i][0], of[i][d]);
      break;
    case NodeKind::Contract:
    case NodeKind::Slice: {
      std::map<uint16_t, unsigned> ofLabel;
      for (const Operand &operand : node.operands)
        for (size_t d = 0; d < operand.labels.size() && d < of[operand.node].size(); ++d) {
          auto [found, isNew] = ofLabel.try_emplace(operand.labels[d], of[operand.node][d]);
          sets.join(found->second, of[operand.node][d]);
        }
      for (size_t d = 0; d < of[i].size() && d < node.output.size(); ++d)
        if (auto found = ofLabel.find(node.output[d]); found != ofLabel.end())
          sets.join(found->second, of[i][d]);
      break;
    }
    case NodeKind::Conj:
    case NodeKind::Widen:
    case NodeKind::Map:
    case NodeKind::Update:
      for (const Operand &operand : node.operands)
        for (size_t d = 0; d < of[i].size(); ++d)
          join(d, operand, d);
      for (size_t d = 0; readsTwice(node) && d < of[i].size(); ++d)
        join(node.output[d], node.operands.back(), d);
      break;
    case NodeKind::Permute:
      for (size_t d = 0; d < of[i].size() && d < node.output.size(); ++d)
        join(d, node.operands.front(), node.output[d]);
      break;
    default:
      break;
    }
  }
  std::map<unsigned, std::vector<LeafDimension>> classes;
  for (size_t i = 0; i < shapes.size(); ++i)
    if (isLeaf(genome.nodes[i]))
      for (size_t d = 0; d < of[i].size(); ++d)
        classes[sets.find(of[i][d])].push_back({uint16_t(i), uint16_t(d)});
  std::vector<std::vector<LeafDimension>> list;
  for (auto &[root, dimensions] : classes)
    list.push_back(std::move(dimensions));
  return list;
}

void tenon::fuzz::setExtent(Genome &genome, const std::vector<LeafDimension> &dimensions,
                            uint32_t extent) {
  for (LeafDimension dimension : dimensions)
    if (std::vector<uint32_t> &extents = genome.nodes[dimension.node].extents;
        dimension.dimension < extents.size())
      extents[dimension.dimension] = extent;
}
