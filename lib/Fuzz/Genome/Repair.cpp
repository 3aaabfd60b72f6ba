//===- Repair.cpp - Any record as a valid program -------------------------===//
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

constexpr uint8_t kNumFacts = 5;
constexpr size_t kResults = 8;
/// Elements around the rows of an argument: enough for every misalignment, little memory.
constexpr uint8_t kPadding = 15, kOffset = 63;

template <typename Enum> void clampEnum(Enum &value, unsigned count) {
  value = static_cast<Enum>(static_cast<unsigned>(value) % count);
}

template <typename T> void truncate(std::vector<T> &list, size_t most) {
  if (list.size() > most)
    list.resize(most);
}

uint16_t lowBits(size_t count) { return static_cast<uint16_t>((1u << count) - 1); }

bool isPermutation(const std::vector<uint16_t> &order, size_t rank) {
  if (order.size() != rank)
    return false;
  uint32_t seen = 0;
  for (uint16_t dim : order)
    if (dim >= rank || (seen >> dim & 1))
      return false;
    else
      seen |= 1u << dim;
  return true;
}

/// Whether there is a tensor of this shape of which a fact is true (docs/spec.md, F1 to F6).
bool isPossibleFact(uint8_t fact, const std::vector<uint32_t> &extents) {
  bool isCube =
      std::ranges::all_of(extents, [&](uint32_t extent) { return extent == extents.front(); });
  switch (fact) {
  case 1:
    return extents.size() >= 2 && isCube;
  case 2: {
    if (extents.size() < 2)
      return false;
    std::vector<uint32_t> others = extents;
    others.erase(others.begin() + 1);
    return extents[1] <= countElements(others);
  }
  case 3:
    return extents.size() == 2 && isCube;
  default:
    return true;
  }
}

class NodeRepair {
public:
  NodeRepair(Node source, RepairState &state) : source(std::move(source)), state(state) {}

  void run() {
    clampEnum(source.kind, kNumNodeKinds);
    clampEnum(source.element, kNumElements);
    clampEnum(source.accumulate, kNumElements);
    clampEnum(source.semiring, kNumSemirings);
    // Every kind but leaves needs an operand; with no node before, there is none.
    if (!isLeaf(source) && state.nodes.empty())
      source.kind = NodeKind::Argument;
    uint16_t dynamic = 0;
    // A node is written anew with the fields of its kind; the others are as in a new node.
    node.kind = source.kind;
    switch (source.kind) {
    case NodeKind::Argument:
      dynamic = argument();
      break;
    case NodeKind::Constant:
      constant();
      break;
    case NodeKind::Delta:
      delta();
      break;
    case NodeKind::Contract:
    case NodeKind::Slice:
      node = std::move(source);
      dynamic = repairContraction(node, state);
      break;
    default:
      dynamic = unary();
      break;
    }
    append(dynamic);
  }

private:
  void append(uint16_t dynamic) {
    std::vector<uint32_t> shape = shapeOfNode(node, state.shapes);
    RangeVerdict verdict;
    SumSize sum = isContraction(node) ? labelsOf(node, state.shapes).sum() : SumSize();
    state.ranges.push_back(isDataLeaf(node)
                               ? rangeOfLeaf(node.element, {0, 1})
                               : rangeOfNode(node, state.nodes, state.ranges, sum, verdict));
    state.shapes.push_back(std::move(shape));
    state.dynamic.push_back(dynamic);
    state.nodes.push_back(std::move(node));
  }

  void takeExtents(uint64_t elements) {
    node.element = source.element;
    node.extents = std::move(source.extents);
    truncate(node.extents, state.limits.rank);
    uint64_t product = 1;
    for (uint32_t &extent : node.extents) {
      extent = std::min({extent, state.limits.extent, static_cast<uint32_t>(elements / product)});
      product *= std::max(extent, 1u);
    }
  }

  void takeFacts() {
    node.facts = source.facts % kNumFacts;
    if (!isPossibleFact(node.facts, node.extents))
      node.facts = 0;
  }

