//===- ExactSparse.cpp - Optimal trees below a rising cap ----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ExactParts.h"

#include "tenon/Support/Assert.h"

#include <string>
#include <unordered_map>

using namespace tenon::planner;

namespace {

/// A set takes a few hundred bytes, a pair some nanoseconds: one limit bounds both.
constexpr uint64_t pairsPerSet = 16;

/// The sparse engine: sets that are connected and affordable, by their number of leaves.
class SparseSearch {
public:
  SparseSearch(const ExactProblem &problem, const CostModel &model, double upperBound,
               uint64_t maxPairs, uint64_t &pairs)
      : model(model), groups(problem), pricing(model, upperBound), upperBound(upperBound),
        maxPairs(maxPairs), pairs(pairs), n(problem.leaves.size()), words(groups.words()),
        newRow(words) {}

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
      Entry entry{0, 0, groups.keepIndices(LeafSet{1} << leaf, newRow.data()), 0, 0};
      addEntry(LeafSet{1} << leaf, groups.neighbours(leaf), entry);
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
    // Without its result, the step is priced from below.
    if (pricing.relative(model.atLeast(sizes)) > cap)
      return;
    Entry entry;
    entry.size = sizes.result = groups.keepIndices(set, newRow.data());
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

  std::vector<Entry> entries;
  std::vector<SetInfo> infos;
  std::vector<uint64_t> kept;
  /// Only looked up, never iterated over.
  std::unordered_map<LeafSet, uint32_t> entryOf;
  std::vector<std::vector<uint32_t>> bySize;
  std::vector<std::vector<uint32_t>> bySizeAndLeaf;
  /// Indices of the set that is looked at.
  std::vector<uint64_t> newRow;
};

} // namespace

Result<ExactTree> tenon::planner::solveSparse(const ExactProblem &problem, const CostModel &model,
                                              double upperBound, uint64_t maxPairs,
                                              uint64_t &pairs) {
  TENON_ASSERT(!problem.leaves.empty() && problem.leaves.size() <= maxSparseLeaves,
               "too many leaves for exact search");
  return SparseSearch(problem, model, upperBound, maxPairs, pairs).run();
}
