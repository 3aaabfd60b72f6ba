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
#include <array>
#include <numeric>
#include <optional>
#include <queue>
#include <utility>

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
  /// `isOver()`, which is asked now and then, ends the run. Then `joinRest` makes a tree of what is
  /// there, and without it there is none.
  template <typename IsOver>
  std::optional<ScoredTree> run(const CostModel &model, const GreedyOptions &options,
                                IsOver &&isOver, bool joinRest);

private:
  void reset();
  void pushBestPartner(Slot slot);
  Slot bestWithNoise(Slot slot) const;
  Slot bestWithoutNoise(Slot slot) const;
  double noiseOf(Slot a, Slot b) const;
  double logScoreOf(Slot a, Slot b) const;
  std::optional<double> linearScoreOf(Slot a, Slot b) const;
  Slot contract(Slot a, Slot b);
  template <typename IsOver> bool contractNeighbours(IsOver &&isOver);
  void contractByIndex();
  void joinParts();
  Slot find(Slot slot);
  void record(Slot a, Slot b, const StepSizes &sizes);

  // The network, reduced, the same for every run.
  NodeId numTensors;
  std::vector<double> weights;
  /// 2 to the power of the weights: extents, exact.
  std::vector<double> extents;
  std::vector<bool> open;
  /// By tensor, one after the other.
  std::vector<size_t> initialLegsBegin;
  std::vector<IndexId> initialLegs;
  std::vector<double> initialSizes;

  // One run.
  GreedyOptions options;
  ScoreSum *score = nullptr;
  GreedyHolders holders;
  /// Indices of each slot; those without holders are summed already and skipped.
  std::vector<std::vector<IndexId>> legs;
  /// What scores are made of, side by side: looking at a partner is one access to memory.
  struct SlotSizes {
    /// log2 of the elements, and the elements themselves.
    double size, elements;
    /// As a partner: what the result has less than both operands together, as a logarithm and as a
    /// factor.
    double overlap, overlapFactor;
    /// Whether it is a partner now.
    uint32_t mark;
  };
  std::vector<SlotSizes> slots;
  std::vector<uint32_t> version;
  std::vector<NodeId> node;
  /// Itself while the slot is in use, else the slot that absorbed it.
  std::vector<Slot> absorbedBy;
  size_t wideRank = firstWideRank;
  std::vector<Step> steps;
  std::priority_queue<Candidate, std::vector<Candidate>, WorseThan> queue;
  uint32_t stamp = 0;
  std::vector<Slot> partners;
};

/// 2^log2, without the rounding of an extent's logarithm.
static double extentOf(double log2) {
  double power = std::exp2(log2), whole = std::round(power);
  constexpr double rounding = 1e-12;
  return std::fabs(power - whole) < rounding * power ? whole : power;
}

GreedySearch::Engine::Engine(const Network &network, std::span<const double> log2Extents)
    : numTensors(network.numTensors()), weights(log2Extents.begin(), log2Extents.end()),
      open(network.numIndices(), false), initialLegsBegin(numTensors + size_t{1}, 0),
      initialSizes(numTensors, 0) {
  Incidence incidence(network);
  extents.reserve(network.numIndices());
  for (IndexId index = 0; index < network.numIndices(); ++index) {
    extents.push_back(extentOf(weights[index]));
    open[index] = incidence.isOpen(index);
    if (!incidence.survivesReduction(index))
      continue;
    for (NodeId tensor : incidence.holders(index)) {
      ++initialLegsBegin[tensor + size_t{1}];
      initialSizes[tensor] += weights[index];
    }
  }
  std::partial_sum(initialLegsBegin.begin(), initialLegsBegin.end(), initialLegsBegin.begin());
  initialLegs.resize(initialLegsBegin.back());
  std::vector<size_t> next(initialLegsBegin.begin(), initialLegsBegin.end() - 1);
  for (IndexId index = 0; index < network.numIndices(); ++index)
    if (incidence.survivesReduction(index))
      for (NodeId tensor : incidence.holders(index))
        initialLegs[next[tensor]++] = index;
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
  legs.resize(numTensors);
  for (Slot slot = 0; slot < numTensors; ++slot)
    legs[slot].assign(initialLegs.begin() + static_cast<ptrdiff_t>(initialLegsBegin[slot]),
                      initialLegs.begin() + static_cast<ptrdiff_t>(initialLegsBegin[slot + 1]));
  slots.resize(numTensors);
  for (Slot slot = 0; slot < numTensors; ++slot)
    slots[slot] = {initialSizes[slot], std::exp2(initialSizes[slot]), 0, 1, 0};
  version.assign(numTensors, 0);
  node.resize(numTensors);
  absorbedBy.resize(numTensors);
  for (Slot slot = 0; slot < numTensors; ++slot)
    node[slot] = absorbedBy[slot] = slot;
  wideRank = firstWideRank;
  steps.clear();
  steps.reserve(numTensors);
  stamp = 0;
}

