//===- EliminationBuckets.cpp - From elimination order to tree ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "EliminationParts.h"

#include "tenon/Planner/Exact.h"
#include "tenon/Support/Assert.h"

#include <algorithm>
#include <numeric>
#include <queue>

using namespace tenon::planner;

namespace {

/// Buckets of up to so many tensors are joined in the best order: some ten microseconds.
constexpr size_t largestExactBucket = 8;

/// Buckets that cost (in log2) this much less than the dearest step so far are not worth it.
constexpr double negligible = 10;

/// Of an index with more holders than this, none is looked at for one that could absorb another.
constexpr uint32_t widestScan = 64;

} // namespace

EliminationNetwork::EliminationNetwork(const Network &network, std::span<const double> log2Extents)
    : weights(log2Extents.begin(), log2Extents.end()), open(network.numIndices(), false),
      legBegin(network.numTensors() + size_t{1}, 0),
      holderBegin(network.numIndices() + size_t{1}, 0) {
  Incidence incidence(network);
  for (IndexId index = 0; index < network.numIndices(); ++index) {
    open[index] = incidence.isOpen(index);
    if (incidence.survivesReduction(index) && weights[index] > 0)
      for (NodeId tensor : incidence.holders(index)) {
        allHolders.push_back(tensor);
        ++legBegin[tensor + 1];
      }
    holderBegin[index + 1] = allHolders.size();
  }
  std::partial_sum(legBegin.begin(), legBegin.end(), legBegin.begin());
  allLegs.resize(allHolders.size());
  std::vector<size_t> next(legBegin.begin(), legBegin.end() - 1);
  for (IndexId index = 0; index < network.numIndices(); ++index)
    for (NodeId tensor : holders(index))
      allLegs[next[tensor]++] = index;
}

bool EliminationNetwork::hasOneExtent() const {
  // Legs are of indices that matter only.
  return std::all_of(allLegs.begin(), allLegs.end(),
                     [&](IndexId index) { return weights[index] == weights[allLegs.front()]; });
}

BucketElimination::BucketElimination(const EliminationNetwork &network, const CostModel &model,
                                     WorkMeter &meter)
    : network(network), model(model), meter(meter), score(model), slotLegs(network.numTensors()),
      sizes(network.numTensors(), 0), node(network.numTensors()), absorbedBy(network.numTensors()),
      holderLists(network.numIndices()), holderCount(network.numIndices()),
      slotMark(network.numTensors(), 0), indexMark(network.numIndices(), 0),
      localOf(network.numIndices(), 0) {
  steps.reserve(network.numTensors());
  std::iota(node.begin(), node.end(), 0);
  std::iota(absorbedBy.begin(), absorbedBy.end(), 0);
  for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor) {
    std::span<const IndexId> legs = network.legs(tensor);
    slotLegs[tensor].assign(legs.begin(), legs.end());
    for (IndexId index : legs)
      sizes[tensor] += network.weight(index);
  }
  for (IndexId index = 0; index < network.numIndices(); ++index) {
    std::span<const NodeId> holders = network.holders(index);
    holderLists[index].assign(holders.begin(), holders.end());
    holderCount[index] = static_cast<uint32_t>(holders.size());
  }
}

BucketElimination::Slot BucketElimination::find(Slot slot) {
  while (absorbedBy[slot] != slot)
    slot = absorbedBy[slot] = absorbedBy[absorbedBy[slot]];
  return slot;
}

std::span<const BucketElimination::Slot> BucketElimination::holders(IndexId index) {
  std::vector<Slot> &list = holderLists[index];
  if (list.size() == holderCount[index] &&
      std::all_of(list.begin(), list.end(), [&](Slot slot) { return absorbedBy[slot] == slot; }))
    return list;
  ++slotStamp;
  size_t kept = 0;
  for (Slot entry : list) {
    Slot slot = find(entry);
    if (slotMark[slot] == slotStamp)
      continue;
    slotMark[slot] = slotStamp;
    list[kept++] = slot;
  }
  list.resize(kept);
  TENON_ASSERT(kept == holderCount[index], "the holders of an index were miscounted");
  return list;
}

BucketElimination::Slot BucketElimination::join(Slot a, Slot b) {
  auto [wide, narrow] = slotLegs[a].size() < slotLegs[b].size() ? std::pair(b, a) : std::pair(a, b);
  const std::vector<IndexId> &wideLegs = slotLegs[wide], &narrowLegs = slotLegs[narrow];
  meter.spend(wideLegs.size() + narrowLegs.size() + 16);
  StepSizes step{sizes[wide], sizes[narrow], sizes[wide], sizes[wide]};
  std::vector<IndexId> merged;
  merged.reserve(wideLegs.size() + narrowLegs.size());
  auto other = wideLegs.begin();
  for (IndexId index : narrowLegs) {
    while (other != wideLegs.end() && *other < index)
      merged.push_back(*other++);
    double weight = network.weight(index);
    if (other == wideLegs.end() || *other != index) {
      merged.push_back(index);
      step.ops += weight;
      step.result += weight;
      continue;
    }
    ++other;
    if (--holderCount[index] > 1 || network.isOpen(index)) {
      merged.push_back(index);
      continue;
    }
    holderCount[index] = 0;
    step.result -= weight;
    summedIndices.push_back(index);
  }
  merged.insert(merged.end(), other, wideLegs.end());
  score.add(step);
  dearestStep = std::max(dearestStep, step.ops);
  steps.push_back({node[a], node[b]});
  node[wide] = network.numTensors() + static_cast<NodeId>(steps.size()) - 1;
  slotLegs[wide] = std::move(merged);
  slotLegs[narrow] = {};
  sizes[wide] = step.result;
  absorbedBy[narrow] = wide;
  return wide;
}

