//===- JudgeExecutor.h - The judge with its sources of features -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/CampaignOptions.h"
#include "tenon/Fuzz/Executor.h"
#include "tenon/Fuzz/Feedback.h"
#include "tenon/Fuzz/Judge.h"

#include <functional>
#include <memory>

namespace tenon::fuzz {

/// A judge that is watched by sources of features.
class WatchedJudge {
public:
  /// Errors: a source that the options name and that cannot be had.
  static llvm::Expected<std::unique_ptr<WatchedJudge>>
  create(const CampaignOptions &options, std::function<void(std::string_view)> onPhase);

  /// Has `work` run a case, and appends the features that it was the first to show.
  Outcome watch(Features &fresh, llvm::function_ref<Outcome(Judge &)> work);
  void markSeen(const Features &features);
  std::array<uint64_t, kNumFeedbacks> totals() const;

private:
  Feedbacks feedbacks;
  std::array<Feedback *, kNumFeedbacks> byKind = {}; ///< null: off
  // After the feedbacks, for its contexts know one of them.
  std::unique_ptr<Judge> judge;
};

std::unique_ptr<Executor> makeGenomeExecutor(std::unique_ptr<WatchedJudge> judge);

} // namespace tenon::fuzz
