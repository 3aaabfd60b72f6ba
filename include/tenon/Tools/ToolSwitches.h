//===- ToolSwitches.h - --tn-stats and --tn-debug -----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The switches that every tool has which runs Tenon's passes.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Support/Counters.h"
#include "tenon/Support/DebugLog.h"

#include "llvm/Support/CommandLine.h"

namespace tenon {

/// Registers `--tn-stats[=text|json]` and `--tn-debug=AREA,…` with LLVM's parser while it lives.
/// To be made after the tool's own options, which hide in --help all that are there before, and
/// before they are parsed.
class ToolSwitches {
public:
  ToolSwitches();
  /// Prints the sums of all counters to standard error, where --tn-stats was given.
  ~ToolSwitches();

private:
  llvm::cl::opt<CounterFormat> stats;
  llvm::cl::list<DebugArea> debug;
};

} // namespace tenon
