//===- CampaignStore.h - What a supervisor keeps on disk ----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "AppendedFile.h"

#include "tenon/Fuzz/CampaignLock.h"
#include "tenon/Fuzz/CorpusFiles.h"
#include "tenon/Fuzz/Supervisor.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tenon::fuzz {

/// A campaign's directory, opened by its one supervisor. What cannot be written for want of room is
/// said once; cases of the corpus are given up then, findings are kept in memory and tried again.
class CampaignStore {
public:
  /// Makes a new directory or opens an old one. `totals` becomes what its campaign had reached.
  static llvm::Expected<std::unique_ptr<CampaignStore>>
  open(const CampaignRequest &request, const CampaignObserver &observer, CampaignTotals &totals);

  /// Whether the features in the index mean something to this build. Otherwise the index has been
  /// begun anew.
  bool isSameBuild() const { return sameBuild; }
  /// The corpus that is there. Says how many files were skipped, and why.
  std::vector<CorpusEntry> readCorpusOnDisk();

  void addCase(const CorpusEntry &entry);
  /// A line of the index for a case that is there, and has nothing that others have not.
  void noteCase(const CorpusEntry &entry);
  void addFinding(ReportedFinding record, const std::string &bytes);
  /// Tries to write what is kept in memory.
  void retryFindings();

  void writeCampaign(const CampaignTotals &totals);
  void writeHistory(const CampaignStatus &status);

  std::string journalPath(unsigned worker) const;
  size_t numSignatures() const { return shelf.size(); }
  uint64_t numNewFindings() const { return newFindings; }
  /// What could not be written to the end.
  std::vector<UnwrittenFinding> takeUnwritten();

private:
  /// The cases that the directory has for a signature.
  struct Shelved {
    uint64_t bytes;
    std::string stem;
    bool operator<(const Shelved &other) const {
      return bytes != other.bytes ? bytes < other.bytes : stem < other.stem;
    }
  };

  CampaignStore(const CampaignRequest &request, const CampaignObserver &observer)
      : request(request), observer(observer) {}
  llvm::Error openOld(CampaignTotals &totals);
  llvm::Error checkNew();
  std::error_code writeFinding(const ReportedFinding &record, const std::string &bytes);
  void warnOnce(const std::string &what, std::error_code code);
  void saySkipped(const std::string &what, const std::vector<std::string> &problems);
  std::string inside(llvm::StringRef name) const { return request.directory + "/" + name.str(); }

  const CampaignRequest &request;
  const CampaignObserver &observer;
  std::optional<CampaignLock> lock;
  bool sameBuild = true, isCorpusFull = false;
  std::string build;
  AppendedFile index, history;
  std::map<std::string, std::set<Shelved>> shelf;
  std::deque<UnwrittenFinding> unwritten;
  size_t unwrittenBytes = 0;
  uint64_t newFindings = 0;
  std::set<std::string> warned;
};

} // namespace tenon::fuzz
