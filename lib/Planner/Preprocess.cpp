//===- Preprocess.cpp - Steps that can be taken before any search ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Preprocess.h"

#include "tenon/Planner/Random.h"
#include "tenon/Support/Assert.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <queue>
#include <unordered_map>

using namespace tenon::planner;

namespace {

/// Holds a current tensor. A result takes over the slot of its operand of more indices.
using Slot = uint32_t;

/// Of an index with more holders than this, none is looked at as a partner, but for one of equal
/// indices.
constexpr uint32_t widestScan = 64;

/// A tensor of more indices than this does not look for partners, its neighbours look for it; and
/// it takes up no indices. Otherwise time would be quadratic.
constexpr size_t widestRank = 128;

/// Rounding, relative to a step's cost.
constexpr double epsilon = 1e-9;

struct Candidate {
  /// log2; `log2Zero` for none.
  double loss;
  Slot slot;
  Slot partner;
  bool operator<(const Candidate &other) const {
    // The top of a std::priority_queue is the last in this order.
    if (loss != other.loss)
      return loss > other.loss;
    return slot != other.slot ? slot > other.slot : partner > other.partner;
  }
};

} // namespace

namespace tenon::planner {

class Preprocessor {
public:
  Preprocessor(const Network &network, std::span<const double> log2Extents);
  Preprocessed run(double log2Allowance);

private:
  bool isAlive(Slot slot) const { return absorbedBy[slot] == slot; }
  Slot find(Slot slot);
  std::span<const Slot> holdersOf(IndexId index);
  std::span<const IndexId> legsOf(Slot slot);
  bool has(Slot slot, IndexId index) const {
    return std::binary_search(legs[slot].begin(), legs[slot].end(), index);
  }
  bool isSummedBy(IndexId index, uint32_t holders) const {
    return holderCount[index] == holders && !open[index];
  }
  std::optional<double> lossOf(Slot a, Slot b);
  void consider(Slot slot);
  void join(Slot a, Slot b);
  Slot smallestBeside(Slot slot) const;
  Preprocessed finish();

  const Network &network;
  std::vector<double> weights;
  std::vector<bool> open;
  /// Ascending; may hold indices that are summed, whose `holderCount` is 0.
  std::vector<std::vector<IndexId>> legs;
  std::vector<double> sizes;
  std::vector<NodeId> node;
  /// The original tensor that was never taken out of its place.
  std::vector<NodeId> place;
  std::vector<Slot> absorbedBy;
  /// May name absorbed slots.
  std::vector<std::vector<Slot>> holderLists;
  std::vector<uint32_t> holderCount;
  std::vector<Step> steps;
  std::priority_queue<Candidate> queue;
  /// A tensor by a hash of its indices; may be outdated.
  std::unordered_map<uint64_t, Slot> byLegs;
  /// Slots whose partners changed.
  std::vector<Slot> changed;
  std::vector<uint32_t> mark;
  uint32_t stamp = 0;
  Log2Sum losses;
};

} // namespace tenon::planner

Preprocessor::Preprocessor(const Network &network, std::span<const double> log2Extents)
    : network(network), weights(log2Extents.begin(), log2Extents.end()),
      open(network.numIndices(), false), legs(network.numTensors()), sizes(network.numTensors(), 0),
      node(network.numTensors()), place(network.numTensors()), absorbedBy(network.numTensors()),
      holderLists(network.numIndices()), holderCount(network.numIndices(), 0),
      mark(network.numTensors(), 0) {
  std::iota(node.begin(), node.end(), 0);
  std::iota(place.begin(), place.end(), 0);
  std::iota(absorbedBy.begin(), absorbedBy.end(), 0);
  Incidence incidence(network);
  for (IndexId index = 0; index < network.numIndices(); ++index) {
    open[index] = incidence.isOpen(index);
    if (!incidence.survivesReduction(index) || weights[index] == 0)
      continue;
    std::span<const NodeId> holders = incidence.holders(index);
    holderLists[index].assign(holders.begin(), holders.end());
    holderCount[index] = static_cast<uint32_t>(holders.size());
    for (NodeId tensor : holders) {
      legs[tensor].push_back(index);
      sizes[tensor] += weights[index];
    }
  }
}

Slot Preprocessor::find(Slot slot) {
  while (absorbedBy[slot] != slot)
    slot = absorbedBy[slot] = absorbedBy[absorbedBy[slot]];
  return slot;
}

