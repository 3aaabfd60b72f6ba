//===- Exact.cpp - Optimal contraction trees of small networks ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/Exact.h"

#include "tenon/Support/Assert.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <string>
#include <unordered_map>

using namespace tenon::planner;

namespace {

using LeafSet = uint64_t;

/// A set takes a few hundred bytes, a pair some nanoseconds: one limit bounds both.
constexpr uint64_t pairsPerSet = 16;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Indices that the same leaves have and that are equally needed outside act as one index: only
/// the product of their extents matters. Sets of groups are rows of `words` machine words.
class Groups {
public:
  explicit Groups(const ExactProblem &problem) {
    std::vector<LeafSet> leavesOf(problem.weights.size(), 0);
    for (size_t leaf = 0; leaf < problem.leaves.size(); ++leaf)
      for (uint32_t index : problem.leaves[leaf])
        leavesOf[index] |= LeafSet{1} << leaf;
    struct Group {
      LeafSet leaves;
      bool open;
      double weight;
    };
    std::vector<Group> groups;
    for (size_t index = 0; index < leavesOf.size(); ++index)
      // An index of one leaf that nothing else needs is summed beforehand.
      if (leavesOf[index] && (problem.open[index] || std::popcount(leavesOf[index]) > 1))
        groups.push_back({leavesOf[index], problem.open[index], problem.weights[index]});
    // With the weight in the key even the rounding of merged weights is reproducible.
    std::sort(groups.begin(), groups.end(), [](const Group &a, const Group &b) {
      if (a.leaves != b.leaves)
        return a.leaves < b.leaves;
      return a.open != b.open ? a.open < b.open : a.weight < b.weight;
    });
    size_t count = 0;
    for (const Group &group : groups) {
      if (count && groups[count - 1].leaves == group.leaves && groups[count - 1].open == group.open)
        groups[count - 1].weight += group.weight;
      else
        groups[count++] = group;
    }
    groups.resize(count);

    wordCount = std::max<size_t>(1, (count + 63) / 64);
    leafRows.assign(problem.leaves.size() * wordCount, 0);
    openRow.assign(wordCount, 0);
    for (size_t g = 0; g < count; ++g) {
      uint64_t bit = uint64_t{1} << (g % 64);
      if (groups[g].open)
        openRow[g / 64] |= bit;
      for (LeafSet rest = groups[g].leaves; rest; rest &= rest - 1)
        leafRows[static_cast<size_t>(std::countr_zero(rest)) * wordCount + g / 64] |= bit;
    }
    tables.resize((count + 7) / 8);
    for (size_t t = 0; t < tables.size(); ++t)
      for (unsigned value = 1; value < 256; ++value) {
        size_t g = t * 8 + static_cast<size_t>(std::countr_zero(value));
        tables[t][value] = tables[t][value & (value - 1)] + (g < count ? groups[g].weight : 0);
      }
  }

  size_t words() const { return wordCount; }
  const uint64_t *leafRow(size_t leaf) const { return &leafRows[leaf * wordCount]; }
  uint64_t openWord(size_t word) const { return openRow[word]; }

  /// log2 of the product of the extents in the union of two rows.
  double weightOfUnion(const uint64_t *a, const uint64_t *b) const {
    double sum = 0;
    for (size_t t = 0; t < tables.size(); ++t)
      sum += tables[t][((a[t / 8] | b[t / 8]) >> (t % 8 * 8)) & 255];
    return sum;
  }

private:
  size_t wordCount;
  std::vector<uint64_t> leafRows, openRow;
  /// Weight of each value of each byte of a row.
  std::vector<std::array<double, 256>> tables;
};

/// The best way found to make a set. Costs are linear, relative to a reference: what overflows
/// is too dear to be part of an answer, what underflows too cheap to matter.
struct Entry {
  double cost = infinity;
  double ops = infinity;
  /// log2 of the elements of the result.
  double size = 0;
  /// For `solveDense` a set of leaves, for `solveSparse` an entry.
  uint32_t lhs = 0;
  uint32_t rhs = 0;
};

class Pricing {
public:
  Pricing(const CostModel &model, double reference)
      : model(model), sums(model.accumulation() == Accumulation::Sum), reference(reference) {}

