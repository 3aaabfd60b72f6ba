//===- CampaignOptions.h - What a campaign is asked to do ---------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Executor.h"
#include "tenon/Fuzz/Schedule.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include <string>
#include <vector>

namespace tenon::fuzz {

struct CampaignOptions {
  uint64_t runs = 0;    ///< cases of this run; 0: no limit
  double seconds = 0;   ///< of this run; 0: no limit
  unsigned workers = 0; ///< 0: as many as there are cores
  uint64_t seed = 1;
  Policy policy = Policy::Bandit;
  Oracles oracles = kAllOracles;
  uint8_t feedback = 0b111; ///< bit k: FeedbackKind k
  /// Sources that bring a case into the corpus without the schedule's hearing of it: for
  /// evaluations, which compare what schedules with different feedback reach.
  uint8_t observe = 0;
  /// The passes of every genome, in place of those that the schedule chose, also for evaluations.
  std::vector<PassStep> passes;
  bool guards = true;
  double nativeShare = 0.04;
  double timeout = 10;          ///< processor seconds of a case; ten times as much on the clock
  uint64_t memory = 2ull << 30; ///< resident bytes of a worker
  std::string text;        ///< folder of .mlir files to start from: the second mode; empty: genomes
  uint64_t recycle = 5000; ///< cases after which a worker is replaced
  uint64_t corpusCases = 50000; ///< bounds of the corpus
  uint64_t corpusBytes = 256ull << 20;
  /// A fault that a worker is to have, for tests of the engine: crash-at:N, overflow-at:N,
  /// hang-at:N, memory-at:N, lost-at:N.
  std::string fault;
};

std::string_view nameOf(Policy policy);

/// Lists with commas, as command lines and campaign.json have them. Errors name the word that is
/// unknown and those that are known.
std::string printOracles(Oracles oracles);
llvm::Expected<Oracles> parseOracles(llvm::StringRef text);
std::string printFeedback(uint8_t feedback);
llvm::Expected<uint8_t> parseFeedback(llvm::StringRef text);
llvm::Expected<Policy> parsePolicy(llvm::StringRef text);
/// Names without options.
std::string printPassNames(const std::vector<PassStep> &passes);
llvm::Expected<std::vector<PassStep>> parsePassNames(llvm::StringRef text);

llvm::json::Object toJson(const CampaignOptions &options);
/// Missing fields keep their values. Errors: a field of another kind, a word that is unknown.
llvm::Error readJson(const llvm::json::Object &object, CampaignOptions &options);

} // namespace tenon::fuzz
