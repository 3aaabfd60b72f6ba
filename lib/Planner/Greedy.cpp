//===- Greedy.cpp - Greedy contraction trees in near-linear time ----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/Greedy.h"

#include "GreedyHolders.h"
#include "SignedLogScore.h"
#include "tenon/Planner/Random.h"
#include "tenon/Support/Assert.h"

#include <algorithm>
#include <queue>

using namespace tenon::planner;

namespace {

/// Of an index with more holders than this, only so many are looked at as partners. Holders are
/// kept smallest first, new results last, so these are the ones that the score prefers.
constexpr uint32_t widestScan = 24;

/// A tensor with more indices than this at first does not look for partners: its neighbours
/// look for it. Its size is out of reach anyway, and looking would make the search quadratic.
constexpr size_t firstWideRank = 128;

/// Slots hold the remaining tensors. A result takes over the slot of its wider operand, so only
/// the narrower operand's indices are touched.
using Slot = GreedyHolders::Slot;

struct Candidate {
  double score;
  Slot slot;
  Slot partner;
  uint32_t slotVersion;
  uint32_t partnerVersion;
};

struct WorseThan {
  bool operator()(const Candidate &a, const Candidate &b) const {
    if (a.score != b.score)
      return a.score > b.score;
    if (a.slot != b.slot)
      return a.slot > b.slot;
    return a.partner > b.partner;
  }
};

} // namespace

class GreedySearch::Engine {
public:
  Engine(const Network &network, std::span<const double> log2Extents);
  ScoredTree run(const CostModel &model, const GreedyOptions &options);

private:
  void reset();
  void pushBestPartner(Slot slot);
  double scoreOf(Slot a, Slot b, double overlap) const;
  void contract(Slot a, Slot b);
  void contractNeighbours();
  void joinParts();
  Slot find(Slot slot);
  void record(Slot a, Slot b, const StepSizes &sizes);

  // The network, reduced, the same for every run.
  NodeId numTensors;
  std::vector<double> weights;
  std::vector<bool> open;
  std::vector<std::vector<IndexId>> initialLegs;
  std::vector<double> initialSizes;

  // One run.
  GreedyOptions options;
  ScoreSum *score = nullptr;
  GreedyHolders holders;
  /// Indices of each slot; those without holders are summed already and skipped.
  std::vector<std::vector<IndexId>> legs;
  /// log2 of the elements of each slot, and the elements themselves.
  std::vector<double> sizes, elements;
  std::vector<uint32_t> version;
  std::vector<NodeId> node;
  /// Itself while the slot is in use, else the slot that absorbed it.
  std::vector<Slot> absorbedBy;
  size_t wideRank = firstWideRank;
  std::vector<Step> steps;
  std::priority_queue<Candidate, std::vector<Candidate>, WorseThan> queue;
  std::vector<uint32_t> mark;
  uint32_t stamp = 0;
  std::vector<double> overlap;
  std::vector<Slot> partners;
};

GreedySearch::Engine::Engine(const Network &network, std::span<const double> log2Extents)
    : numTensors(network.numTensors()), weights(log2Extents.begin(), log2Extents.end()),
      open(network.numIndices(), false), initialLegs(numTensors), initialSizes(numTensors, 0) {
  Incidence incidence(network);
  for (IndexId index = 0; index < network.numIndices(); ++index) {
    open[index] = incidence.isOpen(index);
    if (!incidence.survivesReduction(index))
      continue;
    for (NodeId tensor : incidence.holders(index)) {
      initialLegs[tensor].push_back(index);
      initialSizes[tensor] += weights[index];
    }
  }
  std::vector<Slot> ordered;
  for (IndexId index = 0; index < network.numIndices(); ++index) {
    ordered.clear();
    if (incidence.survivesReduction(index)) {
      std::span<const NodeId> tensors = incidence.holders(index);
      ordered.assign(tensors.begin(), tensors.end());
    }
    if (ordered.size() > widestScan)
      std::sort(ordered.begin(), ordered.end(), [&](Slot a, Slot b) {
        return initialSizes[a] != initialSizes[b] ? initialSizes[a] < initialSizes[b] : a < b;
      });
    holders.addList(ordered);
  }
}

