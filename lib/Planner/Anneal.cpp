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
#include <array>
#include <limits>
#include <optional>

using namespace tenon::planner;

namespace {

using Word = uint64_t;
constexpr size_t kWordBits = 64;

/// Fractional bits of a weight: log2 extents below 2^6, sums below 2^43.
constexpr double kUnit = 0x1p20;

double toLog2(int64_t fixed) { return static_cast<double>(fixed) * (1 / kUnit); }

/// log2 of a sum of powers of two, from a table, to which terms are added and from which they are
/// taken. Integers: the sum does not depend on the order, and what was added is taken exactly.
class PowerSum {
public:
  /// Empties the sum. `largest`: of the exponents to come, as fixed-point numbers.
  void restart(int64_t largest) {
    scale = largest + kHeadroom;
    sum = terms = 0;
    outgrown = false;
  }
  void add(int64_t exponent) {
    sum += powerOf(exponent);
    ++terms;
  }
  void take(int64_t exponent) {
    sum -= powerOf(exponent);
    --terms;
  }
  /// Whether no term was too large, and what is left is large enough to be known well.
  bool isReliable() const { return !outgrown && (terms == 0 || sum >= kSmallest); }
  /// \pre isReliable()
  double log2() const {
    return terms == 0 ? log2Zero
                      : toLog2(scale) + std::log2(static_cast<double>(sum)) - Powers::kScale;
  }

private:
  uint64_t powerOf(int64_t exponent) {
    if (exponent > scale) {
      outgrown = true;
      return 0;
    }
    static constexpr unsigned kDropped = 20 - kTableBits;
    uint64_t below = static_cast<uint64_t>(scale - exponent);
    uint64_t shift = std::min<uint64_t>(below >> 20, 63);
    return Powers::get().table[(below >> kDropped) % Powers::kSize] >> shift;
  }

  static constexpr unsigned kTableBits = 10;
  /// 2^(kScale - i / kSize).
  struct Powers {
    static constexpr size_t kSize = size_t{1} << kTableBits;
    /// Leaves room for 2^23 terms.
    static constexpr double kScale = 40;
    static const Powers &get() {
      static const Powers powers;
      return powers;
    }
    Powers() {
      for (size_t i = 0; i < kSize; ++i)
        table[i] = static_cast<uint64_t>(std::exp2(kScale - static_cast<double>(i) / kSize));
    }
    std::array<uint64_t, kSize> table;
  };

  /// Terms may become so much larger than the largest at the start, and the sum so small.
  static constexpr int64_t kHeadroom = 8 << 20;
  static constexpr uint64_t kSmallest = uint64_t{1} << 16;
  int64_t scale = 0;
  uint64_t sum = 0, terms = 0;
  bool outgrown = false;
};

class AnnealState {
public:
  AnnealState(const Network &network, const ContractionTree &tree, const CostModel &model,
              std::span<const double> log2Extents);

  /// Tries a rotation at every inner node.
  void sweep(double temperature, Random &random) { (this->*kernels.sweep)(temperature, random); }
  /// Proposes `proposals` times to slice an index, to put one back, or both.
  void varySlices(double temperature, uint64_t proposals, Random &random);
  /// Slices an index, or puts it back. Time: the nodes that have it, and the depth of its tensors.
  void setSliced(IndexId index, bool on);
  /// Slices of indices that the network lacks. Called before any of its own.
  void setOuter(const OuterSlices &outer);
  /// Of all slices, hoisted steps once.
  Score score() const;
  const std::vector<IndexId> &slicedIndices() const { return slicedList; }
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
    void (AnnealState::*measureAll)();
  };
  static Kernels chooseKernels();
  void sweepAnywhere(double temperature, Random &random);
  void sweepCounting(double temperature, Random &random);
  void sweepWide(double temperature, Random &random);
  void measureAllAnywhere();
  void measureAllCounting();
  void measureAllWide();
  void measureAllInline();
  std::optional<IndexId> chooseToSlice(Random &random) const;
  void setInSlices(NodeId leaf, bool on);
  int64_t fixedEnergy(NodeId node) const {
    return static_cast<int64_t>(energies[node - numLeaves] * kUnit);
  }
  PowerSum &sumOf(NodeId node) { return inSlices[node] ? inEachSlice : hoisted; }
  void sumEnergies();
  double totalEnergy();
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
  const Incidence incidence;
  static constexpr NodeId kNoNode = ~NodeId{0};
  std::vector<NodeId> parents;
  std::vector<IndexId> slicedList;
  /// How many sliced indices a leaf has, one more if it depends on outer slices.
  std::vector<uint32_t> slicedOf;
  /// Whether a leaf below a node has any; a step without is hoisted.
  std::vector<uint8_t> inSlices;
  std::vector<uint32_t> seen;
  uint32_t stamp = 0;
  std::vector<NodeId> touched;
  /// The energies of steps, in one slice; kept up while slices vary.
  PowerSum hoisted, inEachSlice;
  const LogAdder &add = LogAdder::get();
  bool uniform = true;
  const Kernels kernels = chooseKernels();
};

