//===- TranslateOptions.h - The command line of tenon-translate ---*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Tools/ReadNetwork.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"

namespace tenon {

/// What a command line asks for.
struct TranslateRequest : ImportRequest {
  std::string output;
  bool emitBytecode = false;
};

/// The options, registered with LLVM's parser for as long as this object lives.
class TranslateOptions {
public:
  TranslateOptions();

  /// Reads the command line. As all LLVM tools, exits after --help and --version, and with a
  /// message where an option is unknown or lacks its value. Errors: options that are missing or
  /// contradict each other, and values of --type and --semiring that are none.
  llvm::Expected<TranslateRequest> parse(int argc, char **argv);

private:
  using StringOption = llvm::cl::opt<std::string>;
  using Flag = llvm::cl::opt<bool>;

  llvm::Error chooseFormat(TranslateRequest &request) const;
  llvm::Error checkCompanions(const TranslateRequest &request) const;

  llvm::cl::OptionCategory category;
  StringOption importEinsum, importNetwork, importQsim, importOpenQasm;
  StringOption shapes, bitstring, type, semiring;
  Flag noHyperedges;
  StringOption output;
  Flag emitBytecode;
};

} // namespace tenon