/// \pre few tensors have the index: only then is cleaning up cheap.
std::span<const Slot> Preprocessor::holdersOf(IndexId index) {
  std::vector<Slot> &list = holderLists[index];
  ++stamp;
  size_t kept = 0;
  for (Slot entry : list) {
    Slot slot = find(entry);
    if (mark[slot] == stamp)
      continue;
    mark[slot] = stamp;
    list[kept++] = slot;
  }
  list.resize(kept);
  TENON_ASSERT(kept == holderCount[index], "the holders of an index were miscounted");
  return list;
}

std::span<const IndexId> Preprocessor::legsOf(Slot slot) {
  std::erase_if(legs[slot], [&](IndexId index) { return holderCount[index] == 0; });
  return legs[slot];
}

/// log2 of what joining the two may cost too much, or nothing if the result were larger than both.
std::optional<double> Preprocessor::lossOf(Slot a, Slot b) {
  if (legs[a].size() > legs[b].size())
    std::swap(a, b);
  double both = 0, summed = 0, onlyA = 0;
  for (IndexId index : legsOf(a)) {
    if (!has(b, index))
      onlyA += weights[index];
    else if (isSummedBy(index, 2))
      summed += weights[index];
    else
      both += weights[index];
  }
  double onlyB = std::max(0.0, sizes[b] - both - summed);
  if (onlyA > 0 && legs[b].size() > widestRank)
    return std::nullopt;
  if (std::min(onlyA, onlyB) > summed + epsilon)
    return std::nullopt;
  double part = 1 - std::exp2(-onlyA) - std::exp2(-onlyB) + std::exp2(-summed);
  if (part <= epsilon)
    return log2Zero;
  return onlyA + onlyB + both + summed + std::log2(part);
}

/// Queues the best partner of a tensor.
void Preprocessor::consider(Slot slot) {
  if (!isAlive(slot) || legsOf(slot).size() > widestRank)
    return;
  std::optional<Candidate> best;
  auto offer = [&](Slot partner) {
    std::optional<double> loss = lossOf(slot, partner);
    if (!loss)
      return;
    Candidate found{*loss, slot, partner};
    if (!best || *best < found)
      best = found;
  };
  uint64_t hash = 0;
  IndexId rarest = 0;
  for (IndexId index : legs[slot]) {
    hash = mixBits(hash ^ index);
    if (isSummedBy(index, 2)) {
      std::span<const Slot> holders = holdersOf(index);
      offer(holders[0] == slot ? holders[1] : holders[0]);
    }
    if (index == legs[slot].front() || holderCount[index] < holderCount[rarest])
      rarest = index;
  }
  auto [entry, isNew] = byLegs.try_emplace(hash, slot);
  if (!isNew) {
    Slot twin = entry->second;
    entry->second = slot;
    if (twin != slot && isAlive(twin) && std::ranges::equal(legsOf(twin), legs[slot]))
      offer(twin);
  }
  if (!legs[slot].empty() && holderCount[rarest] <= widestScan) {
    // The smallest of those that have all of the tensor's indices.
    std::optional<Slot> smallest;
    for (Slot other : holdersOf(rarest))
      if (other != slot && (!smallest || sizes[other] < sizes[*smallest]) &&
          std::ranges::all_of(legs[slot], [&](IndexId index) { return has(other, index); }))
        smallest = other;
    if (smallest)
      offer(*smallest);
  }
  if (best)
    queue.push(*best);
}

void Preprocessor::join(Slot a, Slot b) {
  auto [wide, narrow] = legs[a].size() < legs[b].size() ? std::pair(b, a) : std::pair(a, b);
  // The result is no larger than this one.
  place[wide] = sizes[wide] < sizes[narrow] ? place[narrow] : place[wide];
  std::vector<IndexId> added;
  for (IndexId index : legsOf(narrow)) {
    if (!has(wide, index)) {
      added.push_back(index);
      sizes[wide] += weights[index];
      continue;
    }
    if (isSummedBy(index, 2)) {
      holderCount[index] = 0;
      sizes[wide] -= weights[index];
    } else {
      --holderCount[index];
    }
  }
  steps.push_back({node[a], node[b]});
  node[wide] = network.numTensors() + static_cast<NodeId>(steps.size()) - 1;
  absorbedBy[narrow] = wide;
  for (IndexId index : legs[narrow])
    if (isSummedBy(index, 2))
      for (Slot holder : holdersOf(index))
        changed.push_back(holder);
  legs[narrow] = {};
  if (!added.empty()) {
    size_t middle = legs[wide].size();
    legs[wide].insert(legs[wide].end(), added.begin(), added.end());
    std::inplace_merge(legs[wide].begin(), legs[wide].begin() + static_cast<ptrdiff_t>(middle),
                       legs[wide].end());
  }
  if (legs[wide].size() <= widestRank)
    legsOf(wide);
  changed.push_back(wide);
}

