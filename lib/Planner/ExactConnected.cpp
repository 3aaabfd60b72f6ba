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
        words(groups.words()), entryOf(size_t{1} << n, 0) {}

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
    TreeBuilder builder(n, model);
    build(builder, full);
    return builder.finish();
  }

private:
  bool isKnown(uint32_t set) const { return entryOf[set] != 0; }
  Entry &entry(uint32_t set) { return entries[entryOf[set] - 1]; }
  const uint64_t *row(uint32_t set) const { return &rows[(entryOf[set] - 1) * words]; }
  uint32_t around(uint32_t set) const { return arounds[entryOf[set] - 1]; }

  Entry &addEntry(uint32_t set, uint32_t around) {
    entries.emplace_back();
    arounds.push_back(around & ~set);
    entryOf[set] = static_cast<uint32_t>(entries.size());
    rows.resize(rows.size() + words);
    entries.back().size = groups.keepIndices(set, &rows[rows.size() - words]);
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
      grow(seed, excluded | (rim & (seed | (seed - 1))), [&](uint32_t partner) { join(set, partner); });
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
    StepSizes sizes{lhs.size, rhs.size, best.size, groups.weightOfUnion(row(a), row(b))};
    if (pricing.improve(best, lhs, rhs, sizes) || best.lhs == 0) {
      best.lhs = a;
      best.rhs = b;
    }
  }

  NodeId build(TreeBuilder &builder, uint32_t set) {
    if (std::has_single_bit(set))
      return static_cast<NodeId>(std::countr_zero(set));
    const Entry made = entry(set);
    NodeId lhs = build(builder, made.lhs), rhs = build(builder, made.rhs);
    return builder.join(lhs, rhs,
                        {entry(made.lhs).size, entry(made.rhs).size, made.size,
                         groups.weightOfUnion(row(made.lhs), row(made.rhs))});
  }

  Groups groups;
  Pricing pricing;
  const CostModel &model;
  size_t n, words;
  /// By set: 1 + the number of its entry, or 0.
  std::vector<uint32_t> entryOf;
  std::vector<Entry> entries;
  std::vector<uint32_t> arounds;
  std::vector<uint64_t> rows;
};

} // namespace

std::optional<ExactTree> tenon::planner::solveConnected(const ExactProblem &problem,
                                                        const CostModel &model, double costHint) {
  TENON_ASSERT(!problem.leaves.empty() && problem.leaves.size() <= maxConnectedLeaves,
               "too many leaves for connected search");
  return ConnectedSearch(problem, model, costHint).run();
}
