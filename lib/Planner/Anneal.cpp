//===- Anneal.cpp - Simulated annealing of contraction trees --------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Sets of indices are bit sets in which all bits of a word have the same weight, so that the size
// of a tensor is a sum of popcounts. Weights are fixed-point numbers: sums are exact, and the same
// on every machine.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/Anneal.h"

#include "LogAdder.h"
#include "tenon/Planner/Random.h"

#include <algorithm>
#include <optional>

using namespace tenon::planner;

namespace {

using Word = uint64_t;
constexpr size_t kWordBits = 64;

/// Fractional bits of a weight: log2 extents below 2^6, sums below 2^43.
constexpr double kUnit = 0x1p20;

double toLog2(int64_t fixed) { return static_cast<double>(fixed) * (1 / kUnit); }

class AnnealState {
public:
  AnnealState(const Network &network, const ContractionTree &tree, const CostModel &model,
              std::span<const double> log2Extents);

  /// Tries a rotation at every inner node.
  void sweep(double temperature, Random &random) { (this->*kernels.sweep)(temperature, random); }
  /// Proposes to slice an index, to put one back, or both.
  void varySlices(double temperature, Random &random);
  void slice(IndexId index, bool on);
  /// Measures all nodes after `slice`.
  void remeasure() { (this->*kernels.remeasure)(); }
  /// Of one slice.
  Score score() const;
  /// log2 of the number of slices.
  double log2Slices() const { return toLog2(slicedWeight); }
  std::vector<IndexId> slicedIndices() const;
  bool canSlice(IndexId index) const { return bitOf[index] != kNoBit; }
  const std::vector<Step> &steps() const { return children; }

private:
  struct Sizes {
    int64_t innerOps = 0, outerOps = 0, inner = 0;
  };

  Word *legsOf(NodeId node) { return legs.data() + size_t{node} * numWords; }
  const Word *legsOf(NodeId node) const { return legs.data() + size_t{node} * numWords; }
  bool isLeaf(NodeId node) const { return node < numLeaves; }
  Step &childrenOf(NodeId node) { return children[node - numLeaves]; }

  /// The same code for different processors.
  struct Kernels {
    void (AnnealState::*sweep)(double, Random &);
    void (AnnealState::*remeasure)();
  };
  static Kernels chooseKernels();
  void sweepAnywhere(double temperature, Random &random);
  void sweepCounting(double temperature, Random &random);
  void sweepWide(double temperature, Random &random);
  void remeasureAnywhere();
  void remeasureCounting();
  void remeasureWide();
  void remeasureInline();
  std::optional<IndexId> chooseToSlice(Random &random) const;
  template <bool Uniform> void sweepWith(double temperature, Random &random);
  template <bool Uniform> Sizes measure(NodeId a, NodeId b, NodeId c, NodeId parent);
  double energy(NodeId lhs, NodeId rhs, int64_t result, int64_t ops) const {
    return model.step({toLog2(sizes[lhs]), toLog2(sizes[rhs]), toLog2(result), toLog2(ops)});
  }

  const CostModel &model;
  const bool sums;
  NodeId numLeaves, numNodes;
  size_t numWords = 0;
  /// The weight of every bit of a word.
  std::vector<int64_t> weights;
  std::vector<Word> legs;
  /// All bits but those of sliced indices; `legs` have these too.
  std::vector<Word> live;
  int64_t slicedWeight = 0;
  static constexpr size_t kNoBit = ~size_t{0};
  std::vector<size_t> bitOf;
  std::vector<IndexId> indexOf;
  std::vector<int64_t> sizes;
  /// Of inner nodes.
  std::vector<Step> children;
  std::vector<int64_t> ops;
  std::vector<double> energies;
  const LogAdder &add = LogAdder::get();
  bool uniform = true;
  const Kernels kernels = chooseKernels();
};

AnnealState::AnnealState(const Network &network, const ContractionTree &tree,
                         const CostModel &model, std::span<const double> log2Extents)
    : model(model), sums(model.accumulation() == Accumulation::Sum), numLeaves(tree.numLeaves()),
      numNodes(tree.numNodes()), children(tree.steps().begin(), tree.steps().end()) {
  std::vector<IndexId> order;
  for (IndexId index = 0; index < network.numIndices(); ++index)
    if (log2Extents[index] > 0)
      order.push_back(index);
  std::stable_sort(order.begin(), order.end(), [&](IndexId a, IndexId b) {
    return log2Extents[a] > log2Extents[b];
  });
  bitOf.assign(network.numIndices(), kNoBit);
  size_t next = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    if (i > 0 && log2Extents[order[i]] != log2Extents[order[i - 1]])
      next = (next + kWordBits - 1) / kWordBits * kWordBits;
    bitOf[order[i]] = next++;
  }
  numWords = (next + kWordBits - 1) / kWordBits;
  weights.assign(numWords, 0);
  live.assign(numWords, ~Word{0});
  indexOf.assign(numWords * kWordBits, 0);
  for (IndexId index : order) {
    weights[bitOf[index] / kWordBits] = std::llround(log2Extents[index] * kUnit);
    indexOf[bitOf[index]] = index;
  }
  uniform = std::all_of(weights.begin(), weights.end(),
                        [&](int64_t weight) { return weight == weights[0]; });

