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

bool SparseSearch::isWasteful(const Set &product, uint32_t other, const SetWeights &made) const {
  if (!product.isOuter || !pricing.isSum())
    return false;
  const Set &joined = sets[other];
  // Equal ones stay: rounding must not make each look better than the other.
  constexpr double clearly = 1 - 1e-9;
  const SetWeights &a = sets[product.lhs].weights, &b = sets[product.rhs].weights;
  double present = pricing.step(sizesOfStep(a, b, product.weights)) +
                   pricing.step(sizesOfStep(product.weights, joined.weights, made));
  auto isBetter = [&](uint32_t first, uint32_t second) {
    const Set &factor = sets[first];
    // Mostly the first step alone is too dear, which is seen without the set that it makes.
    double ops = factor.weights.size() + joined.weights.size() - kept.sharedBy(first, other);
    if (vertexOf(ops) >= present * clearly)
      return false;
    SetWeights between = groups.weightsOf(factor.leaves | joined.leaves);
    return pricing.step(sizesOfStep(factor.weights, joined.weights, between)) +
               pricing.step(sizesOfStep(between, sets[second].weights, made)) <
           present * clearly;
  };
  return isBetter(product.lhs, product.rhs) || isBetter(product.rhs, product.lhs);
}
