//===- Commands.cpp - The subcommands of tenon-fuzz -----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Commands.h"

#include "tenon/Tools/ToolError.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

using namespace tenon;
using namespace tenon::fuzz;

static constexpr Command kCommands[] = {
    {"run", "run a campaign, or go on with one", runMain},
    {"replay", "run cases again and print what they show", replayMain},
    {"show", "print a case as text or as IR", showMain},
    {"list", "list passes, mutators or oracles", listMain},
    {"reduce", "make a case smaller that shows a finding", reduceMain},
    {"export", "write a case as a test of the lit suite", exportMain},
    {"report", "write a campaign's report", reportMain},
    {"minimize-corpus", "keep the fewest cases that have all features", minimizeCorpusMain},
    {"coverage", "count the features of a corpus", coverageMain},
    {"interesting", "", interestingMain},
    {"worker", "", workerMain},
};

llvm::ArrayRef<Command> tenon::fuzz::commands() { return kCommands; }

int tenon::fuzz::fail(llvm::Error error) {
  reportToolError("tenon-fuzz", llvm::toString(std::move(error)));
  return kError;
}

bool tenon::fuzz::readCommandLine(int argc, char **argv, llvm::StringRef overview) {
  return llvm::cl::ParseCommandLineOptions(argc, argv, overview, &llvm::errs());
}
