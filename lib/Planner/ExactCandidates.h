//===- ExactCandidates.h - Sets that others are joined with -----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the planner: lists of sets in which the sparse exact search looks for partners.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ExactSets.h"

namespace tenon::planner {

/// Which leaves a partner has.
class LeafQuery {
public:
  /// None of `leaves`.
  explicit LeafQuery(LeafSet leaves) { appendRows(leaves); }
  /// One of `leaves`, or more.
  void requireOneOf(LeafSet leaves) {
    if (~leaves == 0)
      return;
    ends[numChoices++] = numRows;
    appendRows(leaves);
  }

  bool hasRoom() const { return numChoices < mostChoices; }

  /// Which of 64 sets fit, of which `block` tells for each leaf which have it.
  uint64_t fitting(const std::array<uint64_t, 64> &block) const {
    size_t row = 0;
    auto havingUpTo = [&](size_t end) {
      uint64_t having = 0;
      for (; row < end; ++row)
        having |= block[rows[row]];
      return having;
    };
    uint64_t fit = ~havingUpTo(numChoices ? ends[0] : numRows);
    for (size_t choice = 0; choice < numChoices && fit; ++choice)
      fit &= havingUpTo(choice + 1 < numChoices ? ends[choice + 1] : numRows);
    return fit;
  }

private:
  void appendRows(LeafSet leaves) {
    for (LeafSet rest = leaves; rest; rest &= rest - 1)
      rows[numRows++] = static_cast<uint8_t>(std::countr_zero(rest));
  }

  static constexpr size_t mostChoices = 6;

  /// The leaves excluded, then those of each choice.
  std::array<uint8_t, 64 * (1 + mostChoices)> rows;
  size_t numRows = 0, numChoices = 0;
  /// Where each choice begins.
  std::array<size_t, mostChoices> ends;
};

/// Sets, sorted: what is looked at of them before they are joined, each by itself. Which have the
/// leaves that are asked for is found for 64 at a time.
class Candidates {
public:
  /// What sorts: a share of the least cost, or log2 of the elements.
  std::vector<double> keys;
  std::vector<LeafSet> leaves;
  std::vector<uint32_t> numbers;
  /// Of each set log2 of the elements and of the multiply-adds of a step that uses it.
  struct Width {
    double size;
    double mostOps;
  };
  std::vector<Width> widths;

  /// \pre `key` is no less than those before.
  void add(double key, const Set &set, uint32_t number) {
    size_t place = numbers.size();
    if (place % 64 == 0)
      blocks.emplace_back();
    for (LeafSet rest = set.leaves; rest; rest &= rest - 1)
      blocks.back()[static_cast<size_t>(std::countr_zero(rest))] |= uint64_t{1} << (place % 64);
    keys.push_back(key);
    leaves.push_back(set.leaves);
    numbers.push_back(number);
    widths.push_back({set.weights.size(), set.mostOps});
  }
  void dropDominated(const std::vector<Set> &sets) {
    Candidates kept;
    for (size_t i = 0; i < numbers.size(); ++i)
      if (const Set &set = sets[numbers[i]]; !set.isDominated)
        kept.add(keys[i], set, numbers[i]);
    *this = std::move(kept);
  }

  size_t countUpTo(double key) const {
    return static_cast<size_t>(std::upper_bound(keys.begin(), keys.end(), key) - keys.begin());
  }

  /// Those of the first `count` that fit `query`, in their order.
  class Fitting {
  public:
    Fitting(const Candidates &candidates, const LeafQuery &query, size_t count)
        : block(candidates.blocks.data()), query(query), count(count) {
      findNext();
    }
    explicit operator bool() const { return fit != 0; }
    size_t operator*() const { return first + static_cast<size_t>(std::countr_zero(fit)); }
    void operator++() {
      fit &= fit - 1;
      if (fit == 0) {
        first += 64;
        findNext();
      }
    }

  private:
    void findNext() {
      for (; first < count; first += 64) {
        fit = query.fitting(*block++);
        if (count - first < 64)
          fit &= (uint64_t{1} << (count - first)) - 1;
        if (fit)
          return;
      }
    }

    const std::array<uint64_t, 64> *block;
    const LeafQuery &query;
    size_t count, first = 0;
    uint64_t fit = 0;
  };
  /// What that costs, in pairs that are looked at.
  static uint64_t pairsToPass(size_t count) { return 1 + (count + 63) / 64 * pairsPerBlock; }

private:
  static constexpr uint64_t pairsPerBlock = 4;

  /// For each leaf, which of 64 sets have it.
  std::vector<std::array<uint64_t, 64>> blocks;
};

/// Candidates that do or do not look up their partners and that have so many leaves, by the size of
/// their results: those of a shelf are at least `leastSize` wide.
struct Shelves {
  static constexpr double bitsOfShelf = 2;

  std::vector<Candidates> shelves;

  void add(double key, const Set &set, uint32_t number) {
    auto shelf = static_cast<size_t>(std::max(set.weights.size(), 0.0) / bitsOfShelf);
    if (shelves.size() <= shelf)
      shelves.resize(shelf + 1);
    shelves[shelf].add(key, set, number);
  }
  void dropDominated(const std::vector<Set> &sets) {
    for (Candidates &shelf : shelves)
      shelf.dropDominated(sets);
  }
  static double leastSize(size_t shelf) { return bitsOfShelf * static_cast<double>(shelf); }
};

} // namespace tenon::planner
