//===- CaseStream.h - Cases as a worker makes and runs them -------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A campaign is of genomes or of files of IR. The engine sees either as bytes with a hash: it
// journals them, writes them to files and sends them to other workers, and does not look into them.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Executor.h"
#include "tenon/Fuzz/Schedule.h"

#include <functional>
#include <memory>
#include <string>

namespace tenon::fuzz {

/// A case as files have it.
struct EncodedCase {
  std::string bytes;
  uint64_t hash = 0;
};

/// What the supervisor must know of a kind of cases.
struct CaseFormat {
  std::string extension; ///< of files, with the dot
  /// Whether bytes of a file are a case: fills in its hash, or says what is wrong. Safe on hostile
  /// bytes.
  bool (*check)(std::string_view bytes, uint64_t &hash, std::string &error);
};

CaseFormat genomeFormat();

/// Makes cases and runs them. One for each worker.
class CaseStream {
public:
  virtual ~CaseStream() = default;
  /// Makes the next case, which becomes the current one.
  virtual EncodedCase next() = 0;
  /// Makes the current case from bytes that CaseFormat::check has accepted.
  virtual void take(std::string_view bytes) = 0;
  /// Runs the current case and appends the features that are new to this process.
  virtual Outcome run(Features &fresh) = 0;
  /// What came of the last case of next(): whether it has joined the corpus, and for how many new
  /// features.
  virtual void report(uint32_t newFeatures) = 0;
  /// Adds a case of another worker or of the corpus on disk, accepted by CaseFormat::check.
  virtual void add(std::string_view bytes) = 0;
  virtual void markSeen(const Features &features) = 0;
  virtual std::array<uint64_t, kNumFeedbacks> totals() const = 0;
};

/// Genomes by a schedule.
std::unique_ptr<CaseStream> makeGenomeStream(std::unique_ptr<Schedule> schedule,
                                             std::unique_ptr<Executor> executor, uint64_t seed);

} // namespace tenon::fuzz
