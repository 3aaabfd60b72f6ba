//===- MergedNetwork.cpp - What similar networks have in common -----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "MergedNetwork.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <unordered_map>

using namespace tenon::planner;

namespace {

constexpr IndexId noIndex = std::numeric_limits<IndexId>::max();

/// Slots of an index, and slots of a value, that are looked at as partners of a tensor.
constexpr size_t mostPartners = 32;

/// A merged network while members join it.
class Merger {
public:
  /// How many tensors of `part` find a slot of equal value, at most.
  size_t votes(const GraphNetwork &part) const;
  void join(uint32_t number, const GraphNetwork &part);
  MergedNetwork finish() &&;

private:
  enum class Fit { OneToOne, ManyToOne };

  size_t align(const GraphNetwork &part);
  void pairUnique(const GraphNetwork &part, const Incidence &incidence);
  void forgetMember(const GraphNetwork &part);
  bool hasValue(NodeId slot, ValueId value) const {
    return std::find(valuesOf[slot].begin(), valuesOf[slot].end(), value) != valuesOf[slot].end();
  }
  void addValue(NodeId slot, ValueId value) {
    if (hasValue(slot, value))
      return;
    valuesOf[slot].push_back(value);
    slotsOf[value].push_back(slot);
  }
  bool pair(NodeId tensor, NodeId slot, Fit fit, bool mayTie);
  void propagate(const GraphNetwork &part, const Incidence &incidence);
  void pairEqualValues(const GraphNetwork &part, const Incidence &incidence, Fit fit);
  void pairEqualIndices(const GraphNetwork &part);
  void addSlots(const GraphNetwork &part);
  IndexId find(IndexId index) const {
    while (parent[index] != index)
      index = parent[index];
    return index;
  }
  void tie(IndexId a, IndexId b);
  bool isFree(NodeId slot) const { return tensorAt[slot] == noTensor; }

  std::vector<std::vector<IndexId>> slots;
  std::vector<std::vector<ValueId>> valuesOf;
  std::unordered_map<ValueId, std::vector<NodeId>> slotsOf;
  std::vector<int64_t> extents;
  /// Union-find: indices that turned out to be one.
  std::vector<IndexId> parent;
  std::vector<std::vector<NodeId>> holders;
  /// Whether a member sums the index.
  std::vector<bool> isSummed;
  std::vector<uint32_t> members;
  std::vector<std::vector<NodeId>> tensorOf;
  int64_t elementBytes = 4;

  // The member that joins.
  const Network *network = nullptr;
  std::vector<NodeId> slotOf, tensorAt;
  std::vector<IndexId> imageOf, preimageOf;
  std::vector<NodeId> fresh;
};

} // namespace

static std::unordered_map<ValueId, size_t> countValues(const GraphNetwork &part) {
  std::unordered_map<ValueId, size_t> counts;
  for (ValueId value : part.values)
    ++counts[value];
  return counts;
}

size_t Merger::votes(const GraphNetwork &part) const {
  size_t total = 0;
  for (auto [value, count] : countValues(part))
    if (auto known = slotsOf.find(value); known != slotsOf.end())
      total += std::min(count, known->second.size());
  return total;
}

void Merger::tie(IndexId a, IndexId b) {
  parent[b] = a;
  holders[a].insert(holders[a].end(), holders[b].begin(), holders[b].end());
  if (preimageOf[a] == noIndex)
    preimageOf[a] = preimageOf[b];
}

/// Puts the tensor into the slot if their indices go together. Where `mayTie`, two indices that are
/// open in all members become one: the network that sums over both had not come yet.
bool Merger::pair(NodeId tensor, NodeId slot, Fit fit, bool mayTie) {
  std::span<const IndexId> list = network->tensor(tensor);
  if (!isFree(slot) || slots[slot].size() != list.size())
    return false;
  std::vector<std::pair<IndexId, IndexId>> assigned, ties;
  auto fits = [&](IndexId index, IndexId target) {
    if (network->extent(index) != extents[target])
      return false;
    if (imageOf[index] != noIndex) {
      IndexId image = find(imageOf[index]);
      if (image == target)
        return true;
      if (!mayTie || isSummed[image] || isSummed[target])
        return false;
      ties.emplace_back(image, target);
      return true;
    }
    if (fit == Fit::OneToOne && preimageOf[target] != noIndex)
      return false;
    imageOf[index] = target;
    assigned.emplace_back(index, target);
    return true;
  };
  for (size_t d = 0; d < list.size(); ++d)
    if (!fits(list[d], find(slots[slot][d]))) {
      for (auto [index, target] : assigned)
        imageOf[index] = noIndex;
      return false;
    }
  for (auto [index, target] : assigned)
    if (preimageOf[target] == noIndex)
      preimageOf[target] = index;
  for (auto [a, b] : ties)
    if (IndexId x = find(a), y = find(b); x != y)
      tie(std::min(x, y), std::max(x, y));
  slotOf[tensor] = slot;
  tensorAt[slot] = tensor;
  fresh.push_back(tensor);
  return true;
}

