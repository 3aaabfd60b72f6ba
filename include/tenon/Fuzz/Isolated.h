//===- Isolated.h - Work that may crash, in a process of its own --*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A child is forked for each piece of work: what the parent has made beforehand (a registry of dialects, a list of blocks) is
// there, and nothing that the work does comes back but its answer. A few milliseconds, which reductions and
// replays can afford. The parent must have one thread.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tenon::fuzz {

struct IsolationLimits {
  std::chrono::milliseconds time{10000};
  /// Of address space beyond what the parent has; 0: any. Ignored under AddressSanitizer, which maps terabytes.
  uint64_t memory = uint64_t{4} << 30;
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
  std::string output; ///< what the work returned
  std::string phase;  ///< the last text that it gave to its argument, cut to 200 bytes
};

/// The work says at any time what it is about to do.
using PhaseSink = std::function<void(std::string_view)>;

/// Standard output and error of the child are lost.
IsolatedRun runIsolated(const std::function<std::string(const PhaseSink &)> &work,
                        const IsolationLimits &limits = {});

} // namespace tenon::fuzz
