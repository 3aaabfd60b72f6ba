//===- ProgressLine.h - How far a run has got -------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "RunOptions.h"

#include "llvm/ADT/StringRef.h"

#include <chrono>
#include <string>

namespace tenon::run {

/// A line on standard error that says what is being done: rewritten in place on a terminal, a new
/// line a time elsewhere. Not for several threads at once.
class ProgressLine {
public:
  explicit ProgressLine(Progress mode);
  ~ProgressLine() { clear(); }

  void showStage(llvm::StringRef name, int64_t done, int64_t total);
  /// Shows the first, the last, and at most a few a second between.
  void showSlices(int64_t done, int64_t total);
  /// Removes the line from a terminal, before something else is written.
  void clear();

private:
  void show(const std::string &text);

  bool isOn, isTerminal;
  bool isShown = false;
  std::chrono::steady_clock::time_point lastSlices;
};

} // namespace tenon::run
