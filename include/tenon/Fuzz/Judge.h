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
#include <string>
#include <vector>

namespace tenon::fuzz {

struct JudgeOptions {
  Oracles oracles = kAllOracles;
  /// Known upstream defects are avoided (docs/fuzzing.md, "Guards").
  bool guards = true;
  /// Share of cases that are compiled to machine code, whatever it takes; each kernel takes a tenth of a second. Chosen by
  /// hash. Others are run where this process has compiled most of their kernels before.
  double nativeShare = 0.02;
  /// The text of the phase that begins ("pass tn-plan", "native"): the supervisor's journal, so that a crash has a guilty pass.
  std::function<void(std::string_view phase)> onPhase;
  /// Called with every context that the judge makes, before anything is in it: PatternFeedback::install.
  std::function<void(mlir::MLIRContext &context)> onContext;
  /// The last pattern that was applied, for signatures: PatternFeedback::lastPattern.
  std::function<std::string()> lastPattern;
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

private:
  struct State;
  std::unique_ptr<State> state;
};

} // namespace tenon::fuzz
