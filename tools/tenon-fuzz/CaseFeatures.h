//===- CaseFeatures.h - All features of single cases ------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "JudgeExecutor.h"

#include "tenon/Fuzz/CampaignOptions.h"
#include "tenon/Fuzz/Executor.h"
#include "tenon/Fuzz/Isolated.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::fuzz {

/// Runs cases in a child each, so that every case shows all that it reaches, and not only what no
/// case before it did.
class CaseFeatures {
public:
  /// `options`: the mode, the sources of features, the oracles that run. Errors: a source that
  /// cannot be had.
  static llvm::Expected<CaseFeatures> create(const CampaignOptions &options);

  /// Of bytes that the format has accepted. Fails where the case crashes or takes too long.
  llvm::Expected<Features> read(std::string_view bytes);
  /// Of several in one child, and so of each what those before it in the list have not shown: a
  /// child for each takes ten times as long. Fails where any of them crashes or takes too long.
  llvm::Expected<std::vector<Features>> readInOrder(llvm::ArrayRef<std::string> cases);

private:
  CaseFeatures(std::unique_ptr<WatchedJudge> judge, bool isText, const IsolationLimits &limits)
      : judge(std::move(judge)), isText(isText), limits(limits) {}
  void run(std::string_view bytes, Features &features);
  llvm::Expected<std::string> runChild(const std::function<std::string()> &work, size_t cases);

  // No stream of cases: one of IR parses its seeds, and whoever parses has seen the blocks of the
  // parser.
  std::unique_ptr<WatchedJudge> judge;
  bool isText;
  IsolationLimits limits;
};

} // namespace tenon::fuzz