  NodeIndices indices(network, tree);
  legs.assign(size_t{numNodes} * numWords, 0);
  for (NodeId node = 0; node < numNodes; ++node)
    for (IndexId index : indices[node])
      if (bitOf[index] != kNoBit)
        legsOf(node)[bitOf[index] / kWordBits] |= Word{1} << bitOf[index] % kWordBits;
  sizes.assign(numNodes, 0);
  ops.assign(numNodes - numLeaves, 0);
  energies.assign(numNodes - numLeaves, 0);
  remeasure();
}

void AnnealState::slice(IndexId index, bool on) {
  size_t bit = bitOf[index];
  live[bit / kWordBits] ^= Word{1} << bit % kWordBits;
  slicedWeight += on ? weights[bit / kWordBits] : -weights[bit / kWordBits];
}

std::vector<IndexId> AnnealState::slicedIndices() const {
  std::vector<IndexId> sliced;
  for (size_t w = 0; w < numWords; ++w)
    for (Word bits = ~live[w]; bits != 0; bits &= bits - 1)
      sliced.push_back(indexOf[w * kWordBits + static_cast<size_t>(__builtin_ctzll(bits))]);
  return sliced;
}

/// An unsliced index of one of the largest results.
std::optional<IndexId> AnnealState::chooseToSlice(Random &random) const {
  // The largest of a few: any result that is too large will do.
  constexpr int tries = 8;
  NodeId chosen = numLeaves + random.below(numNodes - numLeaves);
  for (int i = 0; i < tries; ++i)
    if (NodeId node = numLeaves + random.below(numNodes - numLeaves); sizes[node] > sizes[chosen])
      chosen = node;
  uint32_t count = 0;
  for (size_t w = 0; w < numWords; ++w)
    count += static_cast<uint32_t>(__builtin_popcountll(legsOf(chosen)[w] & live[w]));
  if (count == 0)
    return std::nullopt;
  uint32_t skip = random.below(count);
  for (size_t w = 0; w < numWords; ++w)
    for (Word bits = legsOf(chosen)[w] & live[w]; bits != 0; bits &= bits - 1)
      if (skip-- == 0)
        return indexOf[w * kWordBits + static_cast<size_t>(__builtin_ctzll(bits))];
  return std::nullopt;
}

void AnnealState::varySlices(double temperature, Random &random) {
  double before = score().cost + log2Slices();
  std::optional<IndexId> added, removed;
  uint32_t kind = random.below(4);
  // Half of all proposals exchange one index for another.
  if (kind != 0)
    added = chooseToSlice(random);
  if (kind != 1)
    if (std::vector<IndexId> sliced = slicedIndices(); !sliced.empty())
      removed = sliced[random.below(static_cast<uint32_t>(sliced.size()))];
  if (!added && !removed)
    return;
  if (added)
    slice(*added, true);
  if (removed)
    slice(*removed, false);
  remeasure();
  double rise = score().cost + log2Slices() - before;
  if (rise <= 0 || toUnit(random.bits()) < std::exp(-rise / temperature))
    return;
  if (added)
    slice(*added, false);
  if (removed)
    slice(*removed, true);
  remeasure();
}

Score AnnealState::score() const {
  ScoreSum sum(model);
  for (NodeId node = numLeaves; node < numNodes; ++node) {
    auto [lhs, rhs] = children[node - numLeaves];
    sum.add({toLog2(sizes[lhs]), toLog2(sizes[rhs]), toLog2(sizes[node]),
             toLog2(ops[node - numLeaves])});
  }
  return sum.score();
}

