//===- Commands.h - The subcommands of tenon-fuzz ---------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace tenon::fuzz {

inline constexpr int kNoFindings = 0, kHasFindings = 1, kError = 2;

/// A word after `tenon-fuzz`, and what it does. Each has a file of its own, and reads its options
/// with LLVM's parser.
struct Command {
  llvm::StringRef name;
  llvm::StringRef summary; ///< for --help; empty: not shown
  /// `argv[0]` is "tenon-fuzz NAME". Returns the exit status.
  int (*main)(int argc, char **argv);
};

llvm::ArrayRef<Command> commands();

/// Reads the options that exist. False after an error, which has been printed: LLVM's parser alone
/// would exit with the status of findings.
bool readCommandLine(int argc, char **argv, llvm::StringRef overview = "");

/// Prints an error; returns its status.
int fail(llvm::Error error);

int runMain(int argc, char **argv);
int workerMain(int argc, char **argv);
int replayMain(int argc, char **argv);
int showMain(int argc, char **argv);
int listMain(int argc, char **argv);
int reduceMain(int argc, char **argv);
int exportMain(int argc, char **argv);
int reportMain(int argc, char **argv);
int minimizeCorpusMain(int argc, char **argv);
int coverageMain(int argc, char **argv);
int interestingMain(int argc, char **argv);

} // namespace tenon::fuzz
