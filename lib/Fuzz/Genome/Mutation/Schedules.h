//===- Schedules.h - The policies of Schedule.h -----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "CaseCorpus.h"
#include "PassLists.h"
#include "tenon/Fuzz/Schedule.h"

#include <optional>

namespace tenon::fuzz {

/// Every case new.
class GenerateSchedule : public Schedule {
public:
  explicit GenerateSchedule(bool guards) : guards(guards) {}
  Genome next(Random &random) override { return generate(random, guards); }
  void report(uint32_t) override {}
  void add(const Genome &) override {}
  size_t corpusSize() const override { return 0; }

private:
  bool guards;
};

/// Algorithm 1 of Liu et al., "Coverage-guided tensor compiler fuzzing with joint IR-pass
/// mutation", OOPSLA 2022: the program of a pair of program and passes is mutated; after four
/// failures in a row the passes are drawn anew, and those that add no coverage are left out.
///
/// Tzer reads coverage after each pass of one run. Here a list grows by one pass a case, which says
/// the same.
class TzerSchedule : public Schedule {
public:
  static constexpr unsigned kFailures = 4;

  explicit TzerSchedule(bool guards) : guards(guards) {}
  Genome next(Random &random) override;
  void report(uint32_t newFeatures) override;
  void add(const Genome &genome) override { corpus.add(genome); }
  size_t corpusSize() const override { return corpus.size(); }

private:
  /// The list that is tried: those that are kept, and the ones to come, the next one first.
  struct Trial {
    std::vector<PassStep> kept, left;
  };
  Genome mutateProgram(const Genome &parent, Random &random) const;

  bool guards;
  CaseCorpus corpus;
  Genome last;
  std::optional<Genome> current; ///< whose program is mutated
  unsigned failures = 0;
  std::optional<Trial> trial;
};

/// Thompson sampling over what there is to do, with forgetting: each mutator, crossover and a new
/// program are arms, and several mutations may follow each other. Parents: CaseCorpus::draw.
///
/// Arms: Raj & Kalyani, "Taming non-stationary bandits: a Bayesian approach", 2017, with a normal
/// in place of the beta distribution, so that every platform draws the same.
class BanditSchedule : public Schedule {
public:
  explicit BanditSchedule(bool guards, size_t capacity = 4096);
  Genome next(Random &random) override;
  void report(uint32_t newFeatures) override;
  void add(const Genome &genome) override { corpus.add(genome); }
  size_t corpusSize() const override { return corpus.size(); }

  /// How often an arm was drawn, by its number: that of a mutator, crossover, a new program.
  const std::vector<uint64_t> &drawn() const { return counts; }

private:
  struct Arm {
    double successes = 0, failures = 0;
  };
  size_t drawArm(Random &random);
  Genome make(Random &random);

  bool guards;
  CaseCorpus corpus;
  std::vector<Arm> arms;
  std::vector<uint64_t> counts;
  Genome last;
  std::vector<size_t> used; ///< arms of the last case
  std::vector<uint64_t> parents;
};

} // namespace tenon::fuzz
