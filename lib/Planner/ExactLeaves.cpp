//===- ExactLeaves.cpp - Leaves that are better joined first --------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A leaf x fits a set S that has it not if S ∪ x is no larger than S. Take x out of its place in a
// tree that has the branch S, and join it with S before anything else. As Preprocess.h proves for
// tensors, no other step and no other result grows, and the vertex of x falls away, which costs
// what reading x costs or more. So no best tree has S
//
//  * if S ∪ x can be made for less than S and the reading of x: S is dominated. Nor has it a set
//    whose cheapest way goes through one that is dominated;
//  * where multiply-adds count, at a vertex v with |v| (1 - |Sx| / |S|) > |S ∪ x| - |x|, where
//    |S ∪ x| are the multiply-adds of joining both and |Sx| is the result, whose cost comes to it:
//    v shrinks like S does. Two leaves that S has all indices of, but for those that only they
//    have, are another x, which has to be made; what falls away reads the larger one at least.
//
// Preprocess.h speaks of multiply-adds, of one tensor and a rooted tree. The same holds for writes
// and for both together, for results shrink as steps do: the size of a cut is submodular. Where the
// result of the network lies on an edge that falls away, it moves to the edge that takes its place,
// which is no larger than the vertex that falls away. The two leaves of a pair are taken out one
// after the other.
//
// The vertex of S and x itself is never one of these: it has |S ∪ x|. What S is compared with by
// the first is known when S and x have been joined.
//
//===----------------------------------------------------------------------===//
#include "ExactSparse.h"

using namespace tenon::planner;

/// What has to be gained, as a share of the cap: more than what is lost by rounding.
static constexpr double clearGain = 1e-11;

/// Of sizes (log2): a step that grows so much costs less than `clearGain` more.
static constexpr double roundingOfSizes = 1e-12;

void SparseSearch::findFittingLeaves(Set &set, const std::vector<Tie> &ties) const {
  // What each leaf has of the set's result, and what it alone has of that outside.
  std::array<double, 64> shared{}, summed{};
  for (auto [holders, weight] : ties) {
    for (LeafSet rest = holders; rest; rest &= rest - 1)
      shared[static_cast<size_t>(std::countr_zero(rest))] += weight;
    if (std::has_single_bit(holders))
      summed[static_cast<size_t>(std::countr_zero(holders))] += weight;
  }
  for (LeafSet rest = set.around; rest; rest &= rest - 1) {
    auto leaf = static_cast<size_t>(std::countr_zero(rest));
    double beyond = std::max(leafSizes[leaf] - shared[leaf], 0.0);
    double shrinks = summed[leaf] - beyond;
    if (shrinks < -roundingOfSizes)
      continue;
    set.fitting |= LeafSet{1} << leaf;
    limitVertices(set, set.weights.size() + beyond, shrinks, -pricing.vertex(leafSizes[leaf]));
  }
  findFittingPairs(set, ties);
  // A step beyond the set itself is at least twice as large.
  if (set.mostOfVertex < set.weights.size() + 1)
    set.mostOfVertex = set.weights.size() + slack;
}

void SparseSearch::findFittingPairs(Set &set, const std::vector<Tie> &ties) const {
  for (const Tie &tie : ties) {
    if (std::popcount(tie.holders) != 2)
      continue;
    LeafSet pair = tie.holders;
    auto a = static_cast<size_t>(std::countr_zero(pair));
    auto b = static_cast<size_t>(std::countr_zero(pair & (pair - 1)));
    double ofA = 0, ofB = 0, ofBoth = 0, summed = 0;
    for (auto [holders, weight] : ties) {
      ofA += holders >> a & 1 ? weight : 0;
      ofB += holders >> b & 1 ? weight : 0;
      ofBoth += holders & pair ? weight : 0;
      summed += holders & ~pair ? 0 : weight;
    }
    const SetWeights &joined = pairWeights[a * n + b];
    if (joined.size() > ofBoth + roundingOfSizes)
      continue;
    set.fittingPairs[set.fittingPairs[0] != 0] = pair;
    // Either leaf alone may be joined with the set, too.
    double beyond = std::max({leafSizes[a] - ofA, leafSizes[b] - ofB, 0.0});
    double others = pricing.vertex(joined.occurring) + pricing.edge(joined.size()) -
                    pricing.vertex(std::max(leafSizes[a], leafSizes[b]));
    limitVertices(set, set.weights.size(), summed, others, beyond);
  }
}

void SparseSearch::limitVertices(Set &set, double joined, double shrinks, double others,
                                 double beyond) const {
  if (!limitsVertices || shrinks <= slack)
    return;
  double lost = pricing.vertex(joined) + pricing.edge(set.weights.size() - shrinks) + others;
  double most = std::max(lost + clearGain, 0.0) / (1 - std::exp2(-shrinks));
  most = std::log2(most / pricing.vertex(0));
  set.mostOfVertex = std::min(set.mostOfVertex, std::max(most, joined + beyond) + slack);
}

bool SparseSearch::isDominatedBy(const Set &set, LeafSet added, uint64_t &looked) const {
  looked += pairsPerJoin;
  uint32_t larger = table.find(set.leaves | added);
  if (larger == SetTable::absent)
    return false;
  double saved = 0;
  for (LeafSet rest = added; rest; rest &= rest - 1)
    saved = std::max(saved, sets[static_cast<size_t>(std::countr_zero(rest))].use);
  const Set &with = sets[larger];
  return with.cost < set.cost + saved - clearGain &&
         (hasOutput || with.rooted.cost < set.rooted.cost + saved - clearGain);
}

bool SparseSearch::dropDominated(size_t count) {
  uint64_t looked = 0;
  bool any = false;
  auto mark = [&](Set &set, LeafSet added) {
    if (added && !set.isDominated && isDominatedBy(set, added, looked))
      any = set.isDominated = true;
  };
  for (size_t number = firstOf[count]; number < firstOf[count + 1]; ++number)
    for (LeafSet rest = sets[number].fitting; rest; rest &= rest - 1)
      mark(sets[number], rest & (~rest + 1));
  for (size_t number = firstOf[count - 1]; number < firstOf[count]; ++number)
    for (LeafSet pair : sets[number].fittingPairs)
      mark(sets[number], pair);
  if (!any)
    return meter.spend(looked);
  for (size_t number = std::max(firstOf[count], n); number < sets.size(); ++number) {
    Set &set = sets[number];
    auto hasDominated = [&](uint32_t lhs, uint32_t rhs) {
      return sets[lhs].isDominated || sets[rhs].isDominated;
    };
    if (hasDominated(set.lhs, set.rhs) &&
        (hasOutput || hasDominated(set.rooted.lhs, set.rooted.rhs)))
      set.isDominated = true;
  }
  for (size_t changed : {count - 1, count}) {
    for (std::vector<Shelves> &lists : byShare)
      lists[changed].dropDominated(sets);
    byWidth[changed].dropDominated(sets);
  }
  return meter.spend(looked);
}