Slot GreedySearch::Engine::find(Slot slot) {
  while (absorbedBy[slot] != slot)
    slot = absorbedBy[slot] = absorbedBy[absorbedBy[slot]];
  return slot;
}

double GreedySearch::Engine::noiseOf(Slot a, Slot b) const {
  if (options.temperature <= 0)
    return 0;
  // The noise belongs to the pair, not to the moment at which the pair is looked at.
  auto [low, high] = std::minmax(node[a], node[b]);
  uint64_t pair = (static_cast<uint64_t>(high) << 32) | low;
  return options.temperature * toGumbel(deriveSeed(options.seed, pair));
}

/// The score of a slot and one of its partners, as a signed logarithm.
double GreedySearch::Engine::logScoreOf(Slot slot, Slot partner) const {
  return signedLogScore(slots[slot].size + slots[partner].size - slots[partner].overlap,
                        slots[slot].size, slots[partner].size,
                        slots[slot].elements + slots[partner].elements, options.alpha);
}

/// The score itself, where no power in it overflows: partners are compared without a logarithm.
std::optional<double> GreedySearch::Engine::linearScoreOf(Slot slot, Slot partner) const {
  constexpr double largest = 1000;
  double both = slots[slot].size + slots[partner].size;
  if (both > largest)
    return std::nullopt;
  // The quotient of whole numbers, exact where they are: ties are ties whatever the extents.
  double out = slots[slot].elements * slots[partner].elements / slots[partner].overlapFactor;
  return out - options.alpha * (slots[slot].elements + slots[partner].elements);
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
    bool isSummed = count == 2 && !open[index];
    double gain = isSummed ? 2 * weights[index] : weights[index];
    double factor = isSummed ? extents[index] * extents[index] : extents[index];
    // In large networks the time goes to waiting for memory: for all of them at once.
    holders.forFirst(index, widestScan + 1,
                     [&](Slot other) { __builtin_prefetch(&slots[other], 1); });
    holders.forFirst(index, widestScan + 1, [&](Slot other) {
      if (other == slot)
        return;
      if (slots[other].mark != stamp) {
        slots[other].mark = stamp;
        slots[other].overlap = 0;
        slots[other].overlapFactor = 1;
        partners.push_back(other);
      }
      slots[other].overlap += gain;
      slots[other].overlapFactor *= factor;
    });
  }
  own.resize(kept);
  if (truncated)
    // A partner found through one index may share another beyond the part that was scanned.
    for (IndexId index : own)
      if (holders.count(index) > widestScan) {
        ++stamp;
        holders.forFirst(index, widestScan + 1, [&](Slot other) { slots[other].mark = stamp; });
        for (Slot other : partners)
          if (slots[other].mark != stamp && holders.contains(index, other)) {
            slots[other].overlap += weights[index];
            slots[other].overlapFactor *= extents[index];
          }
      }
  if (partners.empty())
    return;
  Slot best = options.temperature > 0 ? bestWithNoise(slot) : bestWithoutNoise(slot);
  queue.push(
      {logScoreOf(slot, best) - noiseOf(slot, best), slot, best, version[slot], version[best]});
}

Slot GreedySearch::Engine::bestWithNoise(Slot slot) const {
  Slot best = slot;
  double bestScore = 0;
  for (Slot partner : partners) {
    double score = logScoreOf(slot, partner) - noiseOf(slot, partner);
    if (best == slot || score < bestScore || (score == bestScore && partner < best)) {
      best = partner;
      bestScore = score;
    }
  }
  return best;
}

Slot GreedySearch::Engine::bestWithoutNoise(Slot slot) const {
  Slot best = partners.front();
  std::optional<double> bestScore = linearScoreOf(slot, best);
  for (Slot partner : std::span(partners).subspan(1)) {
    // A larger result of a smaller partner is worse.
    if (slots[partner].size <= slots[best].size &&
        slots[partner].size - slots[partner].overlap > slots[best].size - slots[best].overlap)
      continue;
    std::optional<double> score = linearScoreOf(slot, partner);
    bool areLinear = score && bestScore;
    double now = areLinear ? *score : logScoreOf(slot, partner);
    double before = areLinear ? *bestScore : logScoreOf(slot, best);
    if (now < before || (now == before && partner < best)) {
      best = partner;
      bestScore = score;
    }
  }
  return best;
}

void GreedySearch::Engine::record(Slot a, Slot b, const StepSizes &stepSizes) {
  score->add(stepSizes);
  steps.push_back({node[a], node[b]});
}

