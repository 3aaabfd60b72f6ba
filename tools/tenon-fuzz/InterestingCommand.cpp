//===- InterestingCommand.cpp - tenon-fuzz interesting --------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// What tenon-reduce asks about each piece of IR that it makes: internal.
//
//===----------------------------------------------------------------------===//
#include "CaseFile.h"
#include "Commands.h"
#include "FindingOptions.h"

#include "tenon/Tools/ToolError.h"

#include "llvm/Support/CommandLine.h"

using namespace tenon;
using namespace tenon::fuzz;
namespace cl = llvm::cl;

/// As tenon-reduce reads statuses. What cannot be told is not interesting.
static constexpr int kInteresting = 1, kNotInteresting = 0;

int tenon::fuzz::interestingMain(int argc, char **argv) {
  cl::OptionCategory category("tenon-fuzz interesting options");
  cl::opt<std::string> original(cl::Positional, cl::desc("<case with a report>"), cl::Required,
                                cl::cat(category));
  cl::opt<std::string> candidate(cl::Positional, cl::desc("<IR>"), cl::Required, cl::cat(category));
  cl::opt<uint64_t> draws("draws", cl::desc("Of the case that reduction began with"),
                          cl::value_desc("N"), cl::Required, cl::cat(category));
  FindingOptions options(category);
  cl::HideUnrelatedOptions(category);
  if (!readCommandLine(argc, argv))
    return kNotInteresting;
  auto any = readCaseFile(original), smaller = readCaseFile(candidate);
  if (!any || !smaller || !std::holds_alternative<TextCase>(*any) ||
      !std::holds_alternative<TextCase>(*smaller)) {
    if (!any)
      llvm::consumeError(any.takeError());
    if (!smaller)
      llvm::consumeError(smaller.takeError());
    return kNotInteresting;
  }
  auto finding = options.find(original, *any);
  if (!finding) {
    reportToolError("tenon-fuzz", llvm::toString(finding.takeError()));
    return kNotInteresting;
  }
  auto judge = options.makeJudge(original, *finding, draws);
  if (!judge) {
    reportToolError("tenon-fuzz", llvm::toString(judge.takeError()));
    return kNotInteresting;
  }
  TextCase text = std::get<TextCase>(*any);
  text.module = std::get<TextCase>(*smaller).module;
  return showsFinding(judgeCase(judge->judge(), text), *finding) ? kInteresting : kNotInteresting;
}
