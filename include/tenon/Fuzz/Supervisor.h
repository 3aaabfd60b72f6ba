//===- Supervisor.h - Runs a campaign -------------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Starts workers as processes of their own, exchanges what they find, and keeps the campaign's
// directory:
//
//   campaign.json             format, build, options, totals so far
//   lock                      held while a supervisor runs
//   corpus/ab/ab…cd.genome    cases; corpus/index says which features each brought
//   findings/…                a case and a .json of the same stem for each finding
//   journal/worker-N, .log    what worker N is doing, and what it writes to standard error
//   history.csv               a line every few seconds
//
// Every file but the index, the history and the journals is written to a temporary name and
// renamed.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/CampaignOptions.h"
#include "tenon/Fuzz/CaseStream.h"
#include "tenon/Fuzz/FindingFiles.h"

#include "llvm/Support/Error.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tenon::fuzz {

/// Counts of a campaign, all its runs together.
struct CampaignTotals {
  double seconds = 0;
  uint64_t executions = 0, conclusive = 0, inconclusive = 0, refused = 0, passes = 0;
  uint64_t findings = 0; ///< with duplicates
  uint64_t crashes = 0, hangs = 0, exhausted = 0, recycled = 0, lost = 0;
  uint64_t generation = 0; ///< workers started: none has the seed of another
  uint64_t digest =
      0; ///< of the hashes of all cases of the last run in their order, workers after one another
};

/// What there is to say while a campaign runs.
struct CampaignStatus {
  CampaignTotals totals;
  double seconds = 0;           ///< of this run
  uint64_t executionsOfRun = 0; ///< of this run
  double perSecond = 0;         ///< executions, lately
  std::array<uint64_t, kNumFeedbacks> features = {}, featureTotals = {};
  uint64_t corpus = 0, corpusBytes = 0;
  uint64_t signatures = 0; ///< distinct findings
  unsigned workers = 0;
};

/// A finding that the disk had no room for.
struct UnwrittenFinding {
  ReportedFinding record;
  std::string bytes; ///< of the case
};

struct CampaignResult {
  CampaignStatus status;
  uint64_t newFindings = 0;            ///< of this run, with duplicates
  std::vector<StoredFinding> findings; ///< the smallest case of each signature of the campaign
  std::vector<UnwrittenFinding> unwritten;
};

struct CampaignObserver {
  std::function<void(const CampaignStatus &)> onStatus = [](const CampaignStatus &) {
  }; ///< every 0.2 s
  std::function<void(const std::string &)> onMessage = [](const std::string &) {
  }; ///< a line for the user
};

struct CampaignRequest {
  std::string directory;
  CampaignOptions options;
  bool resume = false;
  CaseFormat format;
  /// The program that is a worker, and its first arguments.
  std::vector<std::string> workerCommand = {"/proc/self/exe", "worker"};
  /// Writes a whole file or none; the error of the system. To be replaced by tests of full disks.
  std::function<std::error_code(const std::string &path, const std::string &bytes)> writeFile;
};

/// The options that a campaign's directory was made with. Errors: no campaign, another version.
llvm::Expected<CampaignOptions> readCampaignOptions(llvm::StringRef directory);

/// Runs until the limits of the options are reached or `stop` is set. Errors are those of the user
/// and of the machine: a directory that is no campaign, workers that do not start.
llvm::Expected<CampaignResult> runCampaign(const CampaignRequest &request,
                                           const CampaignObserver &observer,
                                           const std::atomic<bool> &stop);

/// Makes what a worker runs. `onPhase` is to be told what begins; `seed` is the worker's own.
using StreamFactory = std::function<llvm::Expected<std::unique_ptr<CaseStream>>(
    const CampaignOptions &options, uint64_t seed, std::function<void(std::string_view)> onPhase)>;

/// The worker's side: `arguments` are those after workerCommand. Returns the exit status.
int runWorker(llvm::ArrayRef<std::string> arguments, const StreamFactory &makeStream);

} // namespace tenon::fuzz
