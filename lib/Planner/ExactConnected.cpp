//===- ExactConnected.cpp - Optimal trees without outer products ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ExactParts.h"

#include "tenon/Support/Assert.h"

using namespace tenon::planner;

namespace {

/// Joins every pair of disjoint connected sets that share an index, once, in an order in which all
/// ways to make a set come before its first use (Moerkotte and Neumann, VLDB 2006, DPccp): sets by
/// falling lowest leaf, each grown through its neighbourhood only.
class ConnectedSearch {
public:
  ConnectedSearch(const ExactProblem &problem, const CostModel &model, double costHint)
      : groups(problem), pricing(model, costHint), model(model), n(problem.leaves.size()),
        entryOf(size_t{1} << n, 0) {}

  std::optional<ExactTree> run() {
    for (size_t leaf = 0; leaf < n; ++leaf) {
      Entry &made = addEntry(uint32_t{1} << leaf, static_cast<uint32_t>(groups.neighbours(leaf)));
      made.cost = made.ops = 0;
    }
    for (size_t leaf = n; leaf-- > 0;) {
      uint32_t set = uint32_t{1} << leaf;
      joinWithPartners(set);
      grow(set, set | (set - 1), [&](uint32_t grown) { joinWithPartners(grown); });
    }
    uint32_t full = (uint32_t{1} << n) - 1;
    if (!isKnown(full))
      return std::nullopt;
    return treeBelow(
        n, model, full, [&](uint32_t set) -> const Entry & { return entry(set); }, singleLeaf);
  }

private:
  bool isKnown(uint32_t set) const { return entryOf[set] != 0; }
  Entry &entry(uint32_t set) { return entries[entryOf[set] - 1]; }
  uint32_t around(uint32_t set) const { return arounds[entryOf[set] - 1]; }

  Entry &addEntry(uint32_t set, uint32_t around) {
    entries.emplace_back();
    arounds.push_back(around & ~set);
    entryOf[set] = static_cast<uint32_t>(entries.size());
    entries.back().weights = groups.weightsOf(set);
    return entries.back();
  }

  /// Calls `visit` for every connected set that is `set` and leaves of its surroundings that are
  /// not `excluded`, smaller sets first.
  template <typename Visit> void grow(uint32_t set, uint32_t excluded, Visit visit) {
    uint32_t rim = around(set) & ~excluded;
    if (rim == 0)
      return;
    for (uint32_t part = rim & (~rim + 1); part; part = (part - rim) & rim)
      visit(set | part);
    for (uint32_t part = rim & (~rim + 1); part; part = (part - rim) & rim)
      grow(set | part, excluded | rim, visit);
  }

  void joinWithPartners(uint32_t set) {
    uint32_t lowest = set & (~set + 1), excluded = set | (lowest - 1);
    uint32_t rim = around(set) & ~excluded;
    for (uint32_t rest = rim; rest;) {
      uint32_t seed = std::bit_floor(rest);
      rest ^= seed;
      join(set, seed);
      grow(seed, excluded | (rim & (seed | (seed - 1))),
           [&](uint32_t partner) { join(set, partner); });
    }
  }

  void join(uint32_t a, uint32_t b) {
    uint32_t set = a | b;
    if (!isKnown(set))
      addEntry(set, around(a) | around(b));
    Entry &best = entry(set);
    const Entry &lhs = entry(a), &rhs = entry(b);
    if (pricing.join(lhs.cost, rhs.cost) > best.cost)
      return;
    if (pricing.improve(best, lhs, rhs) || best.lhs == 0) {
      best.lhs = a;
      best.rhs = b;
    }
  }

  Groups groups;
  Pricing pricing;
  const CostModel &model;
  size_t n;
  /// By set: 1 + the number of its entry, or 0.
  std::vector<uint32_t> entryOf;
  std::vector<Entry> entries;
  std::vector<uint32_t> arounds;
};

} // namespace

std::optional<ExactTree> tenon::planner::solveConnected(const ExactProblem &problem,
                                                        const CostModel &model, double costHint) {
  TENON_ASSERT(!problem.leaves.empty() && problem.leaves.size() <= maxConnectedLeaves,
               "too many leaves for connected search");
  return ConnectedSearch(problem, model, costHint).run();
}
