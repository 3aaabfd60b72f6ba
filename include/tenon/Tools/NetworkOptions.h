//===- NetworkOptions.h - What tools that compile have in common --*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>

namespace tenon {

/// What EntryOptions say.
struct EntryRequest {
  std::string entry;       ///< empty: `main`, or else the only public function
  int32_t threads = 0;     ///< that the schedule is made for; 0: as tenon_context_create(0)
  int64_t memoryLimit = 0; ///< bytes beside arguments and results; 0: any
};

/// What NetworkOptions say.
struct NetworkRequest : EntryRequest {
  std::string plan;           ///< options of tn-plan
  bool deterministic = false; ///< results are the same bits for every number of threads
  std::string tuning;         ///< tuning file; empty: none
  double tuneSeconds = 0; ///< kernels are measured for so long, and the file written; 0: it is read
};

/// --entry, --threads and --memory-limit, registered with LLVM's parser for as long as this object
/// lives.
class EntryOptions {
public:
  explicit EntryOptions(llvm::cl::OptionCategory &category);

  /// To be called when the command line was parsed. Errors: values that are none.
  llvm::Error read(EntryRequest &request) const;

private:
  llvm::cl::opt<std::string> entry;
  llvm::cl::opt<int32_t> threads;
  llvm::cl::opt<std::string> memoryLimit;
};

/// EntryOptions, --plan, --deterministic, --tuning and --tune, likewise.
class NetworkOptions {
public:
  explicit NetworkOptions(llvm::cl::OptionCategory &category);

  llvm::Error read(NetworkRequest &request) const;

private:
  EntryOptions entry;
  llvm::cl::opt<std::string> plan;
  llvm::cl::opt<bool> deterministic;
  llvm::cl::opt<std::string> tuning;
  llvm::cl::opt<double> tune;
};

} // namespace tenon