void Merger::forgetMember(const GraphNetwork &part) {
  slotOf.assign(part.network.numTensors(), noTensor);
  tensorAt.assign(slots.size(), noTensor);
  imageOf.assign(part.network.numIndices(), noIndex);
  preimageOf.assign(parent.size(), noIndex);
  fresh.clear();
}

/// Networks that belong together are mostly written in one order: tensors into the slots in theirs,
/// with gaps. Returns how many found one.
size_t Merger::align(const GraphNetwork &part) {
  size_t found = 0, cursor = 0;
  for (NodeId tensor = 0; tensor < network->numTensors(); ++tensor)
    for (size_t slot = cursor; slot < std::min(cursor + mostPartners, slots.size()); ++slot)
      if (hasValue(static_cast<NodeId>(slot), part.values[tensor]) &&
          pair(tensor, static_cast<NodeId>(slot), Fit::OneToOne, false)) {
        cursor = slot + 1;
        ++found;
        break;
      }
  return found;
}

/// From what there is once in both, tensors of many indices first: vectors say the least of their
/// place.
void Merger::pairUnique(const GraphNetwork &part, const Incidence &incidence) {
  std::unordered_map<ValueId, size_t> counts = countValues(part);
  std::vector<std::pair<NodeId, NodeId>> unique;
  for (NodeId tensor = 0; tensor < network->numTensors(); ++tensor)
    if (auto known = slotsOf.find(part.values[tensor]);
        known != slotsOf.end() && known->second.size() == 1 && counts[part.values[tensor]] == 1)
      unique.emplace_back(tensor, known->second[0]);
  std::stable_sort(unique.begin(), unique.end(), [&](const auto &a, const auto &b) {
    return network->tensor(a.first).size() > network->tensor(b.first).size();
  });
  for (auto [tensor, slot] : unique)
    if (slotOf[tensor] == noTensor && pair(tensor, slot, Fit::OneToOne, true))
      propagate(part, incidence);
}

/// From tensors that have slots to their neighbours of equal values.
void Merger::propagate(const GraphNetwork &part, const Incidence &incidence) {
  while (!fresh.empty()) {
    NodeId tensor = fresh.back();
    fresh.pop_back();
    for (IndexId index : network->tensor(tensor)) {
      std::span<const NodeId> others = incidence.holders(index);
      for (NodeId other : others.first(std::min(others.size(), mostPartners))) {
        if (slotOf[other] != noTensor)
          continue;
        const std::vector<NodeId> &targets = holders[find(imageOf[index])];
        for (size_t i = 0; i < std::min(targets.size(), mostPartners); ++i)
          if (hasValue(targets[i], part.values[other]) &&
              pair(other, targets[i], Fit::OneToOne, false))
            break;
      }
    }
  }
}

void Merger::pairEqualValues(const GraphNetwork &part, const Incidence &incidence, Fit fit) {
  std::unordered_map<ValueId, size_t> counts = countValues(part);
  for (NodeId tensor = 0; tensor < network->numTensors(); ++tensor) {
    if (slotOf[tensor] != noTensor)
      continue;
    auto known = slotsOf.find(part.values[tensor]);
    if (known == slotsOf.end())
      continue;
    // Of what there is once, the place is certain.
    bool mayTie = known->second.size() == 1 && counts[part.values[tensor]] == 1;
    size_t tries = 0;
    for (NodeId slot : known->second) {
      if (!isFree(slot))
        continue;
      if (pair(tensor, slot, fit, mayTie) || ++tries == mostPartners)
        break;
    }
    propagate(part, incidence);
  }
}