  double join(double a, double b) const { return sums ? a + b : std::max(a, b); }
  double relative(double log2Cost) const { return std::exp2(log2Cost - reference); }

  /// Prices joining `a` and `b` with `sizes`; true if that beats `best`, which is then updated
  /// but for its operands.
  bool improve(Entry &best, const Entry &a, const Entry &b, const StepSizes &sizes) const {
    double cost = join(join(a.cost, b.cost), relative(model.step(sizes)));
    if (!(cost <= best.cost))
      return false;
    double ops = a.ops + b.ops + relative(sizes.ops);
    if (cost == best.cost && !(ops < best.ops))
      return false;
    best.cost = cost;
    best.ops = ops;
    return true;
  }

private:
  const CostModel &model;
  bool sums;
  double reference;
};

/// Turns the recorded splits into SSA steps, and scores them.
class TreeBuilder {
public:
  TreeBuilder(size_t numLeaves, const CostModel &model)
      : next(static_cast<NodeId>(numLeaves)), sum(model) {}
  NodeId join(NodeId lhs, NodeId rhs, const StepSizes &sizes) {
    result.steps.push_back({lhs, rhs});
    sum.add(sizes);
    return next++;
  }
  ExactTree finish() {
    result.score = sum.score();
    return std::move(result);
  }

private:
  NodeId next;
  ScoreSum sum;
  ExactTree result;
};

} // namespace

ExactTree tenon::planner::solveDense(const ExactProblem &problem, const CostModel &model,
                                     double costHint) {
  size_t n = problem.leaves.size();
  TENON_ASSERT(n >= 1 && n <= maxDenseLeaves, "too many leaves for dense search");
  Groups groups(problem);
  size_t words = groups.words();
  uint32_t full = (1u << n) - 1;

  // Rows of the indices that occur in a set, then of those that the set's result keeps.
  std::vector<uint64_t> occurring((size_t{full} + 1) * words, 0), kept(occurring.size(), 0);
  for (uint32_t set = 1; set <= full; ++set)
    for (size_t w = 0; w < words; ++w)
      occurring[set * words + w] = occurring[(set & (set - 1)) * words + w] |
                                   groups.leafRow(static_cast<size_t>(std::countr_zero(set)))[w];
  std::vector<Entry> entries(size_t{full} + 1);
  for (uint32_t set = 1; set <= full; ++set) {
    for (size_t w = 0; w < words; ++w)
      kept[set * words + w] =
          occurring[set * words + w] & (occurring[(full ^ set) * words + w] | groups.openWord(w));
    entries[set].size = groups.weightOfUnion(&kept[set * words], &kept[set * words]);
  }

  Pricing pricing(model, costHint);
  for (uint32_t set = 1; set <= full; ++set) {
    Entry &best = entries[set];
    if (std::has_single_bit(set)) {
      best.cost = best.ops = 0;
      continue;
    }
    // Splits with the lowest leaf on the left: each once.
    uint32_t low = set & (~set + 1), others = set ^ low;
    for (uint32_t rhs = others; rhs; rhs = (rhs - 1) & others) {
      uint32_t lhs = set ^ rhs;
      if (pricing.join(entries[lhs].cost, entries[rhs].cost) > best.cost)
        continue;
      StepSizes sizes{entries[lhs].size, entries[rhs].size, best.size,
                      groups.weightOfUnion(&kept[lhs * words], &kept[rhs * words])};
      if (pricing.improve(best, entries[lhs], entries[rhs], sizes) || best.lhs == 0) {
        best.lhs = lhs;
        best.rhs = rhs;
      }
    }
  }

  TreeBuilder builder(n, model);
  auto build = [&](auto &self, uint32_t set) -> NodeId {
    if (std::has_single_bit(set))
      return static_cast<NodeId>(std::countr_zero(set));
    const Entry &entry = entries[set];
    NodeId lhs = self(self, entry.lhs), rhs = self(self, entry.rhs);
    return builder.join(lhs, rhs,
                        {entries[entry.lhs].size, entries[entry.rhs].size, entry.size,
                         groups.weightOfUnion(&kept[entry.lhs * words], &kept[entry.rhs * words])});
  };
  build(build, full);
  return builder.finish();
}

