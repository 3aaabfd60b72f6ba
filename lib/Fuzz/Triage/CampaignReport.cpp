//===- CampaignReport.cpp - A campaign on a page --------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/CampaignReport.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"

#include <algorithm>
#include <cmath>
#include <optional>

using namespace tenon::fuzz;

/// Lines of the table of coverage.
static constexpr size_t kHistoryLines = 12;

/// Text within a cell of a table.
static std::string cell(llvm::StringRef text) {
  std::string escaped;
  for (char c : text) {
    if (c == '|' || c == '`')
      escaped += '\\';
    escaped += c == '\n' || c == '\r' ? ' ' : c;
  }
  return escaped;
}

/// A fence that the text cannot close.
static std::string fenceOf(llvm::StringRef text) {
  std::string fence = "```";
  while (text.contains(fence))
    fence += '`';
  return fence;
}

static void printBlock(llvm::StringRef text, llvm::raw_ostream &stream) {
  std::string fence = fenceOf(text);
  stream << fence << '\n' << text.rtrim('\n') << '\n' << fence << "\n\n";
}

/// "3.5 s", "12 min", "2.5 h".
static std::string printTime(double seconds) {
  if (seconds < 120)
    return llvm::formatv("{0:F1} s", seconds);
  if (seconds < 7200)
    return llvm::formatv("{0:F1} min", seconds / 60);
  return llvm::formatv("{0:F1} h", seconds / 3600);
}

static std::string printNumber(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15)
    return llvm::formatv("{0}", static_cast<int64_t>(value));
  return llvm::formatv("{0:F1}", value);
}

/// Nested objects as `outer.inner`.
static void printFields(const llvm::json::Object &object, const std::string &prefix,
                        llvm::raw_ostream &stream) {
  llvm::SmallVector<llvm::StringRef> keys;
  for (const auto &[key, value] : object)
    keys.push_back(key);
  llvm::sort(keys);
  for (llvm::StringRef key : keys) {
    const llvm::json::Value &value = *object.get(key);
    if (const llvm::json::Object *inner = value.getAsObject())
      printFields(*inner, prefix + key.str() + ".", stream);
    else
      stream << "| " << cell(prefix + key.str()) << " | " << cell(llvm::formatv("{0}", value).str())
             << " |\n";
  }
}

static void printHistory(const History &history, llvm::raw_ostream &stream) {
  stream << "## Over time\n\n";
  if (history.lines.empty()) {
    stream << "history.csv has no lines.\n\n";
    return;
  }
  for (const std::string &column : history.columns)
    stream << "| " << cell(column) << ' ';
  stream << "|\n";
  for (size_t i = 0; i < history.columns.size(); ++i)
    stream << "|--:";
  stream << "|\n";
  // Evenly spread, with the first and the last one.
  size_t count = std::min(history.lines.size(), kHistoryLines);
  for (size_t i = 0; i < count; ++i) {
    size_t line =
        count == 1 ? history.lines.size() - 1 : i * (history.lines.size() - 1) / (count - 1);
    for (double value : history.lines[line])
      stream << "| " << printNumber(value) << ' ';
    stream << "|\n";
  }
  stream << '\n';
}

static void printClusterTable(const CampaignRecord &campaign, llvm::raw_ostream &stream) {
  stream << "## Findings\n\n";
  if (campaign.clusters.empty()) {
    stream << "None.\n\n";
    return;
  }
  stream << campaign.findings.size() << " findings in " << campaign.clusters.size()
         << " clusters.\n\n"
         << "| | oracle | pass | found | first after | smallest case | signature |\n"
         << "|--:|---|---|--:|--:|--:|---|\n";
  for (auto [number, cluster] : llvm::enumerate(campaign.clusters)) {
    const StoredFinding &smallest = campaign.findings[cluster.members.front()];
    stream << "| " << number + 1 << " | " << nameOf(smallest.record.finding.oracle) << " | "
           << cell(smallest.record.finding.pass) << " | " << cluster.members.size() << " | "
           << printTime(cluster.firstSeen) << " | " << smallest.caseBytes << " bytes | "
           << cell(cluster.signature) << " |\n";
  }
  stream << '\n';
}

