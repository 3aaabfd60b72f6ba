//===- Commands.cpp - The subcommands of tenon-fuzz -----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Commands.h"

using namespace tenon::fuzz;

static constexpr Command kCommands[] = {
    {"run", "run a campaign, or go on with one", runMain},
    {"replay", "run cases again and print what they show", replayMain},
    {"show", "print a case as text or as IR", showMain},
    {"list", "list passes, mutators or oracles", listMain},
    {"worker", "", workerMain},
};

llvm::ArrayRef<Command> tenon::fuzz::commands() { return kCommands; }
