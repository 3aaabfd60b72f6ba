//===- CampaignProgress.cpp - What a campaign tells its user --------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CampaignProgress.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace tenon;
using namespace tenon::fuzz;

CampaignProgress::CampaignProgress(bool isQuiet)
    : line(isQuiet ? Progress::Never : Progress::Always) {}

static std::string printFeatures(const CampaignStatus &status) {
  std::string text;
  for (unsigned kind = 0; kind < kNumFeedbacks; ++kind)
    if (uint64_t total = status.featureTotals[kind]; total || status.features[kind])
      text += llvm::formatv(" | {0} {1}{2}", kFeedbackNames[kind], status.features[kind],
                            total ? llvm::formatv(" of {0}", total).str() : std::string());
  return text;
}

/// Of all comparisons, those that could have failed.
static std::string printConclusive(const CampaignTotals &totals) {
  uint64_t all = totals.conclusive + totals.inconclusive;
  return all ? llvm::formatv("{0:f1}% conclusive", 100.0 * double(totals.conclusive) / double(all))
                   .str()
             : "nothing compared";
}

void CampaignProgress::show(const CampaignStatus &status) {
  if (!line.isOn() || (!line.isTerminal() && status.seconds < next))
    return;
  next = status.seconds + 10;
  const CampaignTotals &totals = status.totals;
  line.show(llvm::formatv(
      "{0:f0} s | {1} cases, {2:f0}/s{3} | corpus {4} | findings {5} ({6} distinct) | {7}",
      totals.seconds, totals.executions, status.perSecond, printFeatures(status), status.corpus,
      totals.findings, status.signatures, printConclusive(totals)));
}

void CampaignProgress::say(const std::string &text) {
  line.clear();
  llvm::errs() << "tenon-fuzz: " << text << '\n';
}

void tenon::fuzz::printSummary(const CampaignRequest &request, const CampaignResult &result,
                               llvm::raw_ostream &os) {
  const CampaignStatus &status = result.status;
  const CampaignTotals &totals = status.totals;
  os << llvm::formatv("{0} cases in {1:f1} s ({2:f1} a second in this run), {3} comparisons, {4}, "
                      "{5} passes run, {6} refused\n",
                      totals.executions, totals.seconds,
                      status.seconds > 0 ? double(status.executionsOfRun) / status.seconds : 0,
                      totals.conclusive + totals.inconclusive, printConclusive(totals),
                      totals.passes, totals.refused);
  os << llvm::formatv("corpus {0} cases, {1} bytes{2}\n", status.corpus, status.corpusBytes,
                      printFeatures(status));
  os << llvm::formatv(
      "workers: {0} recycled, {1} crashed, {2} hung, {3} out of memory, {4} killed by others\n",
      totals.recycled, totals.crashes, totals.hangs, totals.exhausted, totals.lost);
  os << "digest " << llvm::utohexstr(totals.digest, /*LowerCase=*/true, /*Width=*/16) << '\n';
  os << llvm::formatv("{0} findings in this run, {1} distinct in '{2}'\n", result.newFindings,
                      result.findings.size(), request.directory);
  for (const StoredFinding &finding : result.findings)
    os << "\n"
       << finding.record.finding.signature << "\n  " << finding.record.finding.detail
       << "\n  tenon-fuzz replay '" << finding.casePath << "'\n";
}
