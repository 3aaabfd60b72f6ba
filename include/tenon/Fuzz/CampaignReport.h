//===- CampaignReport.h - A campaign on a page --------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Clusters.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tenon::fuzz {

/// The columns and lines of history.csv, as they stand there.
struct History {
  std::vector<std::string> columns;
  std::vector<std::vector<double>> lines;
};

/// Lines without as many numbers as there are columns are left out and named in `problems`.
History parseHistory(llvm::StringRef text, llvm::StringRef file,
                     std::vector<std::string> &problems);

/// What a campaign left on disk, as far as a report has it.
struct CampaignRecord {
  std::string directory;
  llvm::json::Object description; ///< campaign.json
  std::vector<StoredFinding> findings;
  std::vector<Cluster> clusters;
  History history;
  std::vector<std::string> problems; ///< files that were skipped, and why
};

/// Fails where the directory is none of a campaign. What in it cannot be read is skipped, and named
/// in `problems`.
llvm::Expected<CampaignRecord> readCampaignRecord(llvm::StringRef directory);

/// A case as text for a report: its program and its passes. An error becomes a line of the report.
using CasePrinter = std::function<llvm::Expected<std::string>(llvm::StringRef casePath)>;

/// Markdown: totals, coverage over time, a table of clusters, and for each its smallest case,
/// reduced where it has been, with how to replay it.
void printReport(const CampaignRecord &campaign, const CasePrinter &printCase,
                 llvm::raw_ostream &stream);

} // namespace tenon::fuzz