  uint16_t argument() {
    takeExtents(state.limits.elements);
    takeFacts();
    size_t rank = node.extents.size();
    node.isUnsigned = source.isUnsigned && isInteger(node.element) && node.element != Element::I1 &&
                      node.element != Element::Index;
    node.dynamic = source.dynamic & lowBits(rank);
    // Arguments are drawn at random, with NaN among them or not.
    if (static_cast<Content>(source.flavour % kNumContents) == Content::Special)
      node.flavour = static_cast<uint8_t>(Content::Special);
    Layout &layout = node.layout;
    layout.order = std::move(source.layout.order);
    if (!isPermutation(layout.order, rank) || std::ranges::is_sorted(layout.order))
      layout.order.clear();
    layout.padding = rank == 0 ? 0 : std::min(source.layout.padding, kPadding);
    layout.offset = std::min(source.layout.offset, kOffset);
    layout.reversed = source.layout.reversed & lowBits(rank);
    return node.dynamic;
  }

  void constant() {
    takeExtents(std::min(state.limits.elements, kConstantElements));
    takeFacts();
    node.flavour = source.flavour % kNumContents;
  }

  void delta() {
    takeExtents(state.limits.elements);
    if (!node.extents.empty()) {
      uint32_t extent = node.extents.front();
      auto elementsOf = [&](uint32_t side) {
        return countElements(std::vector<uint32_t>(node.extents.size(), side));
      };
      while (elementsOf(extent) > state.limits.elements)
        --extent;
      std::ranges::fill(node.extents, extent);
    }
    node.semiring =
        isLegalSemiring(source.semiring, node.element) ? source.semiring : Semiring::PlusTimes;
  }

  /// Conj, Map, Widen, Permute, Subtensor, Update. Where the operand does not allow it, Conj.
  uint16_t unary() {
    size_t before = state.nodes.size();
    auto isBefore = [&](const Operand &operand) { return operand.node < before; };
    std::erase_if(source.operands, [&](const Operand &operand) { return !isBefore(operand); });
    if (source.operands.empty())
      source.operands.push_back({static_cast<uint16_t>(before - 1), {}});
    uint16_t number = source.operands.front().node;
    node.operands.push_back({number, {}});
    const Node &operand = state.nodes[number];
    const std::vector<uint32_t> &shape = state.shapes[number];
    uint16_t dynamic = state.dynamic[number];
    node.element = operand.element;
    switch (node.kind) {
    case NodeKind::Map:
      map();
      break;
    case NodeKind::Update:
      update(shape, dynamic);
      break;
    case NodeKind::Widen:
      if (!extendsTo(operand.element, source.element)) {
        node.kind = NodeKind::Conj;
        break;
      }
      node.element = source.element;
      node.isUnsigned =
          isInteger(node.element) && (source.isUnsigned || operand.element == Element::I1);
      break;
    case NodeKind::Permute: {
      // MLIR 22.1 crashes where it asks linalg.transpose of rank 0 for its maps.
      if (shape.empty()) {
        node.kind = NodeKind::Conj;
        break;
      }
      node.output = takeOrder(shape.size());
      uint16_t permuted = 0;
      for (size_t dim = 0; dim < shape.size(); ++dim)
        permuted |= static_cast<uint16_t>((dynamic >> node.output[dim] & 1) << dim);
      dynamic = permuted;
      break;
    }
    case NodeKind::Subtensor:
      // MLIR has no part of a dimension of extent 0.
      if (std::ranges::find(shape, 0u) != shape.end()) {
        node.kind = NodeKind::Conj;
        break;
      }
      subtensor(shape);
      dynamic = 0;
      break;
    default:
      break;
    }
    return dynamic;
  }

  /// The source's output as an order of so many dimensions: those that it lacks come last.
  std::vector<uint16_t> takeOrder(size_t rank) const {
    std::vector<uint16_t> order;
    std::vector<bool> seen(rank, false);
    for (uint16_t dim : source.output)
      if (dim < rank && !seen[dim]) {
        seen[dim] = true;
        order.push_back(dim);
      }
    for (size_t dim = 0; dim < rank; ++dim)
      if (!seen[dim])
        order.push_back(static_cast<uint16_t>(dim));
    return order;
  }

