//===- Shapes.cpp - What follows from leaves' extents ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/Labels.h"

#include "ShapeOfNode.h"

#include <algorithm>

namespace tenon::fuzz {

static constexpr uint64_t kSaturated = uint64_t{1} << 62;

static uint64_t multiply(uint64_t a, uint64_t b) {
  if (a == 0 || b == 0)
    return 0;
  return a > kSaturated / b ? kSaturated : a * b;
}

uint64_t countElements(const std::vector<uint32_t> &shape) {
  uint64_t product = 1;
  for (uint32_t extent : shape)
    product = multiply(product, extent);
  // A saturated product has lost a zero that comes after.
  return std::ranges::find(shape, 0u) != shape.end() ? 0 : product;
}

uint64_t LabelTable::points() const {
  uint64_t product = 1;
  for (const Entry &entry : entries) {
    if (entry.extent == 0)
      return 0;
    product = multiply(product, entry.extent);
  }
  return product;
}

SumSize LabelTable::sum() const {
  SumSize size;
  for (const Entry &entry : entries) {
    if (entry.isOpen)
      continue;
    size.isEmpty |= entry.extent == 0;
    size.terms = multiply(size.terms, std::max(entry.extent, 1u));
  }
  return size;
}

LabelTable labelsOf(const Node &node, const Shapes &shapes) {
  LabelTable table;
  for (const Operand &operand : node.operands) {
    size_t before = table.entries.size();
    for (size_t dim = 0; dim < operand.labels.size(); ++dim) {
      auto known = std::ranges::find(table.entries, operand.labels[dim], &LabelTable::Entry::label);
      if (known == table.entries.end()) {
        bool isOpen = std::ranges::find(node.output, operand.labels[dim]) != node.output.end();
        table.entries.push_back({operand.labels[dim], shapes[operand.node][dim], 1, isOpen});
        continue;
      }
      // Repeated within the operand: counted once.
      auto begin = operand.labels.begin();
      bool isNewHere = static_cast<size_t>(known - table.entries.begin()) < before &&
                       std::find(begin, begin + dim, operand.labels[dim]) == begin + dim;
      known->operands += isNewHere;
    }
  }
  return table;
}

std::vector<uint16_t> distinctLabels(const Node &node) {
  std::vector<uint16_t> labels;
  for (const Operand &operand : node.operands)
    for (uint16_t label : operand.labels)
      if (std::ranges::find(labels, label) == labels.end())
        labels.push_back(label);
  return labels;
}

uint16_t freshLabel(const Node &node) {
  std::vector<uint16_t> labels = distinctLabels(node);
  if (labels.empty())
    return 0;
  auto fresh = static_cast<uint16_t>(*std::ranges::max_element(labels) + 1);
  // 0 behind the largest number that a label may have.
  while (std::ranges::find(labels, fresh) != labels.end())
    ++fresh;
  return fresh;
}

std::vector<uint32_t> shapeOfNode(const Node &node, const Shapes &shapes) {
  switch (node.kind) {
  case NodeKind::Argument:
  case NodeKind::Constant:
  case NodeKind::Delta:
    return node.extents;
  case NodeKind::Contract:
  case NodeKind::Slice: {
    std::vector<uint32_t> shape;
    for (uint16_t label : node.output)
      for (const Operand &operand : node.operands) {
        auto place = std::ranges::find(operand.labels, label);
        if (place == operand.labels.end())
          continue;
        shape.push_back(shapes[operand.node][place - operand.labels.begin()]);
        break;
      }
    return shape;
  }
  case NodeKind::Conj:
  case NodeKind::Map:
  case NodeKind::Widen:
  case NodeKind::Update:
    return shapes[node.operands.front().node];
  case NodeKind::Permute: {
    std::vector<uint32_t> shape;
    for (uint16_t dim : node.output)
      shape.push_back(shapes[node.operands.front().node][dim]);
    return shape;
  }
  case NodeKind::Subtensor: {
    std::vector<uint32_t> shape;
    for (size_t dim = 0; 3 * dim < node.numbers.size(); ++dim)
      shape.push_back(static_cast<uint32_t>(node.numbers[3 * dim + 1]));
    return shape;
  }
  }
  return {};
}

Shapes shapesOf(const Genome &genome) {
  Shapes shapes;
  shapes.reserve(genome.nodes.size());
  for (const Node &node : genome.nodes)
    shapes.push_back(shapeOfNode(node, shapes));
  return shapes;
}

} // namespace tenon::fuzz