AnnealState::AnnealState(const Network &network, const ContractionTree &tree,
                         const CostModel &model, std::span<const double> log2Extents)
    : model(model), sums(model.accumulation() == Accumulation::Sum), numLeaves(tree.numLeaves()),
      numNodes(tree.numNodes()), children(tree.steps().begin(), tree.steps().end()),
      incidence(network) {
  std::vector<IndexId> order;
  for (IndexId index = 0; index < network.numIndices(); ++index)
    if (log2Extents[index] > 0)
      order.push_back(index);
  std::stable_sort(order.begin(), order.end(),
                   [&](IndexId a, IndexId b) { return log2Extents[a] > log2Extents[b]; });
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
  (this->*kernels.measureAll)();
  parents.assign(numNodes, kNoNode);
  for (NodeId node = numLeaves; node < numNodes; ++node)
    for (NodeId operand : {childrenOf(node).lhs, childrenOf(node).rhs})
      parents[operand] = node;
  slicedOf.assign(numLeaves, 0);
  inSlices.assign(numNodes, 0);
  seen.assign(numNodes, 0);
}

void AnnealState::setSliced(IndexId index, bool on) {
  if (on)
    slicedList.push_back(index);
  else
    slicedList.erase(std::find(slicedList.begin(), slicedList.end(), index));
  size_t word = bitOf[index] / kWordBits;
  Word bit = Word{1} << bitOf[index] % kWordBits;
  int64_t change = on ? -weights[word] : weights[word];
  live[word] ^= bit;
  slicedWeight -= change;
  // The nodes that have the index are on the ways from its tensors towards the root.
  ++stamp;
  touched.clear();
  for (NodeId leaf : incidence.holders(index)) {
    for (NodeId node = leaf; node != kNoNode && seen[node] != stamp && (legsOf(node)[word] & bit);
         node = parents[node]) {
      seen[node] = stamp;
      sizes[node] += change;
      if (parents[node] != kNoNode)
        touched.push_back(parents[node]);
    }
    slicedOf[leaf] += on ? 1 : -1;
    setInSlices(leaf, slicedOf[leaf] > 0);
  }
  // Both operands of a step may have it.
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  for (NodeId node : touched) {
    auto [lhs, rhs] = childrenOf(node);
    ops[node - numLeaves] += change;
    sumOf(node).take(fixedEnergy(node));
    energies[node - numLeaves] = energy(lhs, rhs, sizes[node], ops[node - numLeaves]);
    sumOf(node).add(fixedEnergy(node));
  }
}

void AnnealState::setOuter(const OuterSlices &outer) {
  slicedWeight += std::llround(outer.log2Slices * kUnit);
  for (NodeId leaf : outer.tensors) {
    ++slicedOf[leaf];
    setInSlices(leaf, true);
  }
}

