//===- StatusLine.h - A line that says what is being done ---------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/Support/CommandLine.h"

#include <string>

namespace tenon {

enum class Progress { Auto, Always, Never };

/// The option --progress, registered with LLVM's parser for as long as this object lives.
class ProgressOption {
public:
  ProgressOption(llvm::cl::OptionCategory &category, const char *description);
  Progress get() const { return mode; }

private:
  llvm::cl::opt<Progress> mode;
};

/// A line on standard error: rewritten in place on a terminal, a new line a time elsewhere. Not for
/// several threads at once.
class StatusLine {
public:
  /// With Progress::Auto it is shown on terminals only.
  explicit StatusLine(Progress mode);
  ~StatusLine() { clear(); }
  StatusLine(const StatusLine &) = delete;
  StatusLine &operator=(const StatusLine &) = delete;

  bool isOn() const { return isShown; }
  bool isTerminal() const { return isOnTerminal; }
  /// Nothing where the line is off.
  void show(const std::string &text);
  /// Removes the line from a terminal, before something else is written.
  void clear();

private:
  bool isShown, isOnTerminal;
  bool hasText = false;
};

} // namespace tenon
