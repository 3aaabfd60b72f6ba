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
#include <array>
#include <bit>
#include <limits>

namespace tenon::planner {

using LeafSet = uint64_t;

inline constexpr double infinity = std::numeric_limits<double>::infinity();

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
    neighbourSets.assign(problem.leaves.size(), 0);
    for (size_t g = 0; g < count; ++g) {
      uint64_t bit = uint64_t{1} << (g % 64);
      if (groups[g].open)
        openRow[g / 64] |= bit;
      for (LeafSet rest = groups[g].leaves; rest; rest &= rest - 1) {
        auto leaf = static_cast<size_t>(std::countr_zero(rest));
        leafRows[leaf * wordCount + g / 64] |= bit;
        neighbourSets[leaf] |= groups[g].leaves & ~(LeafSet{1} << leaf);
      }
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
  /// The other leaves that share an index with `leaf`.
  LeafSet neighbours(size_t leaf) const { return neighbourSets[leaf]; }

  /// Puts the indices that the result of `set` keeps into `row`; returns log2 of its elements.
  double keepIndices(LeafSet set, uint64_t *row) const {
    for (size_t w = 0; w < wordCount; ++w) {
      uint64_t inside = 0, outside = openRow[w];
      for (size_t leaf = 0; leaf < neighbourSets.size(); ++leaf)
        ((set >> leaf & 1) ? inside : outside) |= leafRow(leaf)[w];
      // An index is kept if a leaf outside has it, or something above.
      row[w] = inside & outside;
    }
    return weightOfUnion(row, row);
  }

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
  std::vector<LeafSet> neighbourSets;
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
  /// For `solveSparse` an entry, for the others a set of leaves.
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

} // namespace tenon::planner
