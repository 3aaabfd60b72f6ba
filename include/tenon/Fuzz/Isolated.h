//===- Isolated.h - Work that may crash, in a process of its own --*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A child is forked for each piece of work: what the parent has made beforehand (a registry of
// dialects, a list of blocks) is there, and nothing that the work does comes back but its answer. A
// few milliseconds, which reductions and replays can afford. The parent must have one thread.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace tenon::fuzz {

struct IsolationLimits {
  std::chrono::milliseconds time{10000};
  /// Of address space beyond what the parent has; 0: any. Ignored under AddressSanitizer, which
  /// maps terabytes.
  uint64_t memory = uint64_t{4} << 30;
  /// The file that standard error goes to; empty: it is lost.
  std::string log;
};

enum class IsolationEnd : uint8_t {
  Finished, ///< the work returned
  Crashed,  ///< a signal, or an exit of its own
  TimedOut,
  OutOfMemory,
  NotStarted ///< no process or pipe could be made; `output` says why
};

struct IsolatedRun {
  IsolationEnd end = IsolationEnd::NotStarted;
  int signal = 0;     ///< of Crashed; 0: the child exited
  int status = 0;     ///< of Crashed, where it exited
  std::string output; ///< what the work returned
};

/// Standard output of the child is lost.
IsolatedRun runIsolated(const std::function<std::string()> &work,
                        const IsolationLimits &limits = {});

} // namespace tenon::fuzz
