//===- Dimensions.cpp - Which dimensions of a program are one -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Dimensions.h"

#include <algorithm>
#include <map>
#include <numeric>

using namespace tenon::fuzz;

namespace {
/// Union-find over the dimensions of all nodes.
class Classes {
public:
  explicit Classes(const std::vector<std::vector<uint32_t>> &shapes) {
    for (const std::vector<uint32_t> &shape : shapes) {
      first.push_back(parents.size());
      parents.resize(parents.size() + shape.size());
    }
    std::iota(parents.begin(), parents.end(), size_t{0});
    first.push_back(parents.size());
  }

  /// False for a dimension that the node does not have.
  bool has(Dimension dimension) const {
    return dimension.node + 1 < first.size() &&
           dimension.position < first[dimension.node + 1] - first[dimension.node];
  }

  size_t find(Dimension dimension) { return find(first[dimension.node] + dimension.position); }

  void join(Dimension a, Dimension b) {
    if (has(a) && has(b))
      parents[find(a)] = find(b);
  }

  size_t rank(size_t node) const { return first[node + 1] - first[node]; }

private:
  size_t find(size_t number) {
    while (parents[number] != number)
      number = parents[number] = parents[parents[number]];
    return number;
  }

  std::vector<size_t> first, parents;
};
} // namespace

/// Dimensions of operands and result that carry one label.
static void joinLabels(const Node &node, size_t number, Classes &classes) {
  std::map<uint16_t, Dimension> carriers;
  auto meet = [&](uint16_t label, Dimension dimension) {
    auto [known, isNew] = carriers.try_emplace(label, dimension);
    if (!isNew)
      classes.join(known->second, dimension);
  };
  for (const Operand &operand : node.operands)
    for (size_t d = 0; d < operand.labels.size(); ++d)
      meet(operand.labels[d], {operand.node, d});
  for (size_t d = 0; d < node.output.size(); ++d)
    meet(node.output[d], {number, d});
}

static void joinDimensions(const Genome &genome, size_t number, Classes &classes) {
  const Node &node = genome.nodes[number];
  switch (node.kind) {
  case NodeKind::Argument:
  case NodeKind::Constant:
    return;
  case NodeKind::Delta:
    for (size_t d = 1; d < classes.rank(number); ++d)
      classes.join({number, 0}, {number, d});
    return;
  case NodeKind::Contract:
  case NodeKind::Slice:
    joinLabels(node, number, classes);
    return;
  case NodeKind::Permute:
    for (size_t d = 0; d < node.output.size() && !node.operands.empty(); ++d)
      classes.join({number, d}, {node.operands[0].node, node.output[d]});
    return;
  case NodeKind::Conj:
  case NodeKind::Map:
  case NodeKind::Widen:
  case NodeKind::Subtensor:
  case NodeKind::Update:
    for (const Operand &operand : node.operands)
      for (size_t d = 0; d < classes.rank(number); ++d)
        classes.join({number, d}, {operand.node, d});
    for (size_t d = 0; readsTwice(node) && d < node.output.size(); ++d)
      classes.join({number, d}, {number, node.output[d]});
    return;
  }
}

std::vector<std::vector<Dimension>> tenon::fuzz::linkedDimensions(const Genome &genome) {
  std::vector<std::vector<uint32_t>> shapes = shapesOf(genome);
  Classes classes(shapes);
  for (size_t number = 0; number < genome.nodes.size(); ++number)
    joinDimensions(genome, number, classes);
  std::vector<std::vector<Dimension>> all;
  std::map<size_t, size_t> places;
  for (size_t node = 0; node < shapes.size(); ++node)
    for (size_t d = 0; d < shapes[node].size(); ++d) {
      auto [place, isNew] = places.try_emplace(classes.find({node, d}), all.size());
      if (isNew)
        all.emplace_back();
      all[place->second].push_back({node, d});
    }
  return all;
}

void tenon::fuzz::setExtent(Genome &genome, const std::vector<Dimension> &dimensions,
                            uint32_t extent) {
  for (const Dimension &dimension : dimensions) {
    Node &node = genome.nodes[dimension.node];
    if (isLeaf(node) && dimension.position < node.extents.size())
      node.extents[dimension.position] = extent;
  }
}

/// The elements of `all` at other positions than those of `gone`.
template <typename T>
static void eraseAt(std::vector<T> &all, const std::vector<size_t> &gone, size_t width = 1) {
  std::vector<T> kept;
  for (size_t i = 0; i < all.size(); ++i)
    if (std::find(gone.begin(), gone.end(), i / width) == gone.end())
      kept.push_back(all[i]);
  all = std::move(kept);
}

static uint16_t eraseBits(uint16_t bits, const std::vector<size_t> &gone) {
  uint16_t kept = 0;
  for (unsigned from = 0, to = 0; from < 16; ++from)
    if (std::find(gone.begin(), gone.end(), from) == gone.end())
      kept |= static_cast<uint16_t>(((bits >> from) & 1) << to++);
  return kept;
}

/// A permutation without the values of `gone`, at the positions `places`; values above move down.
static void eraseFromOrder(std::vector<uint16_t> &order, const std::vector<size_t> &gone) {
  std::erase_if(order, [&](uint16_t value) {
    return std::find(gone.begin(), gone.end(), value) != gone.end();
  });
  for (uint16_t &value : order)
    value = static_cast<uint16_t>(
        value - std::count_if(gone.begin(), gone.end(), [&](size_t d) { return d < value; }));
}

/// Labels of operand dimensions that go.
static void eraseLabels(Node &node, const std::vector<std::vector<size_t>> &gone) {
  for (Operand &operand : node.operands)
    if (operand.node < gone.size())
      eraseAt(operand.labels, gone[operand.node]);
  auto occurs = [&](uint16_t label) {
    return std::any_of(node.operands.begin(), node.operands.end(), [&](const Operand &operand) {
      return std::find(operand.labels.begin(), operand.labels.end(), label) != operand.labels.end();
    });
  };
  std::erase_if(node.sliced, [&](uint16_t label) { return !occurs(label); });
}

void tenon::fuzz::removeDimensions(Genome &genome, const std::vector<Dimension> &dimensions) {
  std::vector<std::vector<size_t>> gone(genome.nodes.size());
  for (const Dimension &dimension : dimensions)
    gone[dimension.node].push_back(dimension.position);
  for (size_t number = 0; number < genome.nodes.size(); ++number) {
    Node &node = genome.nodes[number];
    const std::vector<size_t> &own = gone[number];
    if (isLeaf(node)) {
      eraseAt(node.extents, own);
      node.dynamic = eraseBits(node.dynamic, own);
      node.layout.reversed = eraseBits(node.layout.reversed, own);
      eraseFromOrder(node.layout.order, own);
    } else if (isContraction(node)) {
      eraseAt(node.output, own);
      eraseLabels(node, gone);
    } else if (node.kind == NodeKind::Permute && !node.operands.empty()) {
      eraseFromOrder(node.output, gone[node.operands[0].node]);
    } else if (node.kind == NodeKind::Update) {
      eraseFromOrder(node.output, own);
    } else if (node.kind == NodeKind::Subtensor) {
      eraseAt(node.numbers, own, 3);
    }
  }
}
