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

#include "tenon/Planner/Random.h"

#include <algorithm>
#include <array>
#include <numeric>

using namespace tenon::planner;

namespace {

using Word = uint64_t;

/// Fractional bits of a weight: log2 extents below 2^6, sums below 2^43.
constexpr double kUnit = 0x1p20;

double toLog2(int64_t fixed) { return static_cast<double>(fixed) * (1 / kUnit); }

/// log2(2^a + 2^b) from a table: these energies are compared, not reported.
class LogAdder {
public:
  static const LogAdder &get() {
    static const LogAdder adder;
    return adder;
  }
  double operator()(double a, double b) const {
    double high = std::max(a, b), distance = (high - std::min(a, b)) * kSteps;
    return distance < kSize ? high + table[static_cast<size_t>(distance)] : high;
  }

private:
  LogAdder() {
    for (size_t i = 0; i < table.size(); ++i)
      table[i] = std::log2(1 + std::exp2(-static_cast<double>(i) / kSteps));
  }

  static constexpr double kSteps = 64;
  static constexpr size_t kSize = 32 * 64;
  std::array<double, kSize> table;
};

class AnnealState {
public:
  AnnealState(const Network &network, const ContractionTree &tree, const CostModel &model,
              std::span<const double> log2Extents);

  /// Tries a rotation at every inner node.
  void sweep(double temperature, Random &random) { (this->*sweepOnce)(temperature, random); }
  Score score() const;
  const std::vector<Step> &steps() const { return children; }
  ContractionTree toTree(const std::vector<Step> &inner) const;

private:
  struct Sizes {
    int64_t innerOps = 0, outerOps = 0, inner = 0;
  };

  Word *legsOf(NodeId node) { return legs.data() + size_t{node} * numWords; }
  const Word *legsOf(NodeId node) const { return legs.data() + size_t{node} * numWords; }
  bool isLeaf(NodeId node) const { return node < numLeaves; }
  Step &childrenOf(NodeId node) { return children[node - numLeaves]; }

  using Sweep = void (AnnealState::*)(double, Random &);
  static Sweep chooseSweep();
  void sweepAnywhere(double temperature, Random &random);
  void sweepCounting(double temperature, Random &random);
  void sweepWide(double temperature, Random &random);
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
  std::vector<int64_t> sizes;
  /// Of inner nodes.
  std::vector<Step> children;
  std::vector<int64_t> ops;
  std::vector<double> energies;
  const LogAdder &add = LogAdder::get();
  bool uniform = true;
  const Sweep sweepOnce = chooseSweep();
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
  constexpr size_t bitsPerWord = 64;
  std::vector<size_t> bitOf(network.numIndices(), 0);
  size_t next = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    if (i > 0 && log2Extents[order[i]] != log2Extents[order[i - 1]])
      next = (next + bitsPerWord - 1) / bitsPerWord * bitsPerWord;
    bitOf[order[i]] = next++;
  }
  numWords = (next + bitsPerWord - 1) / bitsPerWord;
  weights.assign(numWords, 0);
  for (IndexId index : order)
    weights[bitOf[index] / bitsPerWord] = std::llround(log2Extents[index] * kUnit);
  uniform = std::all_of(weights.begin(), weights.end(),
                        [&](int64_t weight) { return weight == weights[0]; });

  NodeIndices indices(network, tree);
  legs.assign(size_t{numNodes} * numWords, 0);
  sizes.assign(numNodes, 0);
  for (NodeId node = 0; node < numNodes; ++node)
    for (IndexId index : indices[node])
      if (log2Extents[index] > 0) {
        legsOf(node)[bitOf[index] / bitsPerWord] |= Word{1} << bitOf[index] % bitsPerWord;
        sizes[node] += weights[bitOf[index] / bitsPerWord];
      }
  for (NodeId node = numLeaves; node < numNodes; ++node) {
    auto [lhs, rhs] = childrenOf(node);
    int64_t sum = 0;
    for (size_t w = 0; w < numWords; ++w)
      sum += weights[w] * __builtin_popcountll(legsOf(lhs)[w] | legsOf(rhs)[w]);
    ops.push_back(sum);
    energies.push_back(energy(lhs, rhs, sizes[node], sum));
  }
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
    Word both = legsB[w] | legsC[w], kept = both & (legsA[w] | legsP[w]);
    int64_t weight = Uniform ? 1 : weights[w];
    found.innerOps += weight * __builtin_popcountll(both);
    found.outerOps += weight * __builtin_popcountll(kept | legsA[w]);
    found.inner += weight * __builtin_popcountll(kept);
  }
  if (Uniform && numWords > 0) {
    found.innerOps *= weights[0];
    found.outerOps *= weights[0];
    found.inner *= weights[0];
  }
  return found;
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

#if defined(__x86_64__)
// Without these, a popcount is a dozen instructions: the library is built for any processor.
__attribute__((target("popcnt"))) void AnnealState::sweepCounting(double temperature,
                                                                  Random &random) {
  uniform ? sweepWith<true>(temperature, random) : sweepWith<false>(temperature, random);
}

__attribute__((target("popcnt,avx512f,avx512vl,avx512bw,avx512vpopcntdq"))) void
AnnealState::sweepWide(double temperature, Random &random) {
  uniform ? sweepWith<true>(temperature, random) : sweepWith<false>(temperature, random);
}

AnnealState::Sweep AnnealState::chooseSweep() {
  if (__builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
    return &AnnealState::sweepWide;
  if (__builtin_cpu_supports("popcnt"))
    return &AnnealState::sweepCounting;
  return &AnnealState::sweepAnywhere;
}
#else
AnnealState::Sweep AnnealState::chooseSweep() { return &AnnealState::sweepAnywhere; }
#endif

ContractionTree AnnealState::toTree(const std::vector<Step> &inner) const {
  std::vector<Step> steps;
  std::vector<NodeId> renamed(numNodes);
  std::iota(renamed.begin(), renamed.begin() + numLeaves, NodeId{0});
  std::vector<std::pair<NodeId, bool>> stack = {{numNodes - 1, false}};
  while (!stack.empty()) {
    auto [node, operandsDone] = stack.back();
    stack.pop_back();
    if (isLeaf(node))
      continue;
    auto [lhs, rhs] = inner[node - numLeaves];
    if (operandsDone) {
      renamed[node] = numLeaves + static_cast<NodeId>(steps.size());
      steps.push_back({renamed[lhs], renamed[rhs]});
      continue;
    }
    stack.push_back({node, true});
    stack.push_back({rhs, false});
    stack.push_back({lhs, false});
  }
  return {numLeaves, std::move(steps)};
}

} // namespace

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
  for (uint64_t number = 0; number < options.sweeps; ++number) {
    double part = static_cast<double>(number) / static_cast<double>(std::max<uint64_t>(options.sweeps - 1, 1));
    state.sweep(options.hottest * std::pow(options.coldest / options.hottest, part), random);
    if (number % sweepsPerCount != 0 && number + 1 != options.sweeps)
      continue;
    if (Score score = state.score(); score.betterThan(bestScore)) {
      bestScore = score;
      best = state.steps();
    }
    if (budget.expired())
      break;
  }
  return state.toTree(best);
}
