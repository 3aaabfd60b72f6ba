//===- SeededBug.h - Faults on request ----------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Faults of the kind that people make, each at the place where they would make it, to measure what
// the fuzzer and the test suite notice (docs/fuzzing.md, "Seeded bugs"). The preset `fuzz` alone
// compiles them in; there the environment variable TENON_SEEDED_BUG switches one on for a process.
// Everywhere else a question is a constant, and nothing of the fault is left in the code.
//
//     list.push_back(isSeeded(SeededBug::ConjDropped) ? value : conjugated);
//
// The table is SeededBug.def. No LLVM: the runtime asks too.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cstdint>

namespace tenon {

enum class SeededBug : uint8_t {
  None,
#define TENON_BUG(id, name, file, sentence) id,
#include "tenon/Support/SeededBug.def"
};

#ifdef TENON_FUZZ
/// Read from the environment before `main`. A name that the table does not have ends the process
/// with an error and status 2.
extern const SeededBug activeSeededBug;

inline bool isSeeded(SeededBug bug) { return activeSeededBug == bug; }
/// Whether there is any: what such a process makes is not kept for others.
inline bool isAnySeeded() { return activeSeededBug != SeededBug::None; }
#else
constexpr bool isSeeded(SeededBug) { return false; }
constexpr bool isAnySeeded() { return false; }
#endif

} // namespace tenon
