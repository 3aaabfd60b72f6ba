//===- ReplayCommand.cpp - tenon-fuzz replay ------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Commands.h"
#include "FindingOptions.h"
#include "ShownCase.h"

#include "tenon/Fuzz/CampaignOptions.h"
#include "tenon/Fuzz/IsolatedJudge.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace tenon;
using namespace tenon::fuzz;
using llvm::StringRef;
namespace cl = llvm::cl;

/// Prints one case and what it shows; whether it shows a fault.
static llvm::Expected<bool> replay(JudgeOptions options, const IsolationLimits &limits,
                                   StringRef path, bool isBrief) {
  llvm::Expected<AnyCase> file = readCaseFile(path);
  if (!file)
    return file.takeError();
  llvm::outs() << path << ":\n";
  if (!isBrief) {
    if (llvm::Error error = printIr(*file, llvm::outs()))
      return std::move(error);
    llvm::outs() << "passes: " << printPasses(*file) << '\n';
  }
  llvm::outs().flush();
  if (!options.draws) {
    llvm::Expected<std::optional<uint64_t>> draws = drawsBehind(path);
    if (!draws)
      return draws.takeError();
    options.draws = *draws;
  }
  llvm::Expected<std::unique_ptr<IsolatedJudge>> judge =
      IsolatedJudge::create(std::move(options), limits);
  if (!judge)
    return judge.takeError();
  Outcome outcome = judgeCase(**judge, *file);
  if (!outcome.problem.empty())
    return llvm::createStringError("'" + path + "': " + outcome.problem);
  llvm::outs() << outcome.passesRun << " passes run, " << outcome.refused << " refused; "
               << outcome.conclusive << " comparisons conclusive, " << outcome.inconclusive
               << " not\n";
  for (const Finding &finding : outcome.findings)
    llvm::outs() << "finding: " << nameOf(finding.oracle) << (finding.pass.empty() ? "" : " at ")
                 << finding.pass << "\n  " << finding.detail
                 << "\n  signature: " << finding.signature << '\n';
  if (outcome.findings.empty())
    llvm::outs() << "no findings\n";
  return !outcome.findings.empty();
}

int tenon::fuzz::replayMain(int argc, char **argv) {
  cl::OptionCategory category("tenon-fuzz replay options");
  cl::list<std::string> files(cl::Positional, cl::desc("<file>..."), cl::OneOrMore,
                              cl::cat(category));
  cl::opt<std::string> oracles("oracles",
                               cl::desc("Oracles to run cases past, with commas (default: all)"),
                               cl::value_desc("list"), cl::init("all"), cl::cat(category));
  cl::opt<double> timeout("timeout", cl::desc("Time of a case on the clock (default: 60)"),
                          cl::value_desc("seconds"), cl::init(60), cl::cat(category));
  cl::opt<bool> noGuards("no-guards", cl::desc("As in the campaign that found the case"),
                         cl::cat(category));
  cl::opt<uint64_t> draws(
      "draws",
      cl::desc("Decides what is only done for some cases (default: what it was\n"
               "for the case that this one was reduced from)"),
      cl::value_desc("N"), cl::cat(category));
  cl::opt<bool> brief("brief", cl::desc("Print neither IR nor passes"), cl::cat(category));
  cl::HideUnrelatedOptions(category);
  if (!readCommandLine(
          argc, argv,
          "Runs cases again, each in a process of its own, past every oracle, machine code "
          "included,\n"
          "and prints what they show. A case is a .genome, a printed genome or an .mlir file.\n\n"
          "Exit status: 0; 1 where a case has a finding; 2 after an error.\n"))
    return kError;
  JudgeOptions options;
  llvm::Expected<Oracles> chosen = parseOracles(oracles);
  if (!chosen)
    return fail(llvm::createStringError("--oracles: " + llvm::toString(chosen.takeError())));
  if (!std::isfinite(timeout) || timeout < 0.1 || timeout > 86400)
    return fail(llvm::createStringError("--timeout: expected seconds, from 0.1 to a day"));
  options.oracles = *chosen;
  options.guards = !noGuards;
  options.nativeShare = 1;
  if (draws.getNumOccurrences() > 0)
    options.draws = draws.getValue();
  IsolationLimits limits;
  limits.time = std::chrono::milliseconds(int64_t(timeout * 1000));
  int status = kNoFindings;
  for (const std::string &path : files) {
    llvm::Expected<bool> found = replay(options, limits, path, brief);
    if (!found)
      status = fail(found.takeError());
    else if (*found && status == kNoFindings)
      status = kHasFindings;
  }
  return status;
}