/// The slot of the result.
Slot GreedySearch::Engine::contract(Slot a, Slot b) {
  Slot wide = a, narrow = b;
  if (legs[wide].size() < legs[narrow].size())
    std::swap(wide, narrow);
  StepSizes stepSizes{slots[a].size, slots[b].size, slots[wide].size, slots[wide].size};
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
  legs[narrow] = std::vector<IndexId>();
  record(a, b, stepSizes);
  slots[wide].size = stepSizes.result;
  slots[wide].elements = std::exp2(stepSizes.result);
  ++version[wide];
  ++version[narrow];
  absorbedBy[narrow] = wide;
  node[wide] = numTensors + static_cast<NodeId>(steps.size()) - 1;
  return wide;
}

/// Until only parts are left that share nothing; false if `isOver()` ended it before.
template <typename IsOver> bool GreedySearch::Engine::contractNeighbours(IsOver &&isOver) {
  // A contraction takes a microsecond or more, and asking some ten nanoseconds.
  constexpr size_t stepsPerQuestion = 64;
  auto contractAndLook = [&](Slot a, Slot b) {
    Slot result = contract(a, b);
    if (legs[result].size() <= wideRank)
      pushBestPartner(result);
  };
  for (Slot slot = 0; slot < numTensors; ++slot)
    if (legs[slot].size() <= wideRank)
      pushBestPartner(slot);
  size_t nextQuestion = stepsPerQuestion;
  while (true) {
    while (!queue.empty()) {
      Candidate top = queue.top();
      queue.pop();
      if (steps.size() >= nextQuestion) {
        nextQuestion = steps.size() + stepsPerQuestion;
        if (isOver())
          return false;
      }
      if (absorbedBy[top.slot] != top.slot || version[top.slot] != top.slotVersion)
        continue;
      if (version[top.partner] == top.partnerVersion) {
        contractAndLook(top.slot, top.partner);
        continue;
      }
      // The partner has changed since. Other partners of the slot score no better than before,
      // or have queued this pair themselves, so looking again now loses nothing.
      Slot partner = find(top.partner);
      if (partner != top.slot && legs[partner].size() > firstWideRank)
        contractAndLook(top.slot, partner);
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
      return true;
  }
}

/// Joins all that share an index, index by index.
void GreedySearch::Engine::contractByIndex() {
  for (IndexId index = 0; index < weights.size(); ++index)
    while (holders.count(index) > 1) {
      std::array<Slot, 2> pair;
      holders.forFirst(index, 2, [&, i = size_t{0}](Slot slot) mutable { pair[i++] = slot; });
      contract(pair[0], pair[1]);
    }
}

/// Outer products of what shares no index, smallest first.
void GreedySearch::Engine::joinParts() {
  auto larger = [&](Slot a, Slot b) {
    return slots[a].size != slots[b].size ? slots[a].size > slots[b].size : node[a] > node[b];
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
    double product = slots[a].size + slots[b].size;
    record(a, b, {slots[a].size, slots[b].size, product, product});
    slots[a].size = product;
    node[a] = numTensors + static_cast<NodeId>(steps.size()) - 1;
    parts.push(a);
  }
}

template <typename IsOver>
std::optional<ScoredTree> GreedySearch::Engine::run(const CostModel &model,
                                                    const GreedyOptions &runOptions,
                                                    IsOver &&isOver, bool joinRest) {
  options = runOptions;
  ScoreSum sum(model);
  score = &sum;
  reset();
  if (!contractNeighbours(isOver)) {
    queue = {};
    if (!joinRest)
      return std::nullopt;
    contractByIndex();
  }
  joinParts();
  score = nullptr;
  return ScoredTree{ContractionTree(numTensors, steps), sum.score()};
}

GreedySearch::GreedySearch(const Network &network, std::span<const double> log2Extents)
    : engine(std::make_unique<Engine>(network, log2Extents)) {}

GreedySearch::~GreedySearch() = default;

ScoredTree GreedySearch::run(const CostModel &model, const GreedyOptions &options) {
  return std::move(*engine->run(
      model, options, [] { return false; }, /*joinRest=*/true));
}

ScoredTree GreedySearch::runFirst(const CostModel &model, const GreedyOptions &options,
                                  const Budget &budget) {
  return std::move(*engine->run(
      model, options, [&] { return budget.cancelled(); }, /*joinRest=*/true));
}

std::optional<ScoredTree> GreedySearch::runWithin(const CostModel &model,
                                                  const GreedyOptions &options,
                                                  const Budget &budget) {
  return engine->run(
      model, options, [&] { return budget.expired(); }, /*joinRest=*/false);
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
