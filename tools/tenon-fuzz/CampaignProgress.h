//===- CampaignProgress.h - What a campaign tells its user ------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Supervisor.h"
#include "tenon/Tools/StatusLine.h"

#include "llvm/Support/raw_ostream.h"

namespace tenon::fuzz {

/// On standard error: a line that changes on a terminal, a line every ten seconds elsewhere.
class CampaignProgress {
public:
  explicit CampaignProgress(bool isQuiet);
  void show(const CampaignStatus &status);
  /// A line that stays.
  void say(const std::string &line);
  void clear() { line.clear(); }

private:
  StatusLine line;
  double next = 0;
};

/// What a campaign came to, with a command for each finding.
void printSummary(const CampaignRequest &request, const CampaignResult &result,
                  llvm::raw_ostream &os);

} // namespace tenon::fuzz
