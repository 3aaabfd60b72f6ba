//===- Outcome.h - What an execution showed -----------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Knows no MLIR: what judges cases, what runs them in processes and what reads findings agree on
// it.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
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
constexpr std::string_view nameOf(Oracle oracle) {
  constexpr std::string_view names[kNumOracles] = {"verifier", "round-trip", "determinism", "stage",
                                                   "native",   "pipelines",  "metamorphic", "crash",
                                                   "hang",     "memory"};
  return names[unsigned(oracle)];
}
using Oracles = uint16_t;
constexpr Oracles oracleBit(Oracle oracle) { return Oracles(1u << unsigned(oracle)); }
inline constexpr Oracles kCompileOnly = 0b111;
inline constexpr Oracles kAllOracles = (1u << kNumOracles) - 1;

/// A fault that a case shows.
struct Finding {
  Oracle oracle;
  std::string pass; ///< the first pass after which it shows; "native" or a pipeline's name past the
                    ///< passes; empty: the source
  std::string detail; ///< for people: a diagnostic; the worst element with what was expected, found
                      ///< and allowed
  std::string signature; ///< what duplicates have in common: oracle, pass, last pattern or message
                         ///< without numbers, class of types
};

/// What one execution did.
struct Outcome {
  std::vector<Finding> findings;
  std::string problem;       ///< why nothing was judged: the text is no module, no process could be
                             ///< started; empty otherwise
  uint32_t conclusive = 0;   ///< comparisons that could have failed
  uint32_t inconclusive = 0; ///< comparisons whose bound was above half the magnitude, or for which
                             ///< the interpreter reached a limit
  uint32_t refused = 0;      ///< passes that refused, as they may
  uint32_t passesRun = 0;
};

} // namespace tenon::fuzz
