//===- Judge.h - Runs a case past every oracle --------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Genome.h"
#include "tenon/Fuzz/Outcome.h"

#include "mlir/IR/MLIRContext.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tenon::fuzz {

struct JudgeOptions {
  Oracles oracles = kAllOracles;
  /// Known upstream defects are avoided (docs/fuzzing.md, "Guards").
  bool guards = true;
  /// Share of cases that are compiled to machine code, whatever it takes; each kernel takes a tenth of a second. Chosen by
  /// hash. Others are run where this process has compiled most of their kernels before.
  double nativeShare = 0.04;
  /// The text of the phase that begins ("pass tn-plan", "native"): the supervisor's journal, so that a crash has a guilty pass.
  std::function<void(std::string_view phase)> onPhase;
  /// Called with every context that the judge makes, before anything is in it: PatternFeedback::install.
  std::function<void(mlir::MLIRContext &context)> onContext;
  /// The last pattern that was applied since it was asked for before, for signatures:
  /// PatternFeedback::takeLastPattern.
  std::function<std::string()> takeLastPattern;
  /// Decides what is only done for some cases in place of each case's hash: reduction changes the
  /// hash, and must not lose what the case that it began with went through. Round trips are then
  /// made after every pass.
  std::optional<uint64_t> draws;
};

/// Owns the MLIR context, which is made anew every few thousand cases (types and attributes are never freed). One thread.
class Judge {
public:
  explicit Judge(JudgeOptions options);
  ~Judge();

  Outcome run(const Genome &genome);
  /// The same for a module of the second mode: text of IR and passes. The function's arguments are drawn from `dataSeed`, small integers.
  Outcome run(std::string_view mlirText, const std::vector<PassStep> &passes, uint64_t dataSeed);

  const JudgeOptions &options() const;

  /// What decides what is only done for some cases: a function of the case.
  static uint64_t hashOf(const Genome &genome);
  static uint64_t hashOf(std::string_view mlirText, const std::vector<PassStep> &passes,
                         uint64_t dataSeed);

private:
  struct State;
  std::unique_ptr<State> state;
};

} // namespace tenon::fuzz
