//===- Schedule.h - Which case is tried next ----------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Genome.h"
#include "tenon/Fuzz/Mutate.h"

#include <memory>
#include <string>
#include <vector>

namespace tenon::fuzz {

/// Chooses parents and mutators, and learns from what came of them. One per worker.
class Schedule {
public:
  virtual ~Schedule() = default;

  /// The next case. Repaired.
  virtual Genome next(Random &random) = 0;
  /// What came of the last one: how many features it was the first to show, and whether it has joined the corpus.
  virtual void report(uint32_t newFeatures) = 0;
  /// A case that another worker found, or that the corpus had at the start.
  virtual void add(const Genome &genome) = 0;
  virtual size_t corpusSize() const = 0;
};

enum class Policy {
  Generate, ///< every case new from the grammar, no feedback: the baseline of evaluations
  Tzer,     ///< the schedule of Tzer (Liu et al., OOPSLA 2022, algorithm 1): IR mutations, after four failures a new pass list
  Bandit    ///< mutators and parents by Thompson sampling over what they yielded lately
};

/// `guards` keeps passes of known upstream defects out of the cases.
std::unique_ptr<Schedule> makeSchedule(Policy policy, bool guards);

} // namespace tenon::fuzz
