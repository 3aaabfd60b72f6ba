//===- IsolatedJudge.cpp - Judges cases that may crash --------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/IsolatedJudge.h"

#include "FaultHandler.h"
#include "LastWords.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace tenon::fuzz;
namespace fs = llvm::sys::fs;
namespace json = llvm::json;

struct IsolatedJudge::State {
  State(JudgeOptions options, IsolationLimits limits, std::unique_ptr<Journal> made)
      : limits(std::move(limits)), journal(std::move(made)) {
    options.onPhase = [this](std::string_view phase) { journal->setPhase(phase); };
    judge = std::make_unique<Judge>(std::move(options));
  }
  ~State() { fs::remove(limits.log); }

  IsolationLimits limits;
  std::unique_ptr<Journal> journal;
  std::unique_ptr<Judge> judge;
  Coroner coroner;
};

IsolatedJudge::IsolatedJudge(std::unique_ptr<State> state) : state(std::move(state)) {}
IsolatedJudge::~IsolatedJudge() = default;

llvm::Expected<std::unique_ptr<IsolatedJudge>> IsolatedJudge::create(JudgeOptions options,
                                                                     IsolationLimits limits) {
  llvm::SmallString<128> journalPath, logPath;
  std::error_code code = fs::createTemporaryFile("tenon-fuzz", "journal", journalPath);
  if (!code)
    code = fs::createTemporaryFile("tenon-fuzz", "log", logPath);
  std::unique_ptr<Journal> journal;
  if (!code)
    journal = Journal::create(journalPath.str().str(), code);
  // Mapped, it needs no name.
  fs::remove(journalPath);
  if (!journal)
    return llvm::createStringError("no room for a journal in the folder of temporary files: " +
                                   code.message());
  limits.log = logPath.str().str();
  return std::unique_ptr<IsolatedJudge>(new IsolatedJudge(
      std::make_unique<State>(std::move(options), std::move(limits), std::move(journal))));
}

static std::string encode(const Outcome &outcome) {
  json::Array findings;
  for (const Finding &finding : outcome.findings)
    findings.push_back(json::Array{static_cast<int64_t>(finding.oracle),
                                   json::fixUTF8(finding.pass), json::fixUTF8(finding.detail),
                                   json::fixUTF8(finding.signature)});
  return llvm::formatv(
      "{0}",
      json::Value(json::Array{std::move(findings), outcome.conclusive, outcome.inconclusive,
                              outcome.refused, outcome.passesRun, json::fixUTF8(outcome.problem)}));
}

static Outcome decode(llvm::StringRef text) {
  Outcome outcome;
  llvm::Expected<json::Value> value = json::parse(text);
  if (!value) {
    outcome.problem =
        "the process of the case ended without its outcome: " + llvm::toString(value.takeError());
    return outcome;
  }
  const json::Array &fields = *value->getAsArray();
  for (const json::Value &each : *fields[0].getAsArray()) {
    const json::Array &finding = *each.getAsArray();
    outcome.findings.push_back({static_cast<Oracle>(*finding[0].getAsInteger()),
                                finding[1].getAsString()->str(), finding[2].getAsString()->str(),
                                finding[3].getAsString()->str()});
  }
  auto count = [&](size_t field) { return static_cast<uint32_t>(*fields[field].getAsInteger()); };
  outcome.conclusive = count(1);
  outcome.inconclusive = count(2);
  outcome.refused = count(3);
  outcome.passesRun = count(4);
  outcome.problem = fields[5].getAsString()->str();
  return outcome;
}

Outcome IsolatedJudge::isolate(const std::function<Outcome(Judge &)> &work) {
  state->journal->clear();
  IsolatedRun run = runIsolated(
      [&] {
        installFaultHandler(*state->journal);
        return encode(work(*state->judge));
      },
      state->limits);
  Outcome outcome;
  WorkerEnd end;
  end.signal = run.signal;
  end.status = run.status;
  switch (run.end) {
  case IsolationEnd::Finished:
    return decode(run.output);
  case IsolationEnd::Crashed:
    end.oracle = Oracle::Crash;
    break;
  case IsolationEnd::TimedOut:
    end.oracle = Oracle::Hang;
    break;
  case IsolationEnd::OutOfMemory:
    end.oracle = Oracle::Memory;
    break;
  case IsolationEnd::NotStarted:
    outcome.problem = run.output;
    return outcome;
  }
  outcome.findings.push_back(
      state->coroner.examine(*state->journal, state->limits.log, end).finding);
  return outcome;
}

Outcome IsolatedJudge::run(const Genome &genome) {
  return isolate([&](Judge &judge) { return judge.run(genome); });
}

Outcome IsolatedJudge::run(std::string_view mlirText, const std::vector<PassStep> &passes,
                           uint64_t dataSeed) {
  return isolate([&](Judge &judge) { return judge.run(mlirText, passes, dataSeed); });
}

/// "stage | tn-fuse | pattern", without what reduction makes plainer: types, and the operations
/// that the pass changes.
static llvm::StringRef faultOf(llvm::StringRef signature) {
  size_t end = 0;
  for (unsigned part = 0; part < 3 && end != llvm::StringRef::npos; ++part)
    end = signature.find(" | ", end + (part > 0));
  return signature.take_front(end);
}

/// Reduction makes round trips after every pass, a campaign after one: what is wrong after that one
/// may be so before. Then it is the same fault if the same is said of the text.
static bool isSameRoundTrip(const Finding &one, const Finding &other) {
  auto saidOf = [](const Finding &finding) {
    return llvm::StringRef(finding.detail).split(':').first;
  };
  return one.oracle == Oracle::RoundTrip && other.oracle == Oracle::RoundTrip &&
         saidOf(one) == saidOf(other);
}

bool tenon::fuzz::showsFinding(const Outcome &outcome, const Finding &finding) {
  for (const Finding &other : outcome.findings)
    if (isSameRoundTrip(other, finding) ||
        (other.oracle == finding.oracle && other.pass == finding.pass &&
         faultOf(other.signature) == faultOf(finding.signature)))
      return true;
  return false;
}
