//===- ExactParts.h - What the exact searches share --------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the planner.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Exact.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace tenon::planner {

using LeafSet = uint64_t;

inline constexpr double infinity = std::numeric_limits<double>::infinity();

/// What the result of a set of leaves has, log2. For disjoint a and b with union s the
/// multiply-adds of joining them are |a ∪ b| = occurring(s) - summed(a) - summed(b), also with
/// hyperedges: what occurs below and is not summed yet is in an operand.
struct SetWeights {
  /// Elements of all indices that a leaf of the set has.
  double occurring = 0;
  /// Of those that are no longer needed outside.
  double summed = 0;

  /// Elements of the result.
  double size() const { return occurring - summed; }
};

/// Indices that the same leaves have and that are equally needed outside act as one index: only
/// the product of their extents matters.
class Groups {
public:
  explicit Groups(const ExactProblem &problem) : neighbourSets(problem.leaves.size(), 0) {
    std::vector<LeafSet> leavesOf(problem.weights.size(), 0);
    for (size_t leaf = 0; leaf < problem.leaves.size(); ++leaf)
      for (uint32_t index : problem.leaves[leaf])
        leavesOf[index] |= LeafSet{1} << leaf;
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
    for (const Group &group : groups)
      for (LeafSet rest = group.leaves; rest; rest &= rest - 1)
        neighbourSets[static_cast<size_t>(std::countr_zero(rest))] |= group.leaves;
    for (size_t leaf = 0; leaf < neighbourSets.size(); ++leaf)
      neighbourSets[leaf] &= ~(LeafSet{1} << leaf);
  }

  /// The other leaves that share an index with `leaf`.
  LeafSet neighbours(size_t leaf) const { return neighbourSets[leaf]; }

  SetWeights weightsOf(LeafSet set) const {
    SetWeights weights;
    for (const Group &group : groups) {
      weights.occurring += group.leaves & set ? group.weight : 0;
      weights.summed += !group.open && !(group.leaves & ~set) ? group.weight : 0;
    }
    return weights;
  }

  size_t count() const { return groups.size(); }
  double weight(size_t group) const { return groups[group].weight; }

  /// Calls `visit(group, leaves that have it, weight)` for each that the result of `set` keeps.
  template <typename Visit> void forEachKept(LeafSet set, Visit &&visit) const {
    for (size_t number = 0; number < groups.size(); ++number) {
      const Group &group = groups[number];
      if ((group.leaves & set) && (group.open || (group.leaves & ~set)))
        visit(number, group.leaves, group.weight);
    }
  }

private:
  struct Group {
    LeafSet leaves;
    bool open;
    double weight;
  };

  std::vector<Group> groups;
  std::vector<LeafSet> neighbourSets;
};

/// A set of leaves and the best way found to make it. Costs are linear, relative to a reference:
/// what overflows is too dear to be part of an answer, what underflows too cheap to matter.
struct Entry {
  double cost = infinity;
  double ops = infinity;
  SetWeights weights;
  /// For `solveSparse` an entry, for the others a set of leaves.
  uint32_t lhs = 0;
  uint32_t rhs = 0;
};

/// The sizes of the step that makes `made` of `a` and `b`.
inline StepSizes sizesOfStep(const SetWeights &a, const SetWeights &b, const SetWeights &made) {
  return {a.size(), b.size(), made.size(), made.occurring - a.summed - b.summed};
}

class Pricing {
public:
  Pricing(const CostModel &model, double reference)
      : model(model), sums(model.accumulation() == Accumulation::Sum), reference(reference) {}

  bool isSum() const { return sums; }
  double join(double a, double b) const { return sums ? a + b : std::max(a, b); }
  double relative(double log2Cost) const { return std::exp2(log2Cost - reference); }
  double step(const StepSizes &sizes) const { return relative(model.step(sizes)); }
  /// Where the model is separable: of a step without its result, and of a result.
  double vertex(double ops) const { return step({0, 0, log2Zero, ops}); }
  double edge(double size) const { return step({0, 0, size, log2Zero}); }
  /// Of any step of which no size is smaller.
  double atLeast(const StepSizes &sizes) const { return relative(model.atLeast(sizes)); }

  /// Prices making `best` of `a` and `b`; true if that beats what it was made of so far, and then
  /// it is updated but for its operands.
  bool improve(Entry &best, const Entry &a, const Entry &b) const {
    StepSizes sizes = sizesOfStep(a.weights, b.weights, best.weights);
    double cost = join(join(a.cost, b.cost), step(sizes));
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

/// The tree below `root`: `entryOf(key)` gives an entry by what `lhs` and `rhs` name, `leafOf(key)`
/// the leaf that the key names, or nothing.
template <typename EntryOf, typename LeafOf>
ExactTree treeBelow(size_t numLeaves, const CostModel &model, uint32_t root, EntryOf &&entryOf,
                    LeafOf &&leafOf) {
  TreeBuilder builder(numLeaves, model);
  auto build = [&](auto &self, uint32_t key) -> NodeId {
    if (std::optional<NodeId> leaf = leafOf(key))
      return *leaf;
    const Entry &made = entryOf(key);
    NodeId lhs = self(self, made.lhs), rhs = self(self, made.rhs);
    return builder.join(
        lhs, rhs, sizesOfStep(entryOf(made.lhs).weights, entryOf(made.rhs).weights, made.weights));
  };
  build(build, root);
  return builder.finish();
}

/// The leaf that a set of one leaf is.
inline std::optional<NodeId> singleLeaf(uint32_t set) {
  if (std::has_single_bit(set))
    return static_cast<NodeId>(std::countr_zero(set));
  return std::nullopt;
}

} // namespace tenon::planner