namespace {

/// The sparse engine: sets that are connected and affordable, by their number of leaves.
class SparseSearch {
public:
  SparseSearch(const ExactProblem &problem, const CostModel &model, double upperBound,
               uint64_t maxPairs, uint64_t &pairs)
      : model(model), groups(problem), pricing(model, upperBound), upperBound(upperBound),
        maxPairs(maxPairs), pairs(pairs), n(problem.leaves.size()), words(groups.words()),
        neighbours(n, 0) {
    for (size_t a = 0; a < n; ++a)
      for (size_t b = 0; b < n; ++b)
        for (size_t w = 0; w < words; ++w)
          if (a != b && (groups.leafRow(a)[w] & groups.leafRow(b)[w]))
            neighbours[a] |= LeafSet{1} << b;
  }

  Result<ExactTree> run() {
    LeafSet full = n == 64 ? ~LeafSet{0} : (LeafSet{1} << n) - 1;
    // Every leaf is read by some step, so no tree is cheaper than its largest leaf by much;
    // starting too low only costs rounds that look at little.
    double cap = 0;
    for (size_t leaf = 0; leaf < n; ++leaf)
      cap = std::max(cap, groups.weightOfUnion(groups.leafRow(leaf), groups.leafRow(leaf)));
    constexpr double log2Growth = 2;
    // Rounding must not push the known tree itself above the last cap.
    constexpr double slack = 1e-9;
    while (true) {
      bool last = cap >= upperBound;
      if (!round(std::min(cap, upperBound) + slack))
        return Error{"the exact search passed its limit of " + std::to_string(maxPairs) +
                     " pairs of subsets on a connected part of " + std::to_string(n) +
                     " tensors; use strategy 'auto' or 'random-greedy', or raise the limit"};
      if (auto found = entryOf.find(full); found != entryOf.end())
        return extract(found->second);
      if (last)
        return Error{"the exact search found no tree of a part of " + std::to_string(n) +
                     " tensors within the cost of the greedy one; use strategy 'auto'"};
      cap += log2Growth;
    }
  }

private:
  struct SetInfo {
    LeafSet set;
    /// Leaves outside that share an index with the set.
    LeafSet around;
  };

  const uint64_t *rowOf(uint32_t entry) const { return &kept[entry * words]; }

  /// Puts the indices that the result of `set` keeps into `newRow`; returns log2 of its size.
  double keepIndices(LeafSet set) {
    newRow.assign(words, 0);
    outside.assign(words, 0);
    for (size_t leaf = 0; leaf < n; ++leaf) {
      std::vector<uint64_t> &side = (set >> leaf & 1) ? newRow : outside;
      for (size_t w = 0; w < words; ++w)
        side[w] |= groups.leafRow(leaf)[w];
    }
    // An index is kept if a leaf outside has it, or the output.
    for (size_t w = 0; w < words; ++w)
      newRow[w] &= outside[w] | groups.openWord(w);
    return groups.weightOfUnion(newRow.data(), newRow.data());
  }

  /// Adds a set whose indices are in `newRow`.
  uint32_t addEntry(LeafSet set, LeafSet around, const Entry &entry) {
    auto number = static_cast<uint32_t>(entries.size());
    entries.push_back(entry);
    infos.push_back({set, around & ~set});
    kept.insert(kept.end(), newRow.begin(), newRow.end());
    entryOf.emplace(set, number);
    size_t size = static_cast<size_t>(std::popcount(set));
    bySize[size].push_back(number);
    for (LeafSet rest = set; rest; rest &= rest - 1)
      bySizeAndLeaf[size * n + static_cast<size_t>(std::countr_zero(rest))].push_back(number);
    return number;
  }

  /// Finds every set that costs at most the cap; false if that takes too many pairs.
  bool round(double log2Cap) {
    double cap = pricing.relative(log2Cap);
    entries.clear();
    infos.clear();
    kept.clear();
    entryOf.clear();
    bySize.assign(n + 1, {});
    bySizeAndLeaf.assign((n + 1) * n, {});
    for (size_t leaf = 0; leaf < n; ++leaf) {
      Entry entry{0, 0, keepIndices(LeafSet{1} << leaf), 0, 0};
      addEntry(LeafSet{1} << leaf, neighbours[leaf], entry);
    }
    for (size_t size = 2; size <= n; ++size)
      for (size_t small = 1; small <= size / 2; ++small)
        for (uint32_t a : bySize[small])
          if (!joinWithAll(a, size - small, cap))
            return false;
    return true;
  }

