//===- IsolatedJudge.h - Judges cases that may crash --------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Isolated.h"
#include "tenon/Fuzz/Judge.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tenon::fuzz {

/// A judge whose cases run in a child each: a crash, a hang or too much memory is a finding with
/// the signature that a campaign gives it. Construction warms nothing up; a case takes a few
/// milliseconds more than in a campaign.
class IsolatedJudge {
public:
  /// `options.onPhase` is not called. Fails where there is no room for a journal.
  static llvm::Expected<std::unique_ptr<IsolatedJudge>> create(JudgeOptions options,
                                                               IsolationLimits limits);
  ~IsolatedJudge();

  Outcome run(const Genome &genome);
  Outcome run(std::string_view mlirText, const std::vector<PassStep> &passes, uint64_t dataSeed);

private:
  struct State;
  explicit IsolatedJudge(std::unique_ptr<State> state);
  Outcome isolate(const std::function<Outcome(Judge &)> &work);

  std::unique_ptr<State> state;
};

/// Whether an outcome has a finding of the same fault: with the oracle, the pass and the signature
/// of `finding`, but for the class of types, which a reduction makes plainer.
bool showsFinding(const Outcome &outcome, const Finding &finding);

} // namespace tenon::fuzz