/// The sizes after (b c) replaced (a b) below `parent`, of which `a` became the other operand.
template <bool Uniform>
[[gnu::always_inline]] inline AnnealState::Sizes AnnealState::measure(NodeId a, NodeId b, NodeId c,
                                                                      NodeId parent) {
  const Word *legsA = legsOf(a), *legsB = legsOf(b), *legsC = legsOf(c), *legsP = legsOf(parent);
  Sizes found;
  for (size_t w = 0; w < numWords; ++w) {
    Word both = (legsB[w] | legsC[w]) & live[w], kept = both & (legsA[w] | legsP[w]);
    int64_t weight = Uniform ? 1 : weights[w];
    found.innerOps += weight * __builtin_popcountll(both);
    found.outerOps += weight * __builtin_popcountll(kept | (legsA[w] & live[w]));
    found.inner += weight * __builtin_popcountll(kept);
  }
  if (Uniform && numWords > 0) {
    found.innerOps *= weights[0];
    found.outerOps *= weights[0];
    found.inner *= weights[0];
  }
  return found;
}

[[gnu::always_inline]] inline void AnnealState::remeasureInline() {
  for (NodeId node = 0; node < numNodes; ++node) {
    int64_t size = 0;
    for (size_t w = 0; w < numWords; ++w)
      size += weights[w] * __builtin_popcountll(legsOf(node)[w] & live[w]);
    sizes[node] = size;
  }
  for (NodeId node = numLeaves; node < numNodes; ++node) {
    auto [lhs, rhs] = childrenOf(node);
    int64_t sum = 0;
    for (size_t w = 0; w < numWords; ++w)
      sum += weights[w] * __builtin_popcountll((legsOf(lhs)[w] | legsOf(rhs)[w]) & live[w]);
    ops[node - numLeaves] = sum;
    energies[node - numLeaves] = energy(lhs, rhs, sizes[node], sum);
  }
}

template <bool Uniform>
[[gnu::always_inline]] inline void AnnealState::sweepWith(double temperature, Random &random) {
  for (NodeId parent = numNodes; parent-- > numLeaves;) {
    Step &outer = childrenOf(parent);
    uint64_t bits = random.bits();
    // Which operand is taken apart: any that can be.
    bool left = bits & 1;
    if (isLeaf(left ? outer.lhs : outer.rhs)) {
      left = !left;
      if (isLeaf(left ? outer.lhs : outer.rhs))
        continue;
    }
    NodeId inner = left ? outer.lhs : outer.rhs, c = left ? outer.rhs : outer.lhs;
    auto [a, b] = childrenOf(inner);
    if (bits & 2)
      std::swap(a, b);
    Sizes now = measure<Uniform>(a, b, c, parent);
    double &innerEnergy = energies[inner - numLeaves], &outerEnergy = energies[parent - numLeaves];
    double newInner = energy(b, c, now.inner, now.innerOps);
    double newOuter = model.step({toLog2(now.inner), toLog2(sizes[a]), toLog2(sizes[parent]),
                                  toLog2(now.outerOps)});
    double rise = sums ? add(newInner, newOuter) - add(innerEnergy, outerEnergy)
                       : std::max(newInner, newOuter) - std::max(innerEnergy, outerEnergy);
    if (rise > 0 && (rise > 32 * temperature ||
                     toUnit(random.bits()) > std::exp(-rise / temperature)))
      continue;
    Word *legsX = legsOf(inner);
    const Word *legsA = legsOf(a), *legsB = legsOf(b), *legsC = legsOf(c),
               *legsP = legsOf(parent);
    for (size_t w = 0; w < numWords; ++w)
      legsX[w] = (legsB[w] | legsC[w]) & (legsA[w] | legsP[w]);
    sizes[inner] = now.inner;
    ops[inner - numLeaves] = now.innerOps;
    ops[parent - numLeaves] = now.outerOps;
    innerEnergy = newInner;
    outerEnergy = newOuter;
    childrenOf(inner) = {b, c};
    outer = {inner, a};
  }
}

void AnnealState::sweepAnywhere(double temperature, Random &random) {
  uniform ? sweepWith<true>(temperature, random) : sweepWith<false>(temperature, random);
}
void AnnealState::remeasureAnywhere() { remeasureInline(); }