  void update(const std::vector<uint32_t> &shape, uint16_t dynamic) {
    // It has two operands; a difference is what is nearest to a negation.
    if (static_cast<MapOp>(source.flavour % kNumMapOps) == MapOp::Neg)
      source.flavour = static_cast<uint8_t>(MapOp::Sub);
    map();
    if (node.kind != NodeKind::Update || source.output.empty())
      return;
    node.output = takeOrder(shape.size());
    bool keepsShape = true;
    for (size_t dim = 0; dim < shape.size(); ++dim)
      keepsShape &= shape[dim] == shape[node.output[dim]] &&
                    (dynamic >> dim & 1) == (dynamic >> node.output[dim] & 1);
    if (!keepsShape)
      std::ranges::sort(node.output);
  }

  void map() {
    if (isComplex(node.element)) {
      node.kind = NodeKind::Conj;
      return;
    }
    node.flavour = source.flavour % kNumMapOps;
    auto op = static_cast<MapOp>(node.flavour);
    bool ordersIntegers = (op == MapOp::Max || op == MapOp::Min) && isInteger(node.element);
    node.isUnsigned = ordersIntegers && source.isUnsigned && node.element != Element::Index;
    if (op == MapOp::Neg)
      return;
    uint16_t first = node.operands.front().node, second = first;
    if (source.operands.size() > 1) {
      uint16_t given = source.operands[1].node;
      if (state.nodes[given].element == node.element &&
          state.shapes[given] == state.shapes[first] &&
          state.dynamic[given] == state.dynamic[first])
        second = given;
    }
    node.operands.push_back({second, {}});
  }

  void subtensor(const std::vector<uint32_t> &shape) {
    for (size_t dim = 0; dim < shape.size(); ++dim) {
      auto extent = static_cast<int32_t>(shape[dim]);
      bool isGiven = 3 * dim + 2 < source.numbers.size();
      int32_t offset = isGiven ? source.numbers[3 * dim] : 0,
              size = isGiven ? source.numbers[3 * dim + 1] : extent,
              stride = isGiven ? source.numbers[3 * dim + 2] : 1;
      stride = std::clamp(stride, 1, extent);
      offset = std::clamp(offset, 0, extent - 1);
      size = std::clamp(size, 0, (extent - 1 - offset) / stride + 1);
      node.numbers.insert(node.numbers.end(), {offset, size, stride});
    }
  }

  Node source, node;
  RepairState &state;
};

void repairArithmetic(Genome &genome) {
  clampEnum(genome.arithmetic, 3);
  bool hasFloats =
      std::ranges::any_of(genome.nodes, [](const Node &node) { return isFloating(node.element); });
  if (!hasFloats)
    genome.arithmetic = Arithmetic::Ring;
  else if (genome.arithmetic == Arithmetic::Ring)
    genome.arithmetic = Arithmetic::Exact;
}

void repairResults(Genome &genome) {
  std::erase_if(genome.results, [&](uint16_t result) { return result >= genome.nodes.size(); });
  truncate(genome.results, kResults);
  if (genome.results.empty())
    genome.results.push_back(static_cast<uint16_t>(genome.nodes.size() - 1));
}

} // namespace

void repairNode(Node node, RepairState &state) { NodeRepair(std::move(node), state).run(); }

void repair(Genome &genome, const GenomeLimits &limits) {
  truncate(genome.nodes, limits.nodes);
  if (genome.nodes.empty())
    genome.nodes.emplace_back();
  RepairState state{limits, {}, {}, {}, {}, limits.work};
  state.nodes.reserve(genome.nodes.size());
  for (Node &node : genome.nodes)
    repairNode(std::move(node), state);
  genome.nodes = std::move(state.nodes);
  repairArithmetic(genome);
  repairResults(genome);
  repairPasses(genome.passes, limits.passes);
  genome.threads = std::clamp<uint8_t>(genome.threads, 1, 2);
}

} // namespace tenon::fuzz
