//===- ExactSets.h - Sets of leaves and how to make them ---------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the planner: what the sparse exact search keeps of its sets.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ExactSetTable.h"

#include <array>
#include <mutex>

namespace tenon::planner {

/// A set takes one to three kilobytes with its places in lists, a pair some nanoseconds: one limit bounds both.
inline constexpr uint64_t pairsPerSet = 1000;

/// To see what two sets share takes as long as to pass by so many more pairs.
inline constexpr uint64_t pairsPerLook = 3;

/// To price a join takes as long as to pass by so many pairs.
inline constexpr uint64_t pairsPerJoin = 16;

/// What one thread spends, told to the meter now and then.
class Spender {
public:
  explicit Spender(ExactMeter &meter) : meter(meter) {}
  ~Spender() { meter.spend(pending); }
  Spender(const Spender &) = delete;
  Spender &operator=(const Spender &) = delete;

  bool spend(uint64_t count) {
    pending += count;
    if (pending < atOnce)
      return true;
    bool goesOn = meter.spend(pending);
    pending = 0;
    return goesOn;
  }

private:
  static constexpr uint64_t atOnce = 10'000;
  ExactMeter &meter;
  uint64_t pending = 0;
};

/// Where the root of a tree without indices at its root is, seen from a set of leaves.
enum class RootPlace : uint8_t { Here, Left, Right };

/// The best way to make a set with the root of the whole tree in it, or between it and the rest.
struct RootedWay {
  double cost = infinity;
  uint32_t lhs = 0;
  uint32_t rhs = 0;
  RootPlace place = RootPlace::Here;
};

struct Set : Entry {
  LeafSet leaves = 0;
  /// Leaves outside that share an index with the set.
  LeafSet around = 0;
  /// Of these, the ones that are the only leaf outside to have one of the set's indices.
  LeafSet legs = 0;
  /// Whether each index of the set has one leaf outside.
  bool isPlain = false;
  /// Whether the best way to make it is an outer product.
  bool isOuter = false;
  /// What the step that uses the set costs at least, and those that used the leaves below.
  double use = 0;
  double usesBelow = 0;
  /// What the leaves below are charged for being read; see `readOf`.
  double readsBelow = 0;
  RootedWay rooted;
  /// Of an outer product: what it is joined with has all leaves of `needed`, some of either set of
  /// `choices`, and all of `bundle` or none.
  LeafSet needed = 0;
  std::array<LeafSet, 2> choices{~LeafSet{0}, ~LeafSet{0}};
  LeafSet bundle = 0;
  /// Whether it can pay where three branches meet, or as a factor of another product, only.
  bool isForCentre = false;
  /// Where the set's ties are.
  size_t firstTie = 0, endOfTies = 0;
  /// log2 of the multiply-adds that a step below the centre with this set as an operand may have.
  double mostOps = infinity;
  /// The same of any vertex with this set as a branch: more would be wasteful.
  double mostOfVertex = infinity;
  /// Leaves outside that would not make the set larger, and some pairs of these that share an
  /// index.
  LeafSet fitting = 0;
  std::array<LeafSet, 2> fittingPairs{};
  /// Whether no best tree has it.
  bool isDominated = false;

  bool accepts(LeafSet other) const {
    LeafSet bundled = other & bundle;
    return !(needed & ~other) && (choices[0] & other) && (choices[1] & other) &&
           (bundled == 0 || bundled == bundle);
  }
};

/// The leaves outside that have a group of indices of a set's result, and its elements (log2).
struct Tie {
  LeafSet holders;
  double weight;
};

/// The sets of one number of leaves while they are made, by several threads.
class Layer {
public:
  struct Part {
    std::mutex mutex;
    SetTable table;
    std::vector<Set> sets;
  };
  Part &partOf(LeafSet leaves) { return parts[mixBits(~leaves) % parts.size()]; }

  /// All of them, in the order of their leaves: whichever thread came first.
  std::vector<Set> take() {
    std::vector<Set> all;
    for (Part &part : parts)
      all.insert(all.end(), part.sets.begin(), part.sets.end());
    std::sort(all.begin(), all.end(),
              [](const Set &a, const Set &b) { return a.leaves < b.leaves; });
    return all;
  }

private:
  std::array<Part, 64> parts;
};

/// The groups that each set's result keeps, as rows of bits, and what two sets share of them.
class KeptGroups {
public:
  explicit KeptGroups(const Groups &groups) {
    for (size_t first = 0; first < groups.count(); first += 8) {
      std::array<double, 256> &sums = weightsOfByte.emplace_back();
      for (size_t byte = 0; byte < sums.size(); ++byte)
        for (size_t bit = 0; bit < 8 && first + bit < groups.count(); ++bit)
          sums[byte] += byte >> bit & 1 ? groups.weight(first + bit) : 0;
    }
  }
  void add(const Groups &groups, LeafSet leaves) {
    size_t numBytes = weightsOfByte.size();
    rows.resize(rows.size() + numBytes, 0);
    uint8_t *row = rows.data() + (rows.size() - numBytes);
    groups.forEachKept(leaves, [&](size_t group, LeafSet, double) {
      row[group / 8] |= static_cast<uint8_t>(1u << (group % 8));
    });
  }
  /// log2 of the elements of what the results of both sets have.
  double sharedBy(uint32_t a, uint32_t b) const {
    size_t numBytes = weightsOfByte.size();
    const uint8_t *rowOfA = rows.data() + a * numBytes, *rowOfB = rows.data() + b * numBytes;
    double shared = 0;
    for (size_t byte = 0; byte < numBytes; ++byte)
      shared += weightsOfByte[byte][rowOfA[byte] & rowOfB[byte]];
    return shared;
  }

private:
  std::vector<std::array<double, 256>> weightsOfByte;
  std::vector<uint8_t> rows;
};

} // namespace tenon::planner
