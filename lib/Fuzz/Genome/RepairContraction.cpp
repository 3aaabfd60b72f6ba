//===- RepairContraction.cpp - Makes a contraction valid ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "RepairNode.h"
#include "ShapeOfNode.h"

#include "tenon/Fuzz/ElementRules.h"

#include <algorithm>

namespace tenon::fuzz {
namespace {

class ContractionRepair {
public:
  ContractionRepair(Node &node, RepairState &state) : node(node), state(state) {}

  uint16_t run() {
    repairOperands();
    repairLabels();
    repairWork();
    if (node.kind == NodeKind::Conj)
      return state.dynamic[node.operands.front().node];
    repairOutput();
    repairTypes();
    repairSemiring();
    repairPath();
    repairSliced();
    repairForm();
    uint16_t dynamic = 0;
    for (size_t dim = 0; dim < node.output.size(); ++dim)
      dynamic |= static_cast<uint16_t>(isDynamic(node.output[dim]) << dim);
    state.workLeft -= work();
    clearRest();
    return dynamic;
  }

private:
  void repairOperands() {
    std::erase_if(node.operands,
                  [&](const Operand &operand) { return operand.node >= state.nodes.size(); });
    if (node.operands.size() > state.limits.operands)
      node.operands.resize(state.limits.operands);
    if (node.operands.empty())
      node.operands.push_back({static_cast<uint16_t>(state.nodes.size() - 1), {}});
    // Operands that no type holds together with the ones before.
    Element join = elementOf(node.operands.front());
    std::erase_if(node.operands, [&](const Operand &operand) {
      std::optional<Element> both = joinOf(join, elementOf(operand));
      if (both)
        join = *both;
      return !both;
    });
  }

  /// One label for each dimension, of one extent: dimensions of another extent get a label of their
  /// own.
  void repairLabels() {
    std::vector<bool> isUsed(state.limits.operands * state.limits.rank * 2 + 1, false);
    auto use = [&](uint16_t label) {
      if (label < isUsed.size())
        isUsed[label] = true;
    };
    for (Operand &operand : node.operands) {
      size_t rank = shapeOf(operand).size();
      if (operand.labels.size() > rank)
        operand.labels.resize(rank);
      std::ranges::for_each(operand.labels, use);
    }
    uint16_t next = 0;
    auto makeLabel = [&] {
      while (isUsed[next])
        ++next;
      isUsed[next] = true;
      return next;
    };
    struct Meaning {
      uint16_t given, label;
      uint32_t extent;
    };
    std::vector<Meaning> meanings;
    for (Operand &operand : node.operands) {
      const std::vector<uint32_t> &shape = shapeOf(operand);
      size_t given = operand.labels.size();
      for (size_t dim = 0; dim < given; ++dim) {
        uint16_t label = operand.labels[dim];
        bool isNew = true;
        const Meaning *known = nullptr;
        for (const Meaning &meaning : meanings) {
          isNew &= meaning.given != label;
          if (meaning.given == label && meaning.extent == shape[dim])
            known = &meaning;
        }
        if (!known) {
          meanings.push_back({label, isNew ? label : makeLabel(), shape[dim]});
          known = &meanings.back();
        }
        operand.labels[dim] = known->label;
      }
      for (size_t dim = given; dim < shape.size(); ++dim)
        operand.labels.push_back(makeLabel());
    }
  }

  /// What the loops over all labels cost; an empty sum counts 1.
  uint64_t work() const { return std::max<uint64_t>(labelsOf(node, state.shapes).points(), 1); }

  void repairWork() {
    while (node.operands.size() > 1 && work() > state.workLeft)
      node.operands.pop_back();
    if (work() <= state.workLeft)
      return;
    uint16_t operand = node.operands.front().node;
    node = Node();
    node.kind = NodeKind::Conj;
    node.element = state.nodes[operand].element;
    node.operands.push_back({operand, {}});
  }

  void repairOutput() {
    LabelTable table = labelsOf(node, state.shapes);
    std::vector<uint16_t> output;
    uint64_t elements = 1;
    for (uint16_t label : node.output) {
      const LabelTable::Entry *entry = table.find(label);
      if (!entry || std::ranges::find(output, label) != output.end() ||
          output.size() == state.limits.rank)
        continue;
      if (elements * entry->extent > state.limits.elements)
        continue;
      elements = std::max<uint64_t>(elements * entry->extent, 1);
      output.push_back(label);
    }
    node.output = std::move(output);
  }

  void repairTypes() {
    Element join = elementOf(node.operands.front());
    for (const Operand &operand : node.operands)
      join = *joinOf(join, elementOf(operand));
    if (node.semiring == Semiring::OrAnd && join != Element::I1)
      node.semiring = Semiring::PlusTimes;
    if (isComplex(join) && node.semiring != Semiring::PlusTimes)
      node.semiring = Semiring::PlusTimes;
    // What every operand widens to is what their join widens to.
    auto isPossible = [&](Element type) {
      return widensTo(join, type) && isLegalSemiring(node.semiring, type);
    };
    bool isGiven = isPossible(node.accumulate) && roundsTo(node.accumulate, node.element);
    if (!isGiven && isPossible(node.element))
      node.accumulate = node.element;
    else if (!isGiven && !isPossible(node.accumulate))
      node.accumulate = isPossible(join) ? join : Element::I8;
    if (!roundsTo(node.accumulate, node.element))
      node.element = node.accumulate;
    node.isUnsigned &= isInteger(node.accumulate) && node.accumulate != Element::Index;
  }