Slot Preprocessor::smallestBeside(Slot slot) const {
  Slot smallest = slot;
  for (Slot other = 0; other < network.numTensors(); ++other)
    if (isAlive(other) && other != slot && (smallest == slot || sizes[other] < sizes[smallest]))
      smallest = other;
  return smallest;
}

Preprocessed Preprocessor::run(double log2Allowance) {
  for (Slot slot = 0; slot < network.numTensors(); ++slot)
    consider(slot);
  auto affords = [&](double loss) {
    return loss == log2Zero || log2Add(losses.log2(), loss) <= log2Allowance;
  };
  while (true) {
    for (Slot slot : std::exchange(changed, {}))
      consider(slot);
    if (queue.empty())
      break;
    Candidate top = queue.top();
    queue.pop();
    if (!isAlive(top.slot))
      continue;
    // What the tensors around have done meanwhile may have changed the loss.
    std::optional<double> loss =
        isAlive(top.partner) ? lossOf(top.slot, top.partner) : std::nullopt;
    if (!loss || *loss > top.loss) {
      consider(top.slot);
      continue;
    }
    if (!affords(*loss))
      break;
    losses.add(*loss);
    join(top.slot, top.partner);
  }
  // All scalars are one by now. Any tensor can take it.
  for (Slot slot = 0; slot < network.numTensors(); ++slot)
    if (isAlive(slot) && legsOf(slot).empty()) {
      Slot partner = smallestBeside(slot);
      std::optional<double> loss = partner == slot ? std::nullopt : lossOf(slot, partner);
      if (loss && affords(*loss)) {
        losses.add(*loss);
        join(slot, partner);
      }
      break;
    }
  return finish();
}

Preprocessed Preprocessor::finish() {
  Preprocessed result;
  result.numTensors = network.numTensors();
  result.loss = losses.log2();
  result.reduced = Network(network.elementBytes());
  std::vector<IndexId> renamed(network.numIndices());
  for (IndexId index = 0; index < network.numIndices(); ++index)
    if (holderCount[index] > 0) {
      renamed[index] = result.reduced.addIndex(network.extent(index));
      result.indices.push_back(index);
    }
  std::vector<IndexId> renamedLegs;
  auto rename = [&](std::span<const IndexId> original) {
    renamedLegs.clear();
    for (IndexId index : original)
      if (holderCount[index] > 0)
        renamedLegs.push_back(renamed[index]);
  };
  for (Slot slot = 0; slot < network.numTensors(); ++slot)
    if (isAlive(slot)) {
      rename(legs[slot]);
      result.reduced.addTensor(renamedLegs);
      result.nodes.push_back(node[slot]);
      result.places.push_back(place[slot]);
    }
  rename(network.output());
  result.reduced.setOutput(renamedLegs);
  result.taken = std::move(steps);
  return result;
}

ContractionTree Preprocessed::expand(const ContractionTree &tree) const {
  TENON_ASSERT(tree.numLeaves() == reduced.numTensors(), "the tree is of another network");
  std::vector<NodeId> nodeOf = nodes;
  std::vector<Step> steps = taken;
  steps.reserve(numTensors);
  for (const Step &step : tree.steps()) {
    nodeOf.push_back(numTensors + static_cast<NodeId>(steps.size()));
    steps.push_back({nodeOf[step.lhs], nodeOf[step.rhs]});
  }
  return {numTensors, std::move(steps)};
}

ContractionTree Preprocessed::restrict(const ContractionTree &tree) const {
  TENON_ASSERT(tree.numLeaves() == numTensors, "the tree is of another network");
  constexpr NodeId none = std::numeric_limits<NodeId>::max();
  std::vector<NodeId> nodeOf(tree.numNodes(), none);
  NodeId count = reduced.numTensors();
  for (NodeId tensor = 0; tensor < count; ++tensor)
    nodeOf[places[tensor]] = tensor;
  std::vector<Step> steps;
  for (size_t step = 0; step < tree.numSteps(); ++step) {
    NodeId lhs = nodeOf[tree.step(step).lhs], rhs = nodeOf[tree.step(step).rhs];
    NodeId &result = nodeOf[tree.resultOf(step)];
    if (lhs == none || rhs == none) {
      result = lhs == none ? rhs : lhs;
      continue;
    }
    result = count + static_cast<NodeId>(steps.size());
    steps.push_back({lhs, rhs});
  }
  return {count, std::move(steps)};
}

Preprocessed tenon::planner::preprocess(const Network &network, std::span<const double> log2Extents,
                                        double log2Allowance) {
  return Preprocessor(network, log2Extents).run(log2Allowance);
}

bool tenon::planner::isPreprocessingLossless(const CostModel &model) {
  return model.name() == FlopsModel().name();
}