/// The reduced case of a cluster; empty where none of its members has been reduced.
static std::string findReduced(const CampaignRecord &campaign, const Cluster &cluster) {
  for (size_t member : cluster.members)
    if (std::string reduced = reducedPathOf(campaign.findings[member].casePath);
        llvm::sys::fs::exists(reduced))
      return reduced;
  return "";
}

/// The number of the first cluster with the same reduced case, where it is an earlier one: one
/// fault may have several signatures.
static std::optional<size_t> findSame(const CampaignRecord &campaign, size_t number,
                                      llvm::StringRef reduced) {
  auto buffer = llvm::MemoryBuffer::getFile(reduced);
  for (size_t earlier = 0; buffer && earlier < number; ++earlier)
    if (auto other = llvm::MemoryBuffer::getFile(findReduced(campaign, campaign.clusters[earlier]));
        other && (*other)->getBuffer() == (*buffer)->getBuffer())
      return earlier;
  return std::nullopt;
}

static void printCluster(const CampaignRecord &campaign, size_t number,
                         const CasePrinter &printCase, llvm::raw_ostream &stream) {
  const Cluster &cluster = campaign.clusters[number];
  const StoredFinding &smallest = campaign.findings[cluster.members.front()];
  const Finding &finding = smallest.record.finding;
  stream << "### " << number + 1 << ". " << nameOf(finding.oracle);
  if (!finding.pass.empty())
    stream << ": " << finding.pass;
  stream << "\n\n";
  printBlock(finding.detail, stream);

  std::string shown = findReduced(campaign, cluster);
  bool isReduced = !shown.empty();
  if (!isReduced)
    shown = smallest.casePath;
  if (std::optional<size_t> same = findSame(campaign, number, shown))
    stream << "It reduces to the program of " << *same + 1 << ".\n\n";
  stream << (isReduced ? "Reduced" : "Not reduced; the smallest case") << ":\n\n";
  if (llvm::Expected<std::string> text = printCase(shown))
    printBlock(*text, stream);
  else
    printBlock(llvm::toString(text.takeError()), stream);

  std::string commands = "tenon-fuzz replay " + shown + "\n";
  commands += isReduced ? "tenon-fuzz export " + shown : "tenon-fuzz reduce " + shown;
  printBlock(commands, stream);
  if (!smallest.record.frames.empty()) {
    stream << "Frames, innermost first:\n\n";
    printBlock(llvm::join(smallest.record.frames, "\n"), stream);
  }
  if (!smallest.record.log.empty()) {
    stream << "The worker's last words:\n\n";
    printBlock(smallest.record.log, stream);
  }
  if (cluster.members.size() > 1) {
    stream << "Other cases:";
    for (size_t member : llvm::ArrayRef(cluster.members).drop_front().take_front(5))
      stream << " `" << campaign.findings[member].casePath << '`';
    if (cluster.members.size() > 6)
      stream << " and " << cluster.members.size() - 6 << " more";
    stream << "\n\n";
  }
}

void tenon::fuzz::printReport(const CampaignRecord &campaign, const CasePrinter &printCase,
                              llvm::raw_ostream &stream) {
  stream << "# Campaign " << campaign.directory << "\n\n";
  stream << "| | |\n|---|--:|\n";
  printFields(campaign.description, "", stream);
  stream << '\n';
  printClusterTable(campaign, stream);
  for (size_t number = 0; number < campaign.clusters.size(); ++number)
    printCluster(campaign, number, printCase, stream);
  printHistory(campaign.history, stream);
  if (!campaign.problems.empty()) {
    stream << "## Skipped\n\n";
    for (const std::string &problem : campaign.problems)
      stream << "* " << cell(problem) << '\n';
    stream << '\n';
  }
}
