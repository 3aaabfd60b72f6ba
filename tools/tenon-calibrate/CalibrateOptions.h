//===- CalibrateOptions.h - The command line of tenon-calibrate -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Calibration.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"

#include <string>

namespace tenon::calibrate {

/// What a command line asks for: to measure a table, or to check one.
struct CalibrateRequest : CalibrationRequest {
  std::string output;                ///< empty: `check` is given
  std::string check;                 ///< a table; empty: measure one
  uint64_t seed = 0;                 ///< of the shapes that a check draws
  bool list = false;                 ///< all that a check draws
  int64_t slices = 1;                ///< of the networks that a check measures, at least
  std::vector<std::string> networks; ///< files that a check measures; empty: it draws shapes
  Progress progress = Progress::Auto;
};

/// The options, registered with LLVM's parser for as long as this object lives.
class CalibrateOptions {
public:
  CalibrateOptions();

  /// Reads the command line. As all LLVM tools, exits after --help and --version, and with a
  /// message where an option is unknown. Errors: values that are none, options that contradict each
  /// other.
  llvm::Expected<CalibrateRequest> parse(int argc, char **argv);

private:
  llvm::cl::OptionCategory category;
  llvm::cl::opt<std::string> output, check;
  llvm::cl::opt<int32_t> threads;
  llvm::cl::list<std::string> types;
  llvm::cl::opt<std::string> seconds;
  llvm::cl::opt<uint64_t> seed;
  llvm::cl::opt<int64_t> slices;
  llvm::cl::opt<bool> list;
  llvm::cl::list<std::string> networks;
  ProgressOption progress;
};

} // namespace tenon::calibrate
