//===- ProbeTable.h - Breakpoints that go away when they are hit --*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The first byte of each probed instruction is replaced by int3. The processor then raises SIGTRAP;
// the handler puts the byte back, notes the probe and lets the instruction run. Code pays for a
// probe once. The idea: Nagy and Hicks, "Full-speed Fuzzing" (S&P 2019).
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tenon::fuzz {

/// Probes are numbered in the order of their addresses. The functions are for one thread; hits may
/// come from all.
class ProbeTable {
public:
  /// Sets a probe at each address, ascending, each the start of an instruction that is no int3. No
  /// other thread may run that code meanwhile, and one table may be armed at a time. Null, with the
  /// reason in `error`, where the code cannot be made writable.
  static std::unique_ptr<ProbeTable> arm(std::vector<uintptr_t> addresses, std::string &error);
  /// Takes all probes away.
  ~ProbeTable();

  uint32_t size() const;
  uintptr_t addressOf(uint32_t probe) const;
  /// How many were hit so far.
  uint32_t numHits() const;
  /// Appends the hits from number `first` on, in their order, and returns the number of the next. A
  /// hit that another thread is about to note, and what came after it, is left to the next call.
  uint32_t collect(uint32_t first, std::vector<uint32_t> &hits) const;
  /// Takes a probe away as if it had been hit, without noting it. False where it was gone.
  bool disarm(uint32_t probe);
  /// Makes the handler that of the process again where something else has taken its place.
  void reclaimSignal();

private:
  ProbeTable() = default;
};

} // namespace tenon::fuzz