void GreedySearch::Engine::reset() {
  holders.reset();
  legs = initialLegs;
  sizes = initialSizes;
  elements.resize(numTensors);
  for (Slot slot = 0; slot < numTensors; ++slot)
    elements[slot] = std::exp2(sizes[slot]);
  version.assign(numTensors, 0);
  node.resize(numTensors);
  absorbedBy.resize(numTensors);
  for (Slot slot = 0; slot < numTensors; ++slot)
    node[slot] = absorbedBy[slot] = slot;
  wideRank = firstWideRank;
  steps.clear();
  steps.reserve(numTensors);
  mark.assign(numTensors, 0);
  stamp = 0;
  overlap.resize(numTensors);
}

Slot GreedySearch::Engine::find(Slot slot) {
  while (absorbedBy[slot] != slot)
    slot = absorbedBy[slot] = absorbedBy[absorbedBy[slot]];
  return slot;
}

double GreedySearch::Engine::scoreOf(Slot a, Slot b, double overlap) const {
  double value = signedLogScore(sizes[a] + sizes[b] - overlap, sizes[a], sizes[b],
                                elements[a] + elements[b], options.alpha);
  if (options.temperature > 0) {
    // The noise belongs to the pair, not to the moment at which the pair is looked at.
    auto [low, high] = std::minmax(node[a], node[b]);
    uint64_t pair = (static_cast<uint64_t>(high) << 32) | low;
    value -= options.temperature * toGumbel(deriveSeed(options.seed, pair));
  }
  return value;
}

/// Looks at the tensors that share an index with `slot` and queues the best of them.
void GreedySearch::Engine::pushBestPartner(Slot slot) {
  ++stamp;
  partners.clear();
  bool truncated = false;
  std::vector<IndexId> &own = legs[slot];
  size_t kept = 0;
  for (IndexId index : own) {
    uint32_t count = holders.count(index);
    if (count == 0)
      continue;
    own[kept++] = index;
    if (count > widestScan)
      truncated = true;
    // Contracting a pair removes a shared index from one operand, and from the result too if
    // nothing else needs it.
    double gain = weights[index] * (count == 2 && !open[index] ? 2 : 1);
    holders.forFirst(index, widestScan + 1, [&](Slot other) {
      if (other == slot)
        return;
      if (mark[other] != stamp) {
        mark[other] = stamp;
        overlap[other] = 0;
        partners.push_back(other);
      }
      overlap[other] += gain;
    });
  }
  own.resize(kept);
  if (truncated)
    // A partner found through one index may share another beyond the part that was scanned.
    for (IndexId index : own)
      if (holders.count(index) > widestScan) {
        ++stamp;
        holders.forFirst(index, widestScan + 1, [&](Slot other) { mark[other] = stamp; });
        for (Slot other : partners)
          if (mark[other] != stamp && holders.contains(index, other))
            overlap[other] += weights[index];
      }
  if (partners.empty())
    return;
  Candidate best{0, slot, slot, version[slot], 0};
  for (Slot partner : partners) {
    // A larger result of a smaller partner is worse, as long as no noise decides.
    if (best.partner != slot && options.temperature <= 0 && sizes[partner] <= sizes[best.partner] &&
        sizes[partner] - overlap[partner] > sizes[best.partner] - overlap[best.partner])
      continue;
    double value = scoreOf(slot, partner, overlap[partner]);
    if (best.partner == slot || value < best.score ||
        (value == best.score && partner < best.partner)) {
      best.score = value;
      best.partner = partner;
    }
  }
  best.partnerVersion = version[best.partner];
  queue.push(best);
}

void GreedySearch::Engine::record(Slot a, Slot b, const StepSizes &stepSizes) {
  score->add(stepSizes);
  steps.push_back({node[a], node[b]});
}