  /// Sums that overflow, or factors that are negative, whatever the leaves are.
  void repairSemiring() {
    RangeVerdict verdict;
    rangeOfNode(node, state.nodes, state.ranges, labelsOf(node, state.shapes).sum(), verdict);
    if (!verdict.isInSemiring)
      node.semiring = Semiring::PlusTimes;
  }

  /// Steps of two operands that are there and not yet used. A path that ends early is complete: the
  /// planner contracts what is left.
  void repairPath() {
    std::vector<uint16_t> path;
    std::vector<bool> isUsed(2 * node.operands.size(), false);
    size_t numbers = node.operands.size();
    for (size_t i = 0; i + 1 < node.path.size() && numbers + 1 < isUsed.size(); i += 2) {
      uint16_t a = node.path[i], b = node.path[i + 1];
      if (a == b || a >= numbers || b >= numbers || isUsed[a] || isUsed[b])
        continue;
      isUsed[a] = isUsed[b] = true;
      path.insert(path.end(), {a, b});
      ++numbers;
    }
    node.path = node.kind == NodeKind::Contract ? std::move(path) : std::vector<uint16_t>();
  }

  void repairSliced() {
    LabelTable table = labelsOf(node, state.shapes);
    bool isSlice = node.kind == NodeKind::Slice;
    bool anyDynamic = false;
    for (const LabelTable::Entry &entry : table.entries)
      anyDynamic |= isDynamic(entry.label);
    // The result of a slice has static extents.
    for (uint16_t label : node.output)
      if (isSlice && isDynamic(label))
        node.kind = NodeKind::Contract;
    // The planner slices trees of static extents only.
    if (node.kind == NodeKind::Contract && (node.path.empty() || anyDynamic))
      node.sliced.clear();
    std::vector<uint16_t> sliced;
    uint64_t iterations = 1;
    for (uint16_t label : node.sliced) {
      const LabelTable::Entry *entry = table.find(label);
      if (!entry || std::ranges::find(sliced, label) != sliced.end() || isDynamic(label) ||
          iterations * entry->extent > kIterations)
        continue;
      // It leaves out what is summed before the first step, and slices that are none.
      if (!isSlice && (entry->extent == 0 || (entry->operands < 2 && !entry->isOpen)))
        continue;
      // A label of extent 0 may have to go.
      iterations *= std::max(entry->extent, 1u);
      sliced.push_back(label);
    }
    node.sliced = std::move(sliced);
    while (isSlice && dropCutsOfEmptyOperands())
      ;
  }

  /// As loops only what a product and a sum of arith say, and where the result has known extents to
  /// be filled with zeros.
  void repairForm() {
    bool mayBeLoops =
        node.kind == NodeKind::Contract && node.semiring == Semiring::PlusTimes &&
        node.path.empty() && node.element == node.accumulate && !isComplex(node.element) &&
        std::ranges::all_of(node.operands, [&](const Operand &operand) {
          return elementOf(operand) == node.element && state.dynamic[operand.node] == 0;
        });
    node.flavour = mayBeLoops ? node.flavour % kNumForms : 0;
    // Nothing is widened.
    node.isUnsigned &= !isWrittenAsLoops(node);
  }

  /// MLIR has no part of a dimension of extent 0, not even all of it: an operand with such a
  /// dimension is read whole, unless the dimension is cut itself. False where nothing is left to
  /// drop.
  bool dropCutsOfEmptyOperands() {
    auto isSliced = [&](uint16_t label) {
      return std::ranges::find(node.sliced, label) != node.sliced.end();
    };
    size_t before = node.sliced.size();
    for (const Operand &operand : node.operands) {
      bool hasEmpty = false;
      for (size_t dim = 0; dim < operand.labels.size(); ++dim)
        hasEmpty |= shapeOf(operand)[dim] == 0 && !isSliced(operand.labels[dim]);
      if (hasEmpty)
        std::erase_if(node.sliced, [&](uint16_t label) {
          return std::ranges::find(operand.labels, label) != operand.labels.end();
        });
    }
    return node.sliced.size() != before;
  }

  /// Fields that a contraction does not have.
  void clearRest() {
    Node clean;
    clean.kind = node.kind;
    clean.element = node.element;
    clean.accumulate = node.accumulate;
    clean.semiring = node.semiring;
    clean.isUnsigned = node.isUnsigned;
    clean.flavour = node.flavour;
    clean.operands = std::move(node.operands);
    clean.output = std::move(node.output);
    clean.sliced = std::move(node.sliced);
    clean.path = std::move(node.path);
    node = std::move(clean);
  }

  Element elementOf(const Operand &operand) const { return state.nodes[operand.node].element; }
  const std::vector<uint32_t> &shapeOf(const Operand &operand) const {
    return state.shapes[operand.node];
  }

  /// Whether no operand's type says the extent of a label.
  bool isDynamic(uint16_t label) const {
    for (const Operand &operand : node.operands)
      for (size_t dim = 0; dim < operand.labels.size(); ++dim)
        if (operand.labels[dim] == label && !(state.dynamic[operand.node] >> dim & 1))
          return false;
    return true;
  }

  Node &node;
  RepairState &state;
};

} // namespace

uint16_t repairContraction(Node &node, RepairState &state) {
  return ContractionRepair(node, state).run();
}

} // namespace tenon::fuzz