/// Tensors of other values in the same place.
void Merger::pairEqualIndices(const GraphNetwork &part) {
  for (NodeId tensor = 0; tensor < network->numTensors(); ++tensor) {
    std::span<const IndexId> list = network->tensor(tensor);
    if (slotOf[tensor] != noTensor || list.empty() ||
        std::any_of(list.begin(), list.end(),
                    [&](IndexId index) { return imageOf[index] == noIndex; }))
      continue;
    const std::vector<NodeId> &targets = holders[find(imageOf[list[0]])];
    for (size_t i = 0; i < std::min(targets.size(), mostPartners); ++i)
      if (pair(tensor, targets[i], Fit::ManyToOne, false)) {
        addValue(targets[i], part.values[tensor]);
        break;
      }
  }
}

void Merger::addSlots(const GraphNetwork &part) {
  for (NodeId tensor = 0; tensor < network->numTensors(); ++tensor) {
    if (slotOf[tensor] != noTensor)
      continue;
    auto slot = static_cast<NodeId>(slots.size());
    std::vector<IndexId> list;
    for (IndexId index : network->tensor(tensor)) {
      if (imageOf[index] == noIndex) {
        imageOf[index] = static_cast<IndexId>(parent.size());
        parent.push_back(imageOf[index]);
        preimageOf.push_back(index);
        extents.push_back(network->extent(index));
        holders.emplace_back();
        isSummed.push_back(false);
      }
      IndexId target = find(imageOf[index]);
      if (std::find(list.begin(), list.end(), target) == list.end())
        holders[target].push_back(slot);
      list.push_back(target);
    }
    slots.push_back(std::move(list));
    valuesOf.emplace_back();
    addValue(slot, part.values[tensor]);
    slotOf[tensor] = slot;
    tensorAt.push_back(tensor);
  }
}

void Merger::join(uint32_t number, const GraphNetwork &part) {
  network = &part.network;
  elementBytes = network->elementBytes();
  forgetMember(part);
  Incidence incidence(*network);
  if (4 * align(part) < 3 * size_t{network->numTensors()}) {
    forgetMember(part);
    pairUnique(part, incidence);
  }
  fresh.clear();
  pairEqualValues(part, incidence, Fit::OneToOne);
  pairEqualValues(part, incidence, Fit::ManyToOne);
  pairEqualIndices(part);
  addSlots(part);
  for (IndexId index = 0; index < network->numIndices(); ++index)
    if (imageOf[index] != noIndex && !incidence.isOpen(index))
      isSummed[find(imageOf[index])] = true;
  members.push_back(number);
  tensorOf.push_back(tensorAt);
}

MergedNetwork Merger::finish() && {
  MergedNetwork result{Network(elementBytes), {}, {}};
  std::vector<IndexId> numberOf(parent.size(), noIndex), output;
  for (std::vector<IndexId> &list : slots) {
    for (IndexId &index : list) {
      IndexId representative = find(index);
      if (numberOf[representative] == noIndex) {
        numberOf[representative] = result.network.addIndex(extents[representative]);
        if (!isSummed[representative])
          output.push_back(numberOf[representative]);
      }
      index = numberOf[representative];
    }
    result.network.addTensor(list);
  }
  result.network.setOutput(std::move(output));
  std::vector<size_t> order(members.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return members[a] < members[b]; });
  for (size_t place : order) {
    result.members.push_back(members[place]);
    result.tensorOf.push_back(std::move(tensorOf[place]));
    result.tensorOf.back().resize(slots.size(), noTensor);
  }
  return result;
}

