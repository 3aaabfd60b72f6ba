//===- ProgressLine.h - How far a run has got -------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Tools/StatusLine.h"

#include "llvm/ADT/StringRef.h"

#include <chrono>

namespace tenon::run {

/// Says on standard error what is being done. Not for several threads at once.
class ProgressLine {
public:
  explicit ProgressLine(Progress mode) : line(mode) {}

  void showStage(llvm::StringRef name, int64_t done, int64_t total);
  /// Shows the first, the last, and at most a few a second between.
  void showSlices(int64_t done, int64_t total);
  /// Removes the line from a terminal, before something else is written.
  void clear() { line.clear(); }

private:
  StatusLine line;
  std::chrono::steady_clock::time_point lastSlices;
};

} // namespace tenon::run
