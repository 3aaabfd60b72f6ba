//===- ExactBounds.cpp - Sets of leaves that no cheap tree has ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ExactSparse.h"

using namespace tenon::planner;

LeafSet SparseSearch::connectedFrom(LeafSet start, LeafSet within) const {
  LeafSet found = start;
  for (LeafSet rest = start; rest;) {
    LeafSet added =
        groups.neighbours(static_cast<size_t>(std::countr_zero(rest))) & within & ~found;
    found |= added;
    rest = (rest & (rest - 1)) | added;
  }
  return found;
}

double SparseSearch::readOf(const Set &leaf) const {
  bool isDearest = leaf.leaves == byUse[0].leaf;
  return isDearest && n > 1 ? leaf.use - byUse[1].use / 2 : leaf.use / 2;
}

double SparseSearch::leastOutside(const Set &set) const {
  double sum = 0, largest = 0;
  size_t count = 0;
  bool isSetCounted = false;
  auto add = [&](double use) {
    sum += count % 2 == 0 ? use : 0;
    largest = std::max(largest, use);
    ++count;
  };
  for (const Leaf &leaf : byUse) {
    if (leaf.leaf & set.leaves)
      continue;
    if (!isSetCounted && leaf.use <= set.use) {
      add(set.use);
      isSetCounted = true;
    }
    add(leaf.use);
  }
  if (!isSetCounted)
    add(set.use);
  // The last vertex of a tree without a root reads three.
  return isCentred && count <= 3 ? largest : sum;
}

bool SparseSearch::isTooDear(const Set &set, double cost) const {
  if (set.leaves == full || !pricing.isSum())
    return cost > cap;
  if (isCentred && 2 * cost - pricing.edge(set.weights.size()) > cap)
    return true;
  return cost + leastOutside(set) > cap;
}

bool SparseSearch::isWasteful(const Set &product, const Set &other, const SetWeights &made) const {
  if (!product.isOuter || !pricing.isSum())
    return false;
  const Set &a = sets[product.lhs], &b = sets[product.rhs];
  double present = pricing.step(sizesOfStep(a.weights, b.weights, product.weights)) +
                   pricing.step(sizesOfStep(product.weights, other.weights, made));
  auto without = [&](const Set &first, const Set &second) {
    SetWeights joined = groups.weightsOf(first.leaves | other.leaves);
    return pricing.step(sizesOfStep(first.weights, other.weights, joined)) +
           pricing.step(sizesOfStep(joined, second.weights, made));
  };
  // Equal ones stay: rounding must not make each look better than the other.
  constexpr double clearly = 1 - 1e-9;
  return std::min(without(a, b), without(b, a)) < present * clearly;
}