/// Notes whether a leaf has sliced indices, and what follows for the steps above it.
void AnnealState::setInSlices(NodeId leaf, bool on) {
  inSlices[leaf] = on;
  for (NodeId node = parents[leaf]; node != kNoNode; node = parents[node]) {
    auto [lhs, rhs] = childrenOf(node);
    uint8_t below = inSlices[lhs] | inSlices[rhs];
    if (inSlices[node] == below)
      return;
    sumOf(node).take(fixedEnergy(node));
    inSlices[node] = below;
    sumOf(node).add(fixedEnergy(node));
  }
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

void AnnealState::varySlices(double temperature, uint64_t proposals, Random &random) {
  sumEnergies();
  double before = totalEnergy();
  for (uint64_t proposal = 0; proposal < proposals; ++proposal) {
    std::optional<IndexId> added, removed;
    uint32_t kind = random.below(4);
    // Half of all proposals exchange one index for another.
    if (kind != 0)
      added = chooseToSlice(random);
    if (kind != 1 && !slicedList.empty())
      removed = slicedList[random.below(static_cast<uint32_t>(slicedList.size()))];
    if (!added && !removed)
      continue;
    if (added)
      setSliced(*added, true);
    if (removed)
      setSliced(*removed, false);
    double after = totalEnergy(), rise = after - before;
    if (rise <= 0 || toUnit(random.bits()) < std::exp(-rise / temperature)) {
      before = after;
      continue;
    }
    if (added)
      setSliced(*added, false);
    if (removed)
      setSliced(*removed, true);
  }
}

void AnnealState::sumEnergies() {
  int64_t once = std::numeric_limits<int64_t>::min() / 2, each = once;
  for (NodeId node = numLeaves; node < numNodes; ++node) {
    int64_t &largest = inSlices[node] ? each : once;
    largest = std::max(largest, fixedEnergy(node));
  }
  hoisted.restart(once);
  inEachSlice.restart(each);
  for (NodeId node = numLeaves; node < numNodes; ++node)
    sumOf(node).add(fixedEnergy(node));
}

/// log2 of the cost of all steps in all slices.
double AnnealState::totalEnergy() {
  if (!sums) {
    int64_t largest = std::numeric_limits<int64_t>::min();
    for (NodeId node = numLeaves; node < numNodes; ++node)
      largest = std::max(largest, fixedEnergy(node) + (inSlices[node] ? slicedWeight : 0));
    return toLog2(largest);
  }
  if (!hoisted.isReliable() || !inEachSlice.isReliable())
    sumEnergies();
  return log2Add(hoisted.log2(), inEachSlice.log2() + toLog2(slicedWeight));
}

Score AnnealState::score() const {
  ScoreSum once(model), perSlice(model);
  for (NodeId node = numLeaves; node < numNodes; ++node) {
    auto [lhs, rhs] = children[node - numLeaves];
    (inSlices[node] ? perSlice : once)
        .add({toLog2(sizes[lhs]), toLog2(sizes[rhs]), toLog2(sizes[node]),
              toLog2(ops[node - numLeaves])});
  }
  double slices = toLog2(slicedWeight);
  Score hoisted = once.score(), sliced = perSlice.score();
  double cost = sums ? log2Add(hoisted.cost, sliced.cost + slices)
                     : std::max(hoisted.cost, sliced.cost + slices);
  return {cost, log2Add(hoisted.ops, sliced.ops + slices)};
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

[[gnu::always_inline]] inline void AnnealState::measureAllInline() {
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
  const double log2Slices = toLog2(slicedWeight);
  auto repeats = [&](uint8_t sliced) { return sliced ? log2Slices : 0.0; };
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
    double newOuter = model.step(
        {toLog2(now.inner), toLog2(sizes[a]), toLog2(sizes[parent]), toLog2(now.outerOps)});
    // The outer step stays in slices, or stays hoisted; the inner one may change.
    uint8_t innerInSlices = inSlices[b] | inSlices[c];
    double ofOuter = repeats(inSlices[parent]), before = innerEnergy + repeats(inSlices[inner]),
           after = newInner + repeats(innerInSlices);
    double rise =
        sums ? add(after, newOuter + ofOuter) - add(before, outerEnergy + ofOuter)
             : std::max(after, newOuter + ofOuter) - std::max(before, outerEnergy + ofOuter);
    if (rise > 0 &&
        (rise > 32 * temperature || toUnit(random.bits()) > std::exp(-rise / temperature)))
      continue;
    Word *legsX = legsOf(inner);
    const Word *legsA = legsOf(a), *legsB = legsOf(b), *legsC = legsOf(c), *legsP = legsOf(parent);
    for (size_t w = 0; w < numWords; ++w)
      legsX[w] = (legsB[w] | legsC[w]) & (legsA[w] | legsP[w]);
    sizes[inner] = now.inner;
    ops[inner - numLeaves] = now.innerOps;
    ops[parent - numLeaves] = now.outerOps;
    inSlices[inner] = innerInSlices;
    innerEnergy = newInner;
    outerEnergy = newOuter;
    childrenOf(inner) = {b, c};
    outer = {inner, a};
    parents[c] = inner;
    parents[a] = parent;
  }
}

void AnnealState::sweepAnywhere(double temperature, Random &random) {
  uniform ? sweepWith<true>(temperature, random) : sweepWith<false>(temperature, random);
}
void AnnealState::measureAllAnywhere() { measureAllInline(); }

// Without these, a popcount is a dozen instructions: the library is built for any processor.
#if defined(__x86_64__)
#define WITH_POPCNT __attribute__((target("popcnt")))
#define WITH_VPOPCNT __attribute__((target("popcnt,avx512f,avx512vl,avx512bw,avx512vpopcntdq")))

WITH_POPCNT void AnnealState::sweepCounting(double temperature, Random &random) {
  uniform ? sweepWith<true>(temperature, random) : sweepWith<false>(temperature, random);
}
WITH_POPCNT void AnnealState::measureAllCounting() { measureAllInline(); }

WITH_VPOPCNT void AnnealState::sweepWide(double temperature, Random &random) {
  uniform ? sweepWith<true>(temperature, random) : sweepWith<false>(temperature, random);
}
WITH_VPOPCNT void AnnealState::measureAllWide() { measureAllInline(); }

AnnealState::Kernels AnnealState::chooseKernels() {
  if (__builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw"))
    return {&AnnealState::sweepWide, &AnnealState::measureAllWide};
  if (__builtin_cpu_supports("popcnt"))
    return {&AnnealState::sweepCounting, &AnnealState::measureAllCounting};
  return {&AnnealState::sweepAnywhere, &AnnealState::measureAllAnywhere};
}
#else
AnnealState::Kernels AnnealState::chooseKernels() {
  return {&AnnealState::sweepAnywhere, &AnnealState::measureAllAnywhere};
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
                                       const CostModel &model, std::span<const double> log2Extents,
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
                                        const CostModel &model, std::span<const double> log2Extents,
                                        const AnnealOptions &options, const Budget &budget,
                                        const OuterSlices &outer) {
  if (start.tree.numSteps() < 2)
    return start;
  AnnealState state(network, start.tree, model, log2Extents);
  state.setOuter(outer);
  for (IndexId index : start.sliced)
    if (state.canSlice(index))
      state.setSliced(index, true);
  Random random(deriveSeed(options.seed, 0x736c69636573));
  std::vector<Step> best = state.steps();
  std::vector<IndexId> bestSliced = state.slicedIndices();
  Score bestScore = state.score();
  // A proposal to change slices takes about as long as 32 rotations.
  constexpr uint64_t stepsPerProposal = 64, sweepsPerCount = 8;
  uint64_t proposals = 1 + start.tree.numSteps() / stepsPerProposal;
  for (uint64_t sweep = 0; sweep < options.sweeps && !budget.expired(); ++sweep) {
    double temperature = coolTo(options, sweep);
    state.sweep(temperature, random);
    state.varySlices(temperature, proposals, random);
    if (sweep % sweepsPerCount != 0 && sweep + 1 != options.sweeps)
      continue;
    if (Score now = state.score(); now.betterThan(bestScore)) {
      bestScore = now;
      best = state.steps();
      bestSliced = state.slicedIndices();
    }
  }
  std::sort(bestSliced.begin(), bestSliced.end());
  return {treeFromChildren(start.tree.numLeaves(), best), std::move(bestSliced)};
}
