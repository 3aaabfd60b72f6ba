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

/// Sets, sorted: what is looked at of them before they are joined, each by itself. Most are passed
/// by since they have a leaf of the other set; of a long list that is found for 64 at a time.
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

  void add(double key, const Set &set, uint32_t number) {
    keys.push_back(key);
    leaves.push_back(set.leaves);
    numbers.push_back(number);
    widths.push_back({set.weights.size(), set.mostOps});
  }
  void dropDominated(const std::vector<Set> &sets) {
    size_t count = 0;
    for (size_t i = 0; i < numbers.size(); ++i)
      if (!sets[numbers[i]].isDominated) {
        keys[count] = keys[i];
        leaves[count] = leaves[i];
        numbers[count] = numbers[i];
        widths[count] = widths[i];
        ++count;
      }
    keys.resize(count);
    leaves.resize(count);
    numbers.resize(count);
    widths.resize(count);
    finish();
  }
  /// All have been added.
  void finish() {
    blocks.clear();
    if (numbers.size() <= fewCandidates)
      return;
    blocks.resize((numbers.size() + 63) / 64);
    for (size_t i = 0; i < numbers.size(); ++i)
      for (LeafSet rest = leaves[i]; rest; rest &= rest - 1)
        blocks[i / 64][static_cast<size_t>(std::countr_zero(rest))] |= uint64_t{1} << (i % 64);
  }

  size_t countUpTo(double key) const {
    return static_cast<size_t>(std::upper_bound(keys.begin(), keys.end(), key) - keys.begin());
  }

  /// Calls `visit(i)` for the first `count` that have none of the leaves `excluded`, in their
  /// order, until it returns false; returns whether it never did.
  template <typename Visit>
  bool forEachWithout(LeafSet excluded, size_t count, Visit &&visit) const {
    if (blocks.empty()) {
      for (size_t i = 0; i < count; ++i)
        if (!(leaves[i] & excluded) && !visit(i))
          return false;
      return true;
    }
    std::array<uint8_t, 64> rows;
    size_t numRows = 0;
    for (LeafSet rest = excluded; rest; rest &= rest - 1)
      rows[numRows++] = static_cast<uint8_t>(std::countr_zero(rest));
    for (size_t first = 0; first < count; first += 64) {
      const Block &block = blocks[first / 64];
      uint64_t having = 0;
      for (size_t row = 0; row < numRows; ++row)
        having |= block[rows[row]];
      uint64_t without = ~having;
      if (count - first < 64)
        without &= (uint64_t{1} << (count - first)) - 1;
      for (; without; without &= without - 1)
        if (!visit(first + static_cast<size_t>(std::countr_zero(without))))
          return false;
    }
    return true;
  }
  /// What that costs, in pairs that are passed by one at a time.
  uint64_t pairsToPass(size_t count) const {
    return blocks.empty() ? count : (count + 63) / 64 * pairsPerBlock;
  }

private:
  /// For each leaf, which of 64 sets have it.
  using Block = std::array<uint64_t, 64>;

  static constexpr size_t fewCandidates = 16;
  static constexpr uint64_t pairsPerBlock = 8;

  /// Of more than a few.
  std::vector<Block> blocks;
};

/// Candidates that do or do not look up their partners, that have so many leaves, one of which is a
/// certain one, by the size of their results: those of a shelf are at least `leastSize` wide.
struct Shelves {
  static constexpr double bitsOfShelf = 2;

  std::vector<Candidates> shelves;

  void add(double key, const Set &set, uint32_t number) {
    auto shelf = static_cast<size_t>(std::max(set.weights.size(), 0.0) / bitsOfShelf);
    if (shelves.size() <= shelf)
      shelves.resize(shelf + 1);
    shelves[shelf].add(key, set, number);
  }
  static double leastSize(size_t shelf) { return bitsOfShelf * static_cast<double>(shelf); }
};

} // namespace tenon::planner
