//===- Judge.h - Runs a case past every oracle --------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Genome.h"

#include "mlir/IR/MLIRContext.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tenon::fuzz {

/// The oracles, cheapest first; each can be switched off.
enum class Oracle : uint8_t {
  Verifier,    ///< the program, and what each pass leaves, verifies; a pass fails only where it may
  RoundTrip,   ///< print-parse-print and bytecode are identities
  Determinism, ///< the same passes on the same program leave the same text
  Stage,       ///< the interpreter on what each pass leaves agrees with it on the source
  Native,      ///< compiled code with guard pages agrees with the interpreter
  Pipelines,   ///< two pipelines of the compiler agree
  Metamorphic, ///< a changed program has the result that mathematics says
  Crash,       ///< seen by the supervisor: a signal
  Hang,        ///< … the time limit
  Memory       ///< … the memory limit
};
inline constexpr unsigned kNumOracles = 10;
std::string_view nameOf(Oracle oracle);
using Oracles = uint16_t;
constexpr Oracles oracleBit(Oracle oracle) { return Oracles(1u << unsigned(oracle)); }
inline constexpr Oracles kCompileOnly = 0b111;
inline constexpr Oracles kAllOracles = (1u << kNumOracles) - 1;

/// A fault that a case shows.
struct Finding {
  Oracle oracle;
  std::string pass;      ///< the first pass after which it shows; "native" or a pipeline's name past the passes; empty: the source
  std::string detail;    ///< for people: a diagnostic; the worst element with what was expected, found and allowed
  std::string signature; ///< what duplicates have in common: oracle, pass, last pattern or message without numbers, class of types
};

/// What one execution did.
struct Outcome {
  std::vector<Finding> findings;
  uint32_t conclusive = 0;   ///< comparisons that could have failed
  uint32_t inconclusive = 0; ///< comparisons whose bound was above half the magnitude, or for which the interpreter reached a limit
  uint32_t refused = 0;      ///< passes that refused, as they may
  uint32_t passesRun = 0;
};

struct JudgeOptions {
  Oracles oracles = kAllOracles;
  /// Known upstream defects are avoided (docs/fuzzing.md, "Guards").
  bool guards = true;
  /// Share of cases that are compiled to machine code: native compilation takes tens of milliseconds. Chosen by hash.
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
