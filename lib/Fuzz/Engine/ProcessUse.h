//===- ProcessUse.h - What a process takes ------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cstdint>
#include <optional>
#include <sys/types.h>

namespace tenon::fuzz {

/// By /proc; empty where the process is gone.
struct ProcessUse {
  uint64_t residentBytes = 0;
  double processorSeconds = 0; ///< of all its threads
};
std::optional<ProcessUse> readProcessUse(pid_t process);

} // namespace tenon::fuzz
