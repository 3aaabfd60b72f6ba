//===- RunOptions.h - The command line of tenon-run -------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Tools/NetworkOptions.h"
#include "tenon/Tools/StatusLine.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tenon::run {

/// What a command line asks for.
struct RunRequest : NetworkRequest {
  std::string input;                           ///< of IR; '-': standard input
  std::vector<std::string> arguments, outputs; ///< .npy files
  std::optional<uint64_t> randomSeed;
  bool reference = false, check = false, checkFacts = false, print = false, stats = false;
  std::optional<int64_t> benchRepetitions; ///< 0: as many as fit into about a second
  int64_t profiledSteps = 0;               ///< that are listed; 0: none
  Progress progress = Progress::Auto;
};

/// The options, registered with LLVM's parser for as long as this object lives.
class RunOptions {
public:
  RunOptions();

  /// Reads the command line. As all LLVM tools, exits after --help and --version, and with a
  /// message where an option is unknown. Errors: values that are none, options that contradict each
  /// other, devices that are not there.
  llvm::Expected<RunRequest> parse(int argc, char **argv);

private:
  llvm::Error check(const RunRequest &request) const;

  llvm::cl::OptionCategory category;
  llvm::cl::opt<std::string> input;
  NetworkOptions network;
  llvm::cl::list<std::string> arguments, outputs;
  llvm::cl::opt<uint64_t> random;
  llvm::cl::opt<bool> reference, checkBoth, checkFacts, print, stats;
  llvm::cl::alias verbose;
  llvm::cl::opt<std::string> bench;
  llvm::cl::opt<std::string> profile;
  llvm::cl::opt<std::string> device;
  ProgressOption progress;
};

} // namespace tenon::run
