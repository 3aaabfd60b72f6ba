//===- WorkerCommand.cpp - tenon-fuzz worker ------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Commands.h"
#include "JudgeStreams.h"

using namespace tenon::fuzz;

int tenon::fuzz::workerMain(int argc, char **argv) {
  return runWorker(std::vector<std::string>(argv + 1, argv + argc), makeJudgeStream);
}