void GreedySearch::Engine::contract(Slot a, Slot b) {
  Slot wide = a, narrow = b;
  if (legs[wide].size() < legs[narrow].size())
    std::swap(wide, narrow);
  StepSizes stepSizes{sizes[a], sizes[b], sizes[wide], sizes[wide]};
  for (IndexId index : legs[narrow]) {
    uint32_t count = holders.count(index);
    if (count == 0)
      continue;
    bool inBoth = holders.contains(index, wide);
    if (!inBoth) {
      holders.replace(index, narrow, wide);
      legs[wide].push_back(index);
      stepSizes.ops += weights[index];
      stepSizes.result += weights[index];
    } else if (count == 2 && !open[index]) {
      holders.clear(index);
      stepSizes.result -= weights[index];
      continue;
    } else {
      holders.remove(index, narrow);
      --count;
    }
    if (count > widestScan)
      holders.moveToEnd(index, wide);
  }
  legs[narrow] = {};
  record(a, b, stepSizes);
  sizes[wide] = stepSizes.result;
  elements[wide] = std::exp2(stepSizes.result);
  ++version[wide];
  ++version[narrow];
  absorbedBy[narrow] = wide;
  node[wide] = numTensors + static_cast<NodeId>(steps.size()) - 1;
  if (legs[wide].size() <= wideRank)
    pushBestPartner(wide);
}

void GreedySearch::Engine::contractNeighbours() {
  for (Slot slot = 0; slot < numTensors; ++slot)
    if (legs[slot].size() <= wideRank)
      pushBestPartner(slot);
  while (true) {
    while (!queue.empty()) {
      Candidate top = queue.top();
      queue.pop();
      if (absorbedBy[top.slot] != top.slot || version[top.slot] != top.slotVersion)
        continue;
      if (version[top.partner] == top.partnerVersion) {
        contract(top.slot, top.partner);
        continue;
      }
      // The partner has changed since. Other partners of the slot score no better than before,
      // or have queued this pair themselves, so looking again now loses nothing.
      Slot partner = find(top.partner);
      if (partner != top.slot && legs[partner].size() > firstWideRank)
        contract(top.slot, partner);
      else
        pushBestPartner(top.slot);
    }
    // What remains are wide tensors that wait for each other: let the narrower ones look.
    wideRank *= 4;
    for (Slot slot = 0; slot < numTensors; ++slot)
      if (absorbedBy[slot] == slot && legs[slot].size() <= wideRank)
        pushBestPartner(slot);
    if (queue.empty() && std::none_of(legs.begin(), legs.end(),
                                      [&](const auto &own) { return own.size() > wideRank; }))
      return;
  }
}

/// Outer products of what shares no index, smallest first.
void GreedySearch::Engine::joinParts() {
  auto larger = [&](Slot a, Slot b) {
    return sizes[a] != sizes[b] ? sizes[a] > sizes[b] : node[a] > node[b];
  };
  std::priority_queue<Slot, std::vector<Slot>, decltype(larger)> parts(larger);
  for (Slot slot = 0; slot < numTensors; ++slot)
    if (absorbedBy[slot] == slot)
      parts.push(slot);
  while (parts.size() > 1) {
    Slot a = parts.top();
    parts.pop();
    Slot b = parts.top();
    parts.pop();
    double product = sizes[a] + sizes[b];
    record(a, b, {sizes[a], sizes[b], product, product});
    sizes[a] = product;
    node[a] = numTensors + static_cast<NodeId>(steps.size()) - 1;
    parts.push(a);
  }
}

ScoredTree GreedySearch::Engine::run(const CostModel &model, const GreedyOptions &runOptions) {
  options = runOptions;
  ScoreSum sum(model);
  score = &sum;
  reset();
  contractNeighbours();
  joinParts();
  score = nullptr;
  return {ContractionTree(numTensors, steps), sum.score()};
}

GreedySearch::GreedySearch(const Network &network, std::span<const double> log2Extents)
    : engine(std::make_unique<Engine>(network, log2Extents)) {}

GreedySearch::~GreedySearch() = default;

ScoredTree GreedySearch::run(const CostModel &model, const GreedyOptions &options) {
  return engine->run(model, options);
}

GreedyOptions tenon::planner::restartOptions(uint64_t seed, uint64_t number) {
  GreedyOptions options;
  if (number == 0)
    return options;
  Random random(deriveSeed(seed, number));
  options.alpha = random.logUniform(0.05, 8);
  options.temperature = random.logUniform(0.001, 1.5);
  options.seed = random.bits();
  return options;
}
