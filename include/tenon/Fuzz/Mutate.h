//===- Mutate.h - Changes genomes ---------------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Genome.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::fuzz {

/// A stream of random numbers that is the same on every platform.
class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}
  uint64_t next();
  /// Uniform in [0, n); n > 0.
  uint64_t below(uint64_t n);
  bool oneIn(uint64_t n) { return below(n) == 0; }

private:
  uint64_t state;
};

/// Every order with the same probability.
template <typename T> void shuffle(std::vector<T> &list, Random &random) {
  for (size_t i = list.size(); i > 1; --i)
    std::swap(list[i - 1], list[random.below(i)]);
}

/// A new program: drawn from the grammar, of a random size; valid. `guards` keeps passes of known upstream defects out.
Genome generate(Random &random, bool guards = true);

/// What a mutator changes, for schedules and statistics.
enum class MutatorClass : uint8_t { Graph, Extents, Types, Layouts, Decomposition, Slicing, Constants, Data, Pipeline };

struct Mutator {
  std::string_view name; ///< stable: statistics and journals have it
  MutatorClass kind;
  /// Changes a valid genome; what it leaves need not be valid. False: it found nothing to change.
  bool (*apply)(Genome &genome, Random &random);
};

std::span<const Mutator> mutators();

/// Nodes of `b` after those of `a`, or its passes, or a part of either: one-point and by subgraph. Not yet repaired.
Genome crossOver(const Genome &a, const Genome &b, Random &random);

} // namespace tenon::fuzz