  bool joinWithAll(uint32_t a, size_t size, double cap) {
    LeafSet set = infos[a].set, around = infos[a].around;
    for (LeafSet rest = around; rest; rest &= rest - 1) {
      auto leaf = static_cast<size_t>(std::countr_zero(rest));
      const std::vector<uint32_t> &others = bySizeAndLeaf[size * n + leaf];
      pairs += others.size();
      if (pairs > maxPairs || entries.size() > maxPairs / pairsPerSet)
        return false;
      for (uint32_t b : others) {
        LeafSet other = infos[b].set;
        // Each neighbour once: through its lowest leaf around `a`.
        if ((other & set) || (other & around & ((LeafSet{1} << leaf) - 1)))
          continue;
        if (static_cast<size_t>(std::popcount(set)) == size && b < a)
          continue;
        join(a, b, cap);
      }
    }
    return true;
  }

  void join(uint32_t a, uint32_t b, double cap) {
    if (pricing.join(entries[a].cost, entries[b].cost) > cap)
      return;
    LeafSet set = infos[a].set | infos[b].set;
    auto found = entryOf.find(set);
    StepSizes sizes{entries[a].size, entries[b].size, 0, groups.weightOfUnion(rowOf(a), rowOf(b))};
    if (found != entryOf.end()) {
      Entry &entry = entries[found->second];
      sizes.result = entry.size;
      if (pricing.improve(entry, entries[a], entries[b], sizes)) {
        entry.lhs = a;
        entry.rhs = b;
      }
      return;
    }
    // Costs grow with the result: without it, the step is priced from below.
    if (pricing.relative(model.step(sizes)) > cap)
      return;
    Entry entry;
    entry.size = sizes.result = keepIndices(set);
    entry.lhs = a;
    entry.rhs = b;
    pricing.improve(entry, entries[a], entries[b], sizes);
    if (entry.cost <= cap)
      addEntry(set, infos[a].around | infos[b].around, entry);
  }

  ExactTree extract(uint32_t root) {
    TreeBuilder builder(n, model);
    auto build = [&](auto &self, uint32_t number) -> NodeId {
      const Entry &entry = entries[number];
      if (std::has_single_bit(infos[number].set))
        return static_cast<NodeId>(std::countr_zero(infos[number].set));
      NodeId lhs = self(self, entry.lhs), rhs = self(self, entry.rhs);
      return builder.join(lhs, rhs,
                          {entries[entry.lhs].size, entries[entry.rhs].size, entry.size,
                           groups.weightOfUnion(rowOf(entry.lhs), rowOf(entry.rhs))});
    };
    build(build, root);
    return builder.finish();
  }

  const CostModel &model;
  Groups groups;
  Pricing pricing;
  double upperBound;
  uint64_t maxPairs;
  uint64_t &pairs;
  size_t n;
  size_t words;
  std::vector<LeafSet> neighbours;

  std::vector<Entry> entries;
  std::vector<SetInfo> infos;
  std::vector<uint64_t> kept;
  /// Only looked up, never iterated over.
  std::unordered_map<LeafSet, uint32_t> entryOf;
  std::vector<std::vector<uint32_t>> bySize;
  std::vector<std::vector<uint32_t>> bySizeAndLeaf;
  /// Scratch of keepIndices.
  std::vector<uint64_t> newRow, outside;
};

} // namespace

Result<ExactTree> tenon::planner::solveSparse(const ExactProblem &problem, const CostModel &model,
                                              double upperBound, uint64_t maxPairs,
                                              uint64_t &pairs) {
  TENON_ASSERT(!problem.leaves.empty() && problem.leaves.size() <= maxSparseLeaves,
               "too many leaves for exact search");
  return SparseSearch(problem, model, upperBound, maxPairs, pairs).run();
}
