//===- Clusters.cpp - Findings that are one fault -------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/Clusters.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <algorithm>

using namespace tenon::fuzz;
namespace path = llvm::sys::path;

std::vector<Cluster> tenon::fuzz::clusterFindings(llvm::ArrayRef<StoredFinding> findings) {
  llvm::MapVector<llvm::StringRef, Cluster> bySignature;
  std::vector<Cluster> clusters;
  for (auto [number, found] : llvm::enumerate(findings)) {
    llvm::StringRef signature = found.record.finding.signature;
    if (signature.empty())
      clusters.push_back({"", {number}, found.record.seconds});
    else
      bySignature[signature].members.push_back(number);
  }
  for (auto &[signature, cluster] : bySignature) {
    cluster.signature = signature.str();
    llvm::stable_sort(cluster.members, [&](size_t a, size_t b) {
      return findings[a].caseBytes < findings[b].caseBytes;
    });
    cluster.firstSeen = findings[cluster.members.front()].record.seconds;
    for (size_t member : cluster.members)
      cluster.firstSeen = std::min(cluster.firstSeen, findings[member].record.seconds);
    clusters.push_back(std::move(cluster));
  }
  llvm::stable_sort(clusters,
                    [](const Cluster &a, const Cluster &b) { return a.firstSeen < b.firstSeen; });
  return clusters;
}

std::string tenon::fuzz::reducedPathOf(llvm::StringRef casePath) {
  llvm::SmallString<128> reduced = path::parent_path(path::parent_path(casePath));
  path::append(reduced, "reduced", path::filename(casePath));
  return reduced.str().str();
}

std::string tenon::fuzz::reportPathOf(llvm::StringRef casePath) {
  llvm::SmallString<128> report = path::parent_path(casePath);
  path::append(report, path::stem(casePath) + ".json");
  return report.str().str();
}

llvm::Expected<std::optional<ReportedFinding>> tenon::fuzz::readReportOf(llvm::StringRef casePath) {
  std::string beside = reportPathOf(casePath);
  llvm::SmallString<128> origin = path::parent_path(path::parent_path(casePath));
  path::append(origin, "findings", path::filename(beside));
  for (llvm::StringRef file : {llvm::StringRef(beside), llvm::StringRef(origin)}) {
    // A case may be called .json itself.
    if (file == casePath || !llvm::sys::fs::exists(file))
      continue;
    auto buffer = llvm::MemoryBuffer::getFile(file);
    if (!buffer)
      return llvm::createStringError("cannot read '" + file + "': " + buffer.getError().message());
    auto report = parseReportedFinding((*buffer)->getBuffer());
    if (!report)
      return llvm::createStringError("'" + file + "': " + llvm::toString(report.takeError()));
    return std::move(*report);
  }
  return std::nullopt;
}
