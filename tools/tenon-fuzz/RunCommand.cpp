//===- RunCommand.cpp - tenon-fuzz run ------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CampaignProgress.h"
#include "Commands.h"
#include "RunOptions.h"

#include "tenon/Tools/Interruption.h"

#include "llvm/Support/Base64.h"
#include "llvm/Support/raw_ostream.h"

using namespace tenon;
using namespace tenon::fuzz;

static constexpr llvm::StringLiteral kOverview =
    "Runs a campaign in a directory: makes cases, runs them past the oracles, and keeps what is\n"
    "new and what is wrong.\n\n"
    "Ends after --runs cases or --time seconds, or with Ctrl-C; the directory can be gone on with\n"
    "by --resume. docs/how-to-fuzz.md says what is in it.\n\n"
    "Exit status: 0; 1 where this run had findings; 2 after an error.\n";

/// The last place for findings that the disk has no room for.
static void printUnwritten(const CampaignResult &result) {
  for (const UnwrittenFinding &finding : result.unwritten)
    llvm::outs() << "finding that could not be written:\n"
                 << printReportedFinding(finding.record) << "its case, in base64:\n"
                 << llvm::encodeBase64(finding.bytes) << "\n";
}

int tenon::fuzz::runMain(int argc, char **argv) {
  RunOptions options;
  if (!readCommandLine(argc, argv, kOverview))
    return kError;
  llvm::Expected<CampaignRequest> request = options.request();
  if (!request)
    return fail(request.takeError());
  installInterruption("tenon-fuzz");
  CampaignProgress progress(options.isQuiet());
  CampaignObserver observer;
  observer.onStatus = [&](const CampaignStatus &status) { progress.show(status); };
  observer.onMessage = [&](const std::string &line) { progress.say(line); };
  std::atomic<bool> stop = false;
  llvm::Expected<CampaignResult> result = [&] {
    SearchInterruption interruption(stop);
    return runCampaign(*request, observer, stop);
  }();
  progress.clear();
  if (!result)
    return fail(result.takeError());
  printSummary(*request, *result, llvm::outs());
  printUnwritten(*result);
  return result->newFindings ? kHasFindings : kNoFindings;
}