// Without these, a popcount is a dozen instructions: the library is built for any processor.
#if defined(__x86_64__)
#define WITH_POPCNT __attribute__((target("popcnt")))
#define WITH_VPOPCNT                                                                               \
  __attribute__((target("popcnt,avx512f,avx512vl,avx512bw,avx512vpopcntdq")))

WITH_POPCNT void AnnealState::sweepCounting(double temperature, Random &random) {
  uniform ? sweepWith<true>(temperature, random) : sweepWith<false>(temperature, random);
}
WITH_POPCNT void AnnealState::remeasureCounting() { remeasureInline(); }

WITH_VPOPCNT void AnnealState::sweepWide(double temperature, Random &random) {
  uniform ? sweepWith<true>(temperature, random) : sweepWith<false>(temperature, random);
}
WITH_VPOPCNT void AnnealState::remeasureWide() { remeasureInline(); }

AnnealState::Kernels AnnealState::chooseKernels() {
  if (__builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw"))
    return {&AnnealState::sweepWide, &AnnealState::remeasureWide};
  if (__builtin_cpu_supports("popcnt"))
    return {&AnnealState::sweepCounting, &AnnealState::remeasureCounting};
  return {&AnnealState::sweepAnywhere, &AnnealState::remeasureAnywhere};
}
#else
AnnealState::Kernels AnnealState::chooseKernels() {
  return {&AnnealState::sweepAnywhere, &AnnealState::remeasureAnywhere};
}
#endif

} // namespace

/// The temperature of a sweep.
static double coolTo(const AnnealOptions &options, uint64_t sweep) {
  double last = static_cast<double>(std::max<uint64_t>(options.sweeps, 2) - 1);
  return options.hottest *
         std::pow(options.coldest / options.hottest, static_cast<double>(sweep) / last);
}

ContractionTree tenon::planner::anneal(const Network &network, const ContractionTree &tree,
                                       const CostModel &model,
                                       std::span<const double> log2Extents,
                                       const AnnealOptions &options, const Budget &budget) {
  if (tree.numSteps() < 2)
    return tree;
  AnnealState state(network, tree, model, log2Extents);
  Random random(deriveSeed(options.seed, 0x616e6e65616c));
  std::vector<Step> best = state.steps();
  Score bestScore = state.score();
  // Counting the cost of a tree takes about a sweep's time.
  constexpr uint64_t sweepsPerCount = 8;
  for (uint64_t sweep = 0; sweep < options.sweeps; ++sweep) {
    state.sweep(coolTo(options, sweep), random);
    if (sweep % sweepsPerCount != 0 && sweep + 1 != options.sweeps)
      continue;
    if (Score score = state.score(); score.betterThan(bestScore)) {
      bestScore = score;
      best = state.steps();
    }
    if (budget.expired())
      break;
  }
  return treeFromChildren(tree.numLeaves(), best);
}

SlicedTree tenon::planner::annealSlices(const Network &network, const SlicedTree &start,
                                        const CostModel &model,
                                        std::span<const double> log2Extents,
                                        const AnnealOptions &options, const Budget &budget) {
  if (start.tree.numSteps() < 2)
    return start;
  AnnealState state(network, start.tree, model, log2Extents);
  for (IndexId index : start.sliced)
    if (state.canSlice(index))
      state.slice(index, true);
  state.remeasure();
  Random random(deriveSeed(options.seed, 0x736c69636573));
  std::vector<Step> best = state.steps();
  std::vector<IndexId> bestSliced = state.slicedIndices();
  auto score = [&] {
    Score ofSlice = state.score();
    return Score{ofSlice.cost + state.log2Slices(), ofSlice.ops + state.log2Slices()};
  };
  Score bestScore = score();
  // A proposal to change slices takes several times as long as a sweep.
  constexpr uint64_t sweepsPerProposal = 2, sweepsPerCount = 8;
  for (uint64_t sweep = 0; sweep < options.sweeps && !budget.expired(); ++sweep) {
    double temperature = coolTo(options, sweep);
    state.sweep(temperature, random);
    if (sweep % sweepsPerProposal == 0)
      state.varySlices(temperature, random);
    if (sweep % sweepsPerCount != 0 && sweep + 1 != options.sweeps)
      continue;
    if (Score now = score(); now.betterThan(bestScore)) {
      bestScore = now;
      best = state.steps();
      bestSliced = state.slicedIndices();
    }
  }
  return {treeFromChildren(start.tree.numLeaves(), best), std::move(bestSliced)};
}
