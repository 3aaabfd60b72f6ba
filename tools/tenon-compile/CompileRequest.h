//===- CompileRequest.h - The command line of tenon-compile -----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Tools/NetworkOptions.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>

namespace tenon::compile {

enum class OutputKind { Auto, Object, Shared, Header };

/// What a command line asks for.
struct CompileRequest : NetworkRequest {
  std::string input;          ///< of IR; '-': standard input
  std::string output, header; ///< files; `header` may be empty
  OutputKind kind = OutputKind::Auto;
  std::string symbol; ///< of the C function; empty: see chooseSymbol
  std::string targetCPU, targetFeatures;
  std::string runtime; ///< the archive of the runtime; empty: beside this program
};

/// The options, registered with LLVM's parser for as long as this object lives.
class CommandLine {
public:
  CommandLine();

  /// Reads the command line; `kind` of the result is not Auto. As all LLVM tools, exits after
  /// --help and --version, and with a message where an option is unknown.
  llvm::Expected<CompileRequest> parse(int argc, char **argv);

private:
  llvm::cl::OptionCategory category;
  llvm::cl::opt<std::string> input, output, header;
  llvm::cl::opt<OutputKind> emit;
  NetworkOptions network;
  llvm::cl::opt<std::string> symbol, targetCPU, targetFeatures, runtime;
};

} // namespace tenon::compile
