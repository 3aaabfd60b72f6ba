//===- RunOptions.h - The command line of tenon-fuzz run --------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Supervisor.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"

#include <string>

namespace tenon::fuzz {

/// The options, registered with LLVM's parser for as long as this object lives.
class RunOptions {
public:
  RunOptions();
  /// What the command line asks for. With --resume what is not given is as the campaign had it, but
  /// for the limits of one run.
  llvm::Expected<CampaignRequest> request() const;
  bool isQuiet() const { return quiet; }

private:
  llvm::Error readNumbers(CampaignOptions &options) const;
  llvm::Error readChoices(CampaignOptions &options) const;

  llvm::cl::OptionCategory category;
  llvm::cl::opt<std::string> directory, runs, time, workers, seed, policy, oracles, feedback,
      observe, passes;
  llvm::cl::opt<bool> guards, noGuards;
  llvm::cl::opt<std::string> nativeShare, timeout, memory, text, recycle, corpusCases, corpusSize;
  llvm::cl::opt<bool> resume, quiet;
  llvm::cl::opt<std::string> fault;
};

} // namespace tenon::fuzz
