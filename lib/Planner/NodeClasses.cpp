//===- NodeClasses.cpp - Nodes of equal value -----------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "NodeClasses.h"

#include "tenon/Planner/Density.h"
#include "tenon/Planner/Random.h"

#include <algorithm>

using namespace tenon::planner;

namespace {
/// First words of the keys of leaves and of steps.
constexpr uint32_t leafTag = 0, stepTag = 1;
constexpr uint32_t summed = ~uint32_t{0};
} // namespace

size_t NodeClasses::HashOfKey::operator()(const Key &key) const {
  uint64_t state = key.size();
  for (uint32_t word : key)
    state = mixBits(state ^ word);
  return static_cast<size_t>(state);
}

std::pair<ClassId, bool> NodeClasses::number(Key key) {
  auto [entry, isNew] = numbers.try_emplace(std::move(key), static_cast<ClassId>(sizes.size()));
  if (isNew) {
    sizes.emplace_back();
    expected.emplace_back();
    ops.push_back(0);
    elements.push_back(0);
    shares.push_back(0);
  }
  return {entry->second, isNew};
}

static bool isIn(std::span<const IndexId> ascending, IndexId index) {
  return std::binary_search(ascending.begin(), ascending.end(), index);
}

ClassId NodeClasses::classOfLeaf(const GraphNetwork &part, NodeId leaf,
                                 std::span<const IndexId> kept, NodeSlots &slots) {
  std::span<const IndexId> list = part.network.tensor(leaf);
  size_t first = slots.indices.size();
  double log2Summed = 0;
  Key key = {leafTag, part.values[leaf]};
  for (IndexId index : list) {
    auto extent = static_cast<uint64_t>(part.network.extent(index));
    key.push_back(static_cast<uint32_t>(extent));
    key.push_back(static_cast<uint32_t>(extent >> 32));
    // Which dimensions are summed together matters as well.
    bool isNew = placeOf[index] == 0;
    if (isNew)
      placeOf[index] = static_cast<uint32_t>(key.size());
    bool isKept = isIn(kept, index);
    key.push_back(placeOf[index]);
    key.push_back(isKept ? 0 : summed);
    if (isNew && isKept)
      slots.indices.push_back(index);
    else if (isNew && extent > 1)
      log2Summed += std::log2(static_cast<double>(extent));
  }
  for (IndexId index : list)
    placeOf[index] = 0;
  // Summing is computing, and done in the network's way.
  if (slots.indices.size() - first != list.size())
    key.push_back(part.kind);
  slots.begin.push_back(slots.indices.size());
  auto [result, isNew] = number(std::move(key));
  if (double density = part.network.density(leaf); isNew && density < 1)
    shares[result] = log2ShareOfSums(density > 0 ? std::log2(density) : log2Zero, log2Summed);
  return result;
}

NodeClasses::Key NodeClasses::keyOfStep(uint32_t kind, Operand a, Operand b,
                                        std::span<const IndexId> kept) {
  Key key = {stepTag, kind, a.number, b.number};
  uint32_t places = 0;
  for (IndexId index : a.slots) {
    placeOf[index] = ++places;
    key.push_back(isIn(kept, index));
  }
  for (IndexId index : b.slots) {
    if (placeOf[index] == 0)
      placeOf[index] = ++places;
    key.push_back(2 * placeOf[index] + isIn(kept, index));
  }
  for (Operand operand : {a, b})
    for (IndexId index : operand.slots)
      placeOf[index] = 0;
  return key;
}

ClassId NodeClasses::classOfStep(const Network &network, uint32_t kind, Operand a, Operand b,
                                 std::span<const IndexId> kept, NodeSlots &slots) {
  if (b.number < a.number)
    std::swap(a, b);
  Key key = keyOfStep(kind, a, b, kept);
  // The product of a value with itself: of both orders of the operands the one of the lesser key.
  if (a.number == b.number)
    if (Key other = keyOfStep(kind, b, a, kept); other < key) {
      std::swap(a, b);
      key = std::move(other);
    }
  auto [result, isNew] = number(std::move(key));
  // Each index once: those of both operands have both bits.
  for (IndexId index : a.slots)
    placeOf[index] |= 1;
  for (IndexId index : b.slots)
    placeOf[index] |= 2;
  StepSizes step;
  double all = 1, made = 1;
  for (Operand operand : {a, b})
    for (IndexId index : operand.slots) {
      uint32_t in = placeOf[index];
      if (in == 0)
        continue;
      placeOf[index] = 0;
      bool isKept = isIn(kept, index);
      if (isKept)
        slots.indices.push_back(index);
      if (!isNew)
        continue;
      auto extent = static_cast<double>(network.extent(index));
      double log = extent > 1 ? std::log2(extent) : 0;
      step.lhs += in & 1 ? log : 0;
      step.rhs += in & 2 ? log : 0;
      step.ops += log;
      all = saturate(all * extent);
      if (isKept) {
        step.result += log;
        made = saturate(made * extent);
      }
    }
  slots.begin.push_back(slots.indices.size());
  if (isNew) {
    double both = shares[a.number] + shares[b.number];
    sizes[result] = step;
    ops[result] = all;
    elements[result] = made;
    shares[result] = log2ShareOfSums(both, step.ops - step.result);
    expected[result] = {step.lhs + shares[a.number], step.rhs + shares[b.number],
                        step.result + shares[result], step.ops + both};
  }
  return result;
}

ClassifiedTree NodeClasses::classify(const GraphNetwork &part, const ContractionTree &tree) {
  NodeIndices kept(part.network, tree);
  if (placeOf.size() < part.network.numIndices())
    placeOf.resize(part.network.numIndices(), 0);
  ClassifiedTree result;
  result.classOf.reserve(tree.numNodes());
  for (NodeId leaf = 0; leaf < tree.numLeaves(); ++leaf)
    result.classOf.push_back(classOfLeaf(part, leaf, kept[leaf], result.slots));
  for (NodeId node = tree.numLeaves(); node < tree.numNodes(); ++node) {
    auto [lhs, rhs] = tree.makerOf(node);
    // Slots are appended while they are read.
    std::vector<IndexId> a(result.slots[lhs].begin(), result.slots[lhs].end());
    std::vector<IndexId> b(result.slots[rhs].begin(), result.slots[rhs].end());
    uint32_t kind = node == tree.root() ? part.resultKind : part.kind;
    result.classOf.push_back(classOfStep(part.network, kind, {result.classOf[lhs], a},
                                         {result.classOf[rhs], b}, kept[node], result.slots));
  }
  return result;
}
