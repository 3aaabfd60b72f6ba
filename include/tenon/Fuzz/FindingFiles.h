//===- FindingFiles.h - Findings on disk --------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/CampaignOptions.h"
#include "tenon/Fuzz/Outcome.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>
#include <vector>

namespace tenon::fuzz {

/// A finding and where it comes from: the `.json` beside a case in `findings/`, and beside what
/// `tenon-fuzz reduce -o` writes.
struct ReportedFinding {
  Finding finding;
  uint64_t caseHash = 0;
  double seconds = 0;      ///< since the campaign began
  uint64_t executions = 0; ///< of all workers until then
  unsigned worker = 0;
  std::string log;                 ///< what the worker wrote last, where it died
  std::vector<std::string> frames; ///< innermost first, where a signal ended the worker
  CampaignOptions options;
  /// Of a case that reduction made: those of the case that it began with (JudgeOptions::draws).
  std::optional<uint64_t> draws;
};

/// `<16 hex of the case>-<8 hex of the signature>`, without an extension.
std::string stemOf(const ReportedFinding &record);

std::string printReportedFinding(const ReportedFinding &record);
llvm::Expected<ReportedFinding> parseReportedFinding(llvm::StringRef text);

/// A record and the case beside it.
struct StoredFinding {
  ReportedFinding record;
  std::string casePath;
  uint64_t caseBytes = 0;
};

/// The findings of a campaign's directory, by name. What cannot be read or has no case beside it is
/// left out, with a line for it in `problems`.
std::vector<StoredFinding> readFindings(llvm::StringRef directory,
                                        std::vector<std::string> &problems);

} // namespace tenon::fuzz
