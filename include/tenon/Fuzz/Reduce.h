//===- Reduce.h - Makes genomes smaller that show a fault ---------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Reduction on the genome: passes, nodes, results, operands, dimensions and options are left out,
// extents become small, types and flags plain. Every candidate is repaired, so that it is a valid
// program, and is tried only if it is simpler than what is there (complexityOf). Knows no MLIR.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Genome.h"

#include <array>
#include <cstdint>
#include <functional>

namespace tenon::fuzz {

/// Whether a valid genome still shows what is looked for. Called once for a genome at most.
using Interesting = std::function<bool(const Genome &)>;

struct ReductionOptions {
  /// Calls of the predicate. A usual case takes some hundred.
  uint64_t executions = 4000;
  GenomeLimits limits;
};

struct Reduction {
  Genome genome;
  uint64_t executions = 0;
  /// No single step makes it smaller. False: the limit of executions ended the search.
  bool isMinimal = false;
  /// False: the predicate does not hold of the genome that was given, which is returned.
  bool isReproduced = false;
};

/// Removes by halves what can be removed by halves (Zeller, Hildebrandt, IEEE TSE 28, 2002), and
/// tries every other step for itself, again and again until nothing changes. Deterministic.
Reduction reduceGenome(const Genome &genome, const Interesting &isInteresting,
                       const ReductionOptions &options = {});

/// How complicated a genome is, the most important thing first: passes, nodes, results, operands,
/// dimensions, kinds of nodes, types and flags, options, extents, data. Smaller in the
/// lexicographic order: simpler. Every step of a reduction makes it smaller, so that reductions
/// end.
using Complexity = std::array<uint64_t, 10>;
Complexity complexityOf(const Genome &genome);

} // namespace tenon::fuzz