double BucketElimination::sizeOfUnion(std::span<const Slot> slots) {
  ++indexStamp;
  double size = 0;
  for (Slot slot : slots)
    for (IndexId index : slotLegs[slot])
      if (indexMark[index] != indexStamp) {
        indexMark[index] = indexStamp;
        size += network.weight(index);
      }
  return size;
}

BucketElimination::Slot BucketElimination::joinAll(std::vector<Slot> &slots) {
  auto larger = [&](Slot a, Slot b) {
    return sizes[a] != sizes[b] ? sizes[a] > sizes[b] : node[a] > node[b];
  };
  std::make_heap(slots.begin(), slots.end(), larger);
  auto takeSmallest = [&] {
    std::pop_heap(slots.begin(), slots.end(), larger);
    Slot taken = slots.back();
    slots.pop_back();
    return taken;
  };
  while (slots.size() > 1 && !meter.isExhausted()) {
    if (slots.size() > 2 && slots.size() <= largestExactBucket &&
        sizeOfUnion(slots) > dearestStep - negligible)
      return joinExactly(slots);
    Slot a = takeSmallest(), b = takeSmallest();
    slots.push_back(join(a, b));
    std::push_heap(slots.begin(), slots.end(), larger);
  }
  return slots.front();
}

BucketElimination::Slot BucketElimination::joinExactly(std::span<const Slot> slots) {
  std::vector<Slot> ordered(slots.begin(), slots.end());
  ExactProblem problem;
  std::vector<IndexId> used;
  std::vector<uint32_t> inside;
  for (Slot slot : ordered) {
    std::vector<uint32_t> &leaf = problem.leaves.emplace_back();
    for (IndexId index : slotLegs[slot]) {
      if (localOf[index] == 0) {
        used.push_back(index);
        inside.push_back(0);
        localOf[index] = static_cast<uint32_t>(used.size());
        problem.weights.push_back(network.weight(index));
      }
      leaf.push_back(localOf[index] - 1);
      ++inside[localOf[index] - 1];
    }
  }
  double size = 0;
  for (size_t local = 0; local < used.size(); ++local) {
    problem.open.push_back(network.isOpen(used[local]) || holderCount[used[local]] > inside[local]);
    size += problem.weights[local];
    localOf[used[local]] = 0;
  }
  meter.pass(4000 + 64 * used.size());
  for (const Step &step : solveDense(problem, model, size).steps)
    ordered.push_back(join(ordered[step.lhs], ordered[step.rhs]));
  return ordered.back();
}

BucketElimination::Slot BucketElimination::eliminate(IndexId index) {
  TENON_ASSERT(isPresent(index), "an index is eliminated once");
  summedIndices.clear();
  std::span<const Slot> found = holders(index);
  std::vector<Slot> bucket(found.begin(), found.end());
  return absorb(joinAll(bucket));
}

BucketElimination::Slot BucketElimination::absorb(Slot slot) {
  const std::vector<IndexId> &legs = slotLegs[slot];
  if (legs.empty())
    return slot;
  IndexId rarest = *std::min_element(legs.begin(), legs.end(), [&](IndexId a, IndexId b) {
    return holderCount[a] < holderCount[b];
  });
  if (holderCount[rarest] > widestScan)
    return slot;
  std::optional<Slot> smallest;
  for (Slot other : holders(rarest)) {
    const std::vector<IndexId> &wider = slotLegs[other];
    meter.spend(4);
    if (other != slot && (!smallest || sizes[other] < sizes[*smallest]) &&
        std::includes(wider.begin(), wider.end(), legs.begin(), legs.end()))
      smallest = other;
  }
  return smallest ? join(slot, *smallest) : slot;
}

std::optional<ScoredTree> BucketElimination::finish() {
  // Only open indices are left. What shares some is joined before what shares none.
  std::vector<std::pair<double, IndexId>> shared;
  for (IndexId index = 0; index < network.numIndices(); ++index)
    if (holderCount[index] > 1)
      shared.emplace_back(sizeOfUnion(holders(index)), index);
  std::sort(shared.begin(), shared.end());
  for (auto [size, index] : shared)
    if (holderCount[index] > 1 && !meter.isExhausted())
      eliminate(index);
  std::vector<Slot> rest;
  for (Slot slot = 0; slot < network.numTensors(); ++slot)
    if (absorbedBy[slot] == slot)
      rest.push_back(slot);
  joinAll(rest);
  if (meter.isExhausted())
    return std::nullopt;
  return ScoredTree{ContractionTree(network.numTensors(), std::move(steps)), score.score()};
}