std::vector<MergedNetwork> tenon::planner::mergeNetworks(const NetworkGraph &graph) {
  // Large ones first: what comes later mostly finds its slots.
  std::vector<uint32_t> order;
  for (uint32_t number = 0; number < graph.networks.size(); ++number)
    if (!graph.networks[number].given)
      order.push_back(number);
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return graph.networks[a].network.numTensors() > graph.networks[b].network.numTensors();
  });
  constexpr size_t mostCompared = 8;
  std::vector<Merger> mergers;
  // The merged networks that have a value, in the networks of one kind.
  std::map<std::pair<uint32_t, ValueId>, std::vector<size_t>> having;
  for (uint32_t number : order) {
    const GraphNetwork &part = graph.networks[number];
    std::map<size_t, size_t> hits;
    for (ValueId value : part.values)
      if (auto known = having.find({part.kind, value}); known != having.end())
        for (size_t merger : known->second)
          ++hits[merger];
    std::vector<std::pair<size_t, size_t>> byHits;
    for (auto [merger, count] : hits)
      byHits.emplace_back(count, merger);
    std::stable_sort(byHits.begin(), byHits.end(),
                     [](const auto &a, const auto &b) { return a.first > b.first; });
    byHits.resize(std::min(byHits.size(), mostCompared));
    size_t best = mergers.size(), most = 0;
    for (auto [count, merger] : byHits)
      if (size_t votes = mergers[merger].votes(part); votes > most) {
        most = votes;
        best = merger;
      }
    if (most < 2 || 2 * most < part.values.size()) {
      best = mergers.size();
      mergers.emplace_back();
    }
    mergers[best].join(number, part);
    for (ValueId value : part.values) {
      std::vector<size_t> &list = having[{part.kind, value}];
      // A value that is everywhere says nothing.
      constexpr size_t mostListed = 64;
      if (std::find(list.begin(), list.end(), best) == list.end() && list.size() < mostListed)
        list.push_back(best);
    }
  }
  std::vector<MergedNetwork> result;
  for (Merger &merger : mergers)
    result.push_back(std::move(merger).finish());
  return result;
}

/// What a member has in a slot: the value and one, or 0 for nothing.
static uint64_t entryOf(const NetworkGraph &graph, const MergedNetwork &merged, size_t member,
                        NodeId slot) {
  NodeId tensor = merged.tensorOf[member][slot];
  return tensor == noTensor ? 0
                            : uint64_t{graph.networks[merged.members[member]].values[tensor]} + 1;
}

std::vector<bool> MergedNetwork::isSame(const NetworkGraph &graph) const {
  std::vector<bool> same(network.numTensors(), true);
  for (NodeId slot = 0; slot < network.numTensors(); ++slot)
    for (size_t member = 1; member < members.size() && same[slot]; ++member)
      same[slot] = entryOf(graph, *this, member, slot) == entryOf(graph, *this, 0, slot);
  return same;
}

Network MergedNetwork::withMultiplicity(const NetworkGraph &graph, bool together) const {
  std::vector<bool> same = isSame(graph);
  // Which members a slot tells apart: their values, numbered by first appearance.
  std::vector<std::vector<uint32_t>> patterns(network.numTensors());
  for (NodeId slot = 0; slot < network.numTensors(); ++slot) {
    std::unordered_map<uint64_t, uint32_t> numbers;
    for (size_t member = 0; !same[slot] && member < members.size(); ++member)
      patterns[slot].push_back(
          numbers.try_emplace(entryOf(graph, *this, member, slot), numbers.size()).first->second);
  }
  if (together) {
    std::map<std::vector<uint32_t>, uint32_t> tuples;
    std::vector<uint32_t> whole;
    for (size_t member = 0; member < members.size(); ++member) {
      std::vector<uint32_t> tuple;
      for (const std::vector<uint32_t> &pattern : patterns)
        if (!pattern.empty())
          tuple.push_back(pattern[member]);
      whole.push_back(tuples.try_emplace(std::move(tuple), tuples.size()).first->second);
    }
    for (std::vector<uint32_t> &pattern : patterns)
      if (!pattern.empty())
        pattern = whole;
  }
  Network result(network.elementBytes());
  for (IndexId index = 0; index < network.numIndices(); ++index)
    result.addIndex(network.extent(index));
  std::vector<IndexId> output(network.output().begin(), network.output().end());
  std::map<std::vector<uint32_t>, IndexId> indexOf;
  for (NodeId slot = 0; slot < network.numTensors(); ++slot) {
    std::vector<IndexId> list(network.tensor(slot).begin(), network.tensor(slot).end());
    if (!same[slot]) {
      auto [entry, isNew] = indexOf.try_emplace(patterns[slot], result.numIndices());
      if (isNew) {
        result.addIndex(int64_t{1} +
                        *std::max_element(patterns[slot].begin(), patterns[slot].end()));
        output.push_back(entry->second);
      }
      list.push_back(entry->second);
    }
    result.addTensor(list);
  }
  result.setOutput(std::move(output));
  return result;
}
