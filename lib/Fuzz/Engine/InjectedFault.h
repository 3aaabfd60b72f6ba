//===- InjectedFault.h - Faults for tests of the engine -----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>

namespace tenon::fuzz {

/// What goes wrong in one case of the first worker: crash-at:N, abort-at:N, overflow-at:N (of the
/// stack), hang-at:N, sleep-at:N, memory-at:N, killed-at:N (SIGKILL, as from outside), exit-at:N.
class InjectedFault {
public:
  static llvm::Expected<InjectedFault> parse(llvm::StringRef text);
  /// Does it, if this is its case.
  void strike(uint64_t caseNumber) const;

private:
  void (*act)() = nullptr;
  uint64_t place = 0;
};

} // namespace tenon::fuzz
