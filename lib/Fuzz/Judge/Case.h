//===- Case.h - A program on its way past the oracles -----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Session.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace tenon::fuzz {

/// What all oracles share while they judge one program.
struct Case {
  Session &session;
  const JudgeOptions &options;
  Outcome &outcome;
  /// Decides what is only done for some cases, so that a case is always judged alike.
  uint64_t hash;
  /// What signatures say of the program's types: "float", "integer", "i1", "complex", joined by
  /// '+'.
  std::string types;

  bool asks(Oracle oracle) const { return options.oracles & oracleBit(oracle); }
  void beginPhase(const llvm::Twine &phase) const;
  /// A number of this case for one `purpose`.
  uint64_t draw(uint64_t purpose) const;
  bool oneIn(uint64_t purpose, uint64_t n) const { return draw(purpose) % n == 0; }

  /// Adds a finding. `message` is what duplicates have in common once numbers and names are out;
  /// the detail where it is empty.
  void report(Oracle oracle, llvm::StringRef pass, std::string detail,
              llvm::StringRef message = {});
};

/// What draws are for: each purpose has a number of its own.
namespace purpose {
inline constexpr uint64_t roundTrip = 1, bytecode = 2, debugInfo = 3, genericForm = 4,
                          determinism = 5, native = 6, placement = 7, outputs = 8, pipeline = 9,
                          metamorphic = 10, outputPattern = 11, arguments = 12, buffers = 13,
                          effort = 14;
} // namespace purpose

} // namespace tenon::fuzz
