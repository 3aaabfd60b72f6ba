//===- PlanOptions.h - The command line of tenon-plan -----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Tools/NetworkOptions.h"
#include "tenon/Tools/ReadNetwork.h"
#include "tenon/Tools/StatusLine.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string>

namespace tenon::plan {

enum class InputFormat { Auto, Mlir, Network, Qsim, OpenQasm };
enum class Emit { Report, Json, Path, SsaPath, EdgePath, Mlir };

/// What a command line asks for.
struct PlanRequest : EntryRequest {
  std::string input;                   ///< '-': standard input
  std::optional<ImportRequest> import; ///< empty: the input is MLIR
  std::string method, minimize;
  std::string timeTable;           ///< a file; empty: the table that Tenon carries
  std::optional<double> alpha;     ///< of --minimize=combo
  std::optional<double> timeLimit; ///< seconds; empty: counts of steps decide
  std::optional<double> largest;   ///< elements of an intermediate, in one slice
  std::optional<uint64_t> restarts;
  uint64_t seed = 0;
  bool isSparse = false; ///< search and count expected operations
  bool improves = false; ///< start from given paths instead of following them
  Emit emit = Emit::Report;
  unsigned top = 10; ///< steps in the list of the heaviest
  std::string output;
  Progress progress = Progress::Auto;
};

/// The options, registered with LLVM's parser for as long as this object lives.
class PlanOptions {
public:
  PlanOptions();

  /// Reads the command line. As all LLVM tools, exits after --help and --version, and with a
  /// message where an option is unknown. Errors: values that are none, options that contradict each
  /// other.
  llvm::Expected<PlanRequest> parse(int argc, char **argv);

private:
  llvm::Error readImport(PlanRequest &request) const;
  llvm::Error readSearch(PlanRequest &request) const;

  llvm::cl::OptionCategory category;
  llvm::cl::opt<std::string> input;
  llvm::cl::opt<InputFormat> format;
  llvm::cl::opt<std::string> bitstring, type;
  EntryOptions entry;
  llvm::cl::opt<std::string> method, minimize, timeTable, timeLimit, largest;
  llvm::cl::opt<uint64_t> restarts, seed;
  llvm::cl::opt<bool> sparse, improve;
  llvm::cl::opt<Emit> emit;
  llvm::cl::opt<unsigned> top;
  llvm::cl::opt<std::string> output;
  ProgressOption progress;
};

} // namespace tenon::plan
