//===- ReduceCase.h - Makes a case smaller that shows a finding ---*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/CampaignOptions.h"
#include "tenon/Fuzz/IsolatedJudge.h"
#include "tenon/Fuzz/Reduce.h"
#include "tenon/Fuzz/TextCase.h"

#include "llvm/Support/Error.h"

#include <string>
#include <variant>
#include <vector>

namespace tenon::fuzz {

/// A genome, or IR with passes.
using AnyCase = std::variant<Genome, TextCase>;

struct CaseReduction {
  AnyCase reduced;
  uint64_t executions = 0;
  bool isMinimal = false;
  /// What was not done, and why: a tool that is missing.
  std::string note;
};

struct ReduceCaseOptions {
  uint64_t executions = 4000;
  /// The reducer of IR; empty: tenon-reduce beside this program.
  std::string reducer;
  /// tenon-fuzz, which the reducer asks about each piece of IR.
  std::string program;
  /// What cases are judged with, for that question.
  CampaignOptions campaign;
  /// JudgeOptions::draws of the judge.
  uint64_t draws = 0;
};

/// Reduces a genome on itself, IR by its passes and then by the reducer. Fails where the case does
/// not show `finding`. Where the reducer is missing or fails, what there is so far is returned, and
/// the note says so.
llvm::Expected<CaseReduction> reduceCase(const AnyCase &start, const Finding &finding,
                                         IsolatedJudge &judge, const ReduceCaseOptions &options);

/// What decides what is only done for some cases, of this one.
uint64_t drawsOf(const AnyCase &any);

/// The oracles and the share of native code that show a finding of this kind, and no more: a
/// reduction runs thousands of cases.
void narrowTo(const Finding &finding, JudgeOptions &options);

} // namespace tenon::fuzz
