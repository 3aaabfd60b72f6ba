//===- ExactPartners.cpp - What a set of leaves can be joined with --------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ExactSparse.h"

using namespace tenon::planner;

void SparseSearch::findTies(Set &set) {
  set.firstTie = ties.size();
  groups.forEachKept(set.leaves, [&](size_t, LeafSet holders, double weight) {
    ties.push_back({holders & ~set.leaves, weight});
  });
  set.endOfTies = ties.size();
  auto worth = [&](const Tie &tie) {
    size_t found = 1;
    for (LeafSet rest = tie.holders; rest; rest &= rest - 1)
      found += setsWith[static_cast<size_t>(std::countr_zero(rest))];
    return tie.weight / static_cast<double>(found);
  };
  std::stable_sort(ties.begin() + static_cast<ptrdiff_t>(set.firstTie), ties.end(),
                   [&](const Tie &a, const Tie &b) { return worth(a) > worth(b); });
}

bool SparseSearch::requireShare(const Set &set, double size, LeafQuery &query) const {
  constexpr double rounding = 1e-9;
  double needed = set.weights.size() + size - set.mostOps - rounding;
  if (needed <= 0) {
    query.requireOneOf(set.around);
    return set.around != 0;
  }
  // What the partner may lack: of whatever comes to more it has something.
  double spare = set.weights.size() - needed;
  if (spare < 0)
    return false;
  LeafSet holders = 0;
  double weight = 0;
  for (size_t i = set.firstTie; i < set.endOfTies && query.hasRoom(); ++i) {
    holders |= ties[i].holders;
    weight += ties[i].weight;
    if (weight <= spare)
      continue;
    query.requireOneOf(holders);
    holders = 0;
    weight = 0;
  }
  return true;
}

double SparseSearch::mostOpsWith(const Set &set) const {
  double left = pricing.isSum() ? mostBelow - set.cost : mostBelow;
  double low = 0, high = 2048;
  if (vertexOf(high) <= left)
    return infinity;
  for (unsigned step = 0; step < 20; ++step) {
    double middle = (low + high) / 2;
    (vertexOf(middle) <= left ? low : high) = middle;
  }
  return high;
}

double SparseSearch::leastWithin(const OuterProductBound &outer, const Set &a, const Set &b) const {
  double size = a.weights.size() + b.weights.size();
  LeafSet around = a.around | b.around, lowest = around & (~around + 1);
  if (around & ~connectedFrom(lowest, full & ~(a.leaves | b.leaves)))
    return infinity;
  std::optional<double> leaf;
  if (around == lowest)
    leaf = sets[static_cast<size_t>(std::countr_zero(lowest))].weights.size();
  return outer.leastCostWithin(size, std::max(a.weights.size(), b.weights.size()), leaf);
}

bool SparseSearch::findPartners(Set &product, const OuterProductBound &outer) const {
  const Set &lhs = sets[product.lhs], &rhs = sets[product.rhs];
  double below = pricing.join(lhs.cost, rhs.cost), size = product.weights.size();
  if (countsLegs && lhs.legs && rhs.legs)
    product.bundle = product.legs;
  if (countsGraph) {
    // Products of this product may meet what has all of their legs at the centre.
    product.isForCentre = below + leastWithin(outer, lhs, rhs) > mostOfProduct();
    return true;
  }
  std::optional<double> most = outer.mostBeyond(size, mostOfProduct() - below);
  if (!most)
    return false;
  // Legs are summed up in another order than `size` was.
  *most += slack;
  struct Leg {
    double weight;
    size_t leaf;
  };
  for (size_t side = 0; side < 2; ++side) {
    const Set &factor = side ? rhs : lhs;
    // What one leaf outside has, or none. What several have may be found in any of them.
    std::array<double, 64> ofLeaf{};
    double beyond = 0;
    groups.forEachKept(factor.leaves, [&](size_t, LeafSet holders, double weight) {
      LeafSet outside = holders & ~product.leaves;
      if (outside == 0)
        beyond += weight;
      else if (std::has_single_bit(outside))
        ofLeaf[static_cast<size_t>(std::countr_zero(outside))] += weight;
    });
    if (beyond > *most)
      return false;
    std::vector<Leg> legs;
    for (LeafSet rest = factor.around & ~product.leaves; rest; rest &= rest - 1) {
      auto leaf = static_cast<size_t>(std::countr_zero(rest));
      legs.push_back({ofLeaf[leaf], leaf});
      if (beyond + ofLeaf[leaf] > *most)
        product.needed |= LeafSet{1} << leaf;
    }
    // Without all of these too much is left: few leaves, since each is looked up.
    std::sort(legs.begin(), legs.end(), [](const Leg &a, const Leg &b) {
      return a.weight != b.weight ? a.weight > b.weight : a.leaf < b.leaf;
    });
    LeafSet chosen = 0;
    for (const Leg &leg : legs) {
      chosen |= LeafSet{1} << leg.leaf;
      beyond += leg.weight;
      if (beyond > *most) {
        product.choices[side] = chosen;
        break;
      }
    }
  }
  return true;
}
