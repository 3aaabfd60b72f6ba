//===- ExactCentreJoin.cpp - Three branches that make a tree --------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ExactCentre.h"
#include "ExactSparse.h"

using namespace tenon::planner;

SparseSearch::Centre SparseSearch::centreOf(uint32_t a, uint32_t b, uint32_t c, double vertex,
                                            double ops) const {
  Centre found;
  found.branches = {a, b, c};
  const Set &x = sets[a], &y = sets[b], &z = sets[c];
  found.ops = x.ops + y.ops + z.ops + ops;
  if (hasOutput) {
    found.cost = pricing.join(pricing.join(x.cost, y.cost), pricing.join(z.cost, vertex));
    return found;
  }
  for (size_t place = 0; place < 3; ++place) {
    auto costOf = [&](const Set &set, size_t own) {
      return own == place ? set.rooted.cost : set.cost;
    };
    double cost =
        pricing.join(pricing.join(costOf(x, 0), costOf(y, 1)), pricing.join(costOf(z, 2), vertex));
    if (cost < found.cost) {
      found.cost = cost;
      found.rootIn = place;
    }
  }
  return found;
}

bool SparseSearch::joinAtCentre(uint32_t first, const Candidates &seconds, Centre &best,
                                Spender &spender) const {
  const Set &x = sets[first];
  size_t count = seconds.countUpTo(pricing.isSum() ? cap - x.cost - x.use : cap);
  uint64_t looked = Candidates::pairsToPass(count);
  LeafQuery query(x.leaves);
  for (Candidates::Fitting fitting(seconds, query, count); fitting; ++fitting) {
    size_t i = *fitting;
    uint32_t second = seconds.numbers[i];
    looked += pairsPerLook;
    double below = pricing.join(x.cost, seconds.keys[i]);
    double ops = x.weights.size() + seconds.widths[i].size - kept.sharedBy(first, second);
    if (ops > x.mostOfVertex || pricing.join(below, leastVertex(ops)) > cap ||
        ops > sets[second].mostOfVertex)
      continue;
    looked += pairsPerJoin;
    uint32_t last = table.find(full & ~x.leaves & ~seconds.leaves[i]);
    if (last != SetTable::absent && !sets[last].isDominated && ops <= sets[last].mostOfVertex)
      best =
          std::min(best, centreOf(first, second, last, pricing.vertex(ops), pricing.relative(ops)));
  }
  return spender.spend(looked);
}

std::optional<ExactTree> SparseSearch::joinAtCentre() {
  // The first of three has the most leaves, which few sets have, the second a certain one of the
  // rest. By leaf and number of leaves, the cheapest first:
  std::vector<Candidates> having(n * (n + 1));
  std::vector<size_t> numHaving(n, 0);
  std::vector<std::pair<double, uint32_t>> byCost;
  std::vector<uint32_t> firsts;
  for (uint32_t number = 0; number < sets.size(); ++number) {
    const Set &set = sets[number];
    if (set.isDominated)
      continue;
    byCost.emplace_back(set.cost, number);
    auto count = static_cast<size_t>(std::popcount(set.leaves));
    if (3 * count >= n && count + 2 <= n)
      firsts.push_back(number);
  }
  std::sort(byCost.begin(), byCost.end());
  for (auto [cost, number] : byCost) {
    const Set &set = sets[number];
    auto count = static_cast<size_t>(std::popcount(set.leaves));
    for (LeafSet rest = set.leaves; rest; rest &= rest - 1) {
      auto leaf = static_cast<size_t>(std::countr_zero(rest));
      having[leaf * (n + 1) + count].add(cost, set, number);
      ++numHaving[leaf];
    }
  }
  auto rarestOf = [&](LeafSet leaves) {
    auto rarest = static_cast<size_t>(std::countr_zero(leaves));
    for (LeafSet rest = leaves; rest; rest &= rest - 1)
      if (auto leaf = static_cast<size_t>(std::countr_zero(rest));
          numHaving[leaf] < numHaving[rarest])
        rarest = leaf;
    return rarest;
  };

  std::atomic<bool> goesOn = true;
  std::mutex mutex;
  Centre best;
  forChunks(firsts.size(), [&](size_t begin, size_t end) {
    Spender spender(meter);
    Centre found;
    for (size_t i = begin; i < end && goesOn.load(std::memory_order_relaxed); ++i) {
      uint32_t first = firsts[i];
      const Set &x = sets[first];
      LeafSet others = full & ~x.leaves;
      const Candidates *seconds = having.data() + rarestOf(others) * (n + 1);
      auto most = static_cast<size_t>(std::popcount(x.leaves)), left = n - most;
      for (size_t own = left > most ? left - most : 1; own <= std::min(most, left - 1); ++own)
        if (!joinAtCentre(first, seconds[own], found, spender))
          goesOn = false;
    }
    std::lock_guard lock(mutex);
    best = std::min(best, found);
  });
  if (!goesOn || !meter.spend(0) || best.cost > cap)
    return std::nullopt;

  std::vector<Step> steps;
  std::array<NodeId, 3> nodes{};
  for (size_t place = 0; place < 3; ++place)
    nodes[place] = addSteps(steps, best.branches[place], best.rootIn == place);
  join(steps, join(steps, nodes[0], nodes[1]), nodes[2]);
  return rootedAtOutput(std::move(steps), rooted, model);
}

NodeId SparseSearch::addSteps(std::vector<Step> &steps, uint32_t number, bool hasRoot) const {
  const Set &set = sets[number];
  RootPlace place = set.rooted.place;
  NodeId node = number;
  if (number >= n) {
    bool isBelow = hasRoot && place != RootPlace::Here;
    auto [lhs, rhs] =
        isBelow ? std::pair(set.rooted.lhs, set.rooted.rhs) : std::pair(set.lhs, set.rhs);
    NodeId left = addSteps(steps, lhs, isBelow && place == RootPlace::Left);
    NodeId right = addSteps(steps, rhs, isBelow && place == RootPlace::Right);
    node = join(steps, left, right);
  }
  if (hasRoot && place == RootPlace::Here)
    node = join(steps, node, static_cast<NodeId>(rooted.leaves.size()));
  return node;
}
