//===- Interruption.h - What a tool does at Ctrl-C ----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon-c/Runtime.h"

#include "llvm/ADT/StringRef.h"

#include <atomic>
#include <string>
#include <system_error>
#include <vector>

namespace tenon {

/// What a shell reports for a process that SIGINT ended.
inline constexpr int kInterruptedExitCode = 130;

/// From here on SIGINT, SIGTERM and SIGHUP remove temporary output files, say that `tool` was
/// interrupted and end the process with kInterruptedExitCode, but while a RunInterruption or a
/// SearchInterruption lives. A second signal kills.
void installInterruption(llvm::StringRef tool);

/// While it lives, a signal cancels the runs of a context instead of ending the process. One at a
/// time.
class RunInterruption {
public:
  explicit RunInterruption(tenon_context *context);
  ~RunInterruption();
};

/// While it lives, a signal sets `stop` instead of ending the process: for searches that have
/// something to show whenever they are stopped. One at a time, and not beside a RunInterruption.
class SearchInterruption {
public:
  explicit SearchInterruption(std::atomic<bool> &stop);
  ~SearchInterruption();
};

/// Whether a signal has cancelled a run or stopped a search.
bool wasInterrupted();

/// A directory of its own for files on the way to an output. Its files are removed with it, by a
/// signal too; the names of files must be registered before they are written.
class ScratchDirectory {
public:
  ScratchDirectory() = default;
  ~ScratchDirectory();
  /// The error is the system's.
  std::error_code create(llvm::StringRef prefix);
  /// The path for a file of this name, which will be removed.
  std::string add(llvm::StringRef name);

private:
  std::string path;
  std::vector<std::string> files;
};

} // namespace tenon
