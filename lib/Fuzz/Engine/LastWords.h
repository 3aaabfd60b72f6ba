//===- LastWords.h - What a dead worker has left ------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Journal.h"

#include "tenon/Fuzz/FindingFiles.h"

#include "llvm/DebugInfo/Symbolize/Symbolize.h"

#include <string>

namespace tenon::fuzz {

/// How a worker came to its end.
struct WorkerEnd {
  Oracle oracle = Oracle::Crash; ///< Crash, Hang or Memory
  int signal = 0;                ///< 0: it exited
  int status = 0;
};

/// Reads journals and logs of dead workers.
class Coroner {
public:
  Coroner();
  ~Coroner();
  /// The finding, its log and its frames. The signature is of the oracle, the phase, the signal and
  /// what an assertion or a sanitizer said, or else the innermost functions that are not of the C
  /// library.
  ReportedFinding examine(const Journal &journal, const std::string &logPath, const WorkerEnd &end);

private:
  std::vector<std::string> readFrames(const JournalRecord &record);
  llvm::symbolize::LLVMSymbolizer symbolizer;
};

/// The pass of a phase "pass NAME …"; of others the phase.
std::string passOfPhase(llvm::StringRef phase);

/// The line of a log that says why a process ended, without numbers and addresses; empty where none
/// does.
std::string findCause(llvm::StringRef log);

/// The end of a file, at most `bytes`, in whole lines.
std::string readTail(const std::string &path, size_t bytes);

} // namespace tenon::fuzz
