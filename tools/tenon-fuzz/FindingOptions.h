//===- FindingOptions.h - Which finding a case is to show -------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Feedback.h"
#include "tenon/Fuzz/IsolatedJudge.h"
#include "tenon/Fuzz/ReduceCase.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>

namespace tenon::fuzz {

/// A judge in processes of their own, whose signatures name patterns as those of a campaign do.
class PatternJudge {
public:
  /// `listens`: the campaign did hear of patterns.
  static llvm::Expected<PatternJudge> create(JudgeOptions options, const IsolationLimits &limits,
                                             bool listens);
  IsolatedJudge &judge() { return *isolated; }

private:
  // The judge's contexts know the patterns.
  std::unique_ptr<PatternFeedback> patterns;
  std::unique_ptr<IsolatedJudge> isolated;
};

/// Options of the commands that look at one finding of a case.
class FindingOptions {
public:
  explicit FindingOptions(llvm::cl::OptionCategory &category);

  /// The finding of the report beside the case, or else the first one that a run shows, in all
  /// oracles or those of --oracles.
  llvm::Expected<Finding> find(llvm::StringRef casePath, const AnyCase &any) const;
  /// What the campaign ran with that the case is of, or else what the command line says.
  llvm::Expected<CampaignOptions> optionsOf(llvm::StringRef casePath) const;
  /// Judges cases as the campaign did that the case is of.
  llvm::Expected<PatternJudge> makeJudge(llvm::StringRef casePath) const;
  /// The same for one finding of a case with `draws`, of that case and of smaller ones.
  llvm::Expected<PatternJudge> makeJudge(llvm::StringRef casePath, const Finding &finding,
                                         uint64_t draws) const;

private:
  llvm::Expected<PatternJudge> makeJudge(llvm::StringRef casePath,
                                         llvm::function_ref<void(JudgeOptions &)> narrow) const;

  llvm::cl::opt<std::string> oracles;
  llvm::cl::opt<bool> noGuards;
  llvm::cl::opt<double> timeout;
};

/// The draws that a case was found with, where reduction has made another case of it: those of its
/// report, or of the finding with its name, where the case is in a campaign's reduced/. Else none.
llvm::Expected<std::optional<uint64_t>> drawsBehind(llvm::StringRef casePath);

Outcome judgeCase(IsolatedJudge &judge, const AnyCase &any);

} // namespace tenon::fuzz
