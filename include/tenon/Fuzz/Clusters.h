//===- Clusters.h - Findings that are one fault -------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/FindingFiles.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>
#include <vector>

namespace tenon::fuzz {

/// Findings with one signature.
struct Cluster {
  std::string signature;
  std::vector<size_t> members; ///< numbers of findings, the one with the fewest bytes first
  double firstSeen = 0;        ///< seconds into the campaign
};

/// By first seen. A finding without a signature is a cluster of its own.
std::vector<Cluster> clusterFindings(llvm::ArrayRef<StoredFinding> findings);

/// Where the reduced case of a finding lies once there is one: `reduced/<stem><extension>` in the
/// campaign's directory, for `findings/<stem><extension>`.
std::string reducedPathOf(llvm::StringRef casePath);

/// The report beside a case: `<stem>.json`.
std::string reportPathOf(llvm::StringRef casePath);

/// What a case was reported for: the .json beside it, or beside the finding that it was reduced
/// from. Nothing where there is none.
llvm::Expected<std::optional<ReportedFinding>> readReportOf(llvm::StringRef casePath);

} // namespace tenon::fuzz
