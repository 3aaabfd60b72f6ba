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

/// What the options below say.
struct NetworkRequest {
  std::string entry;       ///< empty: `main`, or else the only public function
  int32_t threads = 0;     ///< that the schedule is made for; 0: as tenon_context_create(0)
  int64_t memoryLimit = 0; ///< bytes beside arguments and results; 0: any
  std::string plan;        ///< options of tn-plan
};

/// --entry, --threads, --memory-limit and --plan, registered with LLVM's parser for as long as this
/// object lives.
class NetworkOptions {
public:
  explicit NetworkOptions(llvm::cl::OptionCategory &category);

  /// To be called when the command line was parsed. Errors: values that are none.
  llvm::Error read(NetworkRequest &request) const;

private:
  llvm::cl::opt<std::string> entry;
  llvm::cl::opt<int32_t> threads;
  llvm::cl::opt<std::string> memoryLimit, plan;
};

} // namespace tenon
