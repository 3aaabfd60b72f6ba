//===- ReduceCase.cpp - Makes a case smaller that shows a finding ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/ReduceCase.h"

#include "tenon/Fuzz/FindingFiles.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>

using namespace tenon::fuzz;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

/// The reducer's own limit: it has none.
static constexpr unsigned kReducerSeconds = 600;

uint64_t tenon::fuzz::drawsOf(const AnyCase &any) {
  if (const Genome *genome = std::get_if<Genome>(&any))
    return Judge::hashOf(*genome);
  const TextCase &text = std::get<TextCase>(any);
  return Judge::hashOf(text.module, text.passes, text.dataSeed);
}

void tenon::fuzz::narrowTo(const Finding &finding, JudgeOptions &options) {
  switch (finding.oracle) {
  case Oracle::Crash:
  case Oracle::Hang:
  case Oracle::Memory:
    // Any phase may have been the last; the case's hash, which reduction changes, must not decide
    // whether it comes.
    options.nativeShare = 1;
    return;
  case Oracle::Native:
  case Oracle::Pipelines:
  case Oracle::Metamorphic:
    options.nativeShare = 1;
    break;
  default:
    options.nativeShare = 0;
  }
  options.oracles = oracleBit(finding.oracle) | oracleBit(Oracle::Verifier);
}

static std::string quote(llvm::StringRef word) {
  std::string quoted = "'";
  for (char c : word)
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

static std::error_code write(llvm::StringRef file, llvm::StringRef text) {
  std::error_code code;
  llvm::raw_fd_ostream stream(file, code);
  if (!code) {
    stream << text;
    stream.close();
    code = stream.error();
    stream.clear_error();
  }
  return code;
}

namespace {
/// IR whose passes are few, made smaller by the reducer of the MLIR project, which takes away
/// operations and regions.
class TextReducer {
public:
  TextReducer(const ReduceCaseOptions &options, const Finding &finding)
      : options(options), finding(finding) {}

  /// Changes `text`; returns why it did not.
  std::string run(TextCase &text);

private:
  std::string findReducer() const;

  const ReduceCaseOptions &options;
  const Finding &finding;
};
} // namespace

std::string TextReducer::findReducer() const {
  if (!options.reducer.empty())
    return fs::can_execute(options.reducer) ? options.reducer : "";
  std::string self = fs::getMainExecutable(nullptr, nullptr);
  llvm::SmallString<128> beside = path::parent_path(self);
  path::append(beside, "tenon-reduce");
  if (fs::can_execute(beside))
    return beside.str().str();
  auto found = llvm::sys::findProgramByName("tenon-reduce");
  return found ? *found : "";
}

std::string TextReducer::run(TextCase &text) {
  std::string reducer = findReducer();
  if (reducer.empty())
    return "tenon-reduce is missing (expected beside tenon-fuzz or on the PATH): the operations "
           "are not reduced";
  llvm::SmallString<128> directory;
  if (std::error_code code = fs::createUniqueDirectory("tenon-fuzz-reduce", directory))
    return "no folder for tenon-reduce: " + code.message();
  auto cleanUp = llvm::make_scope_exit([&] { fs::remove_directories(directory); });
  std::string original = (directory + "/case.mlir").str(),
              report = (directory + "/case.json").str(), input = (directory + "/ir.mlir").str(),
              output = (directory + "/out.mlir").str(),
              script = (directory + "/interesting.sh").str(),
              errors = (directory + "/errors").str();
  ReportedFinding reported;
  reported.finding = finding;
  reported.options = options.campaign;
  std::error_code code = write(original, writeTextCase(text));
  if (!code)
    code = write(report, printReportedFinding(reported));
  if (!code)
    code = write(input, text.module);
  if (!code)
    code = write(script, "#!/bin/sh\nexec " + quote(options.program) + " interesting --draws=" +
                             std::to_string(options.draws) + " " + quote(original) + " \"$1\"\n");
  if (!code)
    code = fs::setPermissions(script, fs::all_read | fs::all_exe | fs::owner_write);
  if (code)
    return "cannot write for tenon-reduce: " + code.message();
  std::string tree = "-reduction-tree=traversal-mode=0 test=" + script;
  std::optional<llvm::StringRef> redirects[] = {llvm::StringRef(), llvm::StringRef(),
                                                llvm::StringRef(errors)};
  std::string message;
  int status = llvm::sys::ExecuteAndWait(reducer, {reducer, input, tree, "-o", output},
                                         std::nullopt, redirects, kReducerSeconds, 0, &message);
  auto reduced = llvm::MemoryBuffer::getFile(output);
  if (status != 0 || !reduced) {
    auto said = llvm::MemoryBuffer::getFile(errors);
    return "tenon-reduce failed: " +
           (!message.empty() ? message
                             : (said ? (*said)->getBuffer().take_front(500).str() : std::string()));
  }
  if ((*reduced)->getBufferSize() < text.module.size())
    text.module = (*reduced)->getBuffer().str();
  return "";
}

/// Leaves out passes, halves first.
template <typename Shows>
static uint64_t reducePasses(TextCase &text, uint64_t limit, const Shows &shows) {
  uint64_t executions = 0;
  for (size_t width = text.passes.size(); width > 0; width /= 2)
    for (size_t begin = 0; begin < text.passes.size() && executions < limit;) {
      TextCase candidate = text;
      auto first = candidate.passes.begin() + static_cast<ptrdiff_t>(begin);
      auto last = first + static_cast<ptrdiff_t>(std::min(width, text.passes.size() - begin));
      candidate.passes.erase(first, last);
      ++executions;
      if (shows(candidate))
        text = std::move(candidate);
      else
        begin += width;
    }
  return executions;
}

static llvm::Error notShown(const Finding &finding) {
  return llvm::createStringError("the case does not show the finding '" + finding.signature +
                                 "' any more");
}

static llvm::Expected<CaseReduction> reduce(const Genome &start, const Finding &finding,
                                            IsolatedJudge &judge,
                                            const ReduceCaseOptions &options) {
  Reduction reduction = reduceGenome(
      start, [&](const Genome &genome) { return showsFinding(judge.run(genome), finding); },
      {options.executions, {}});
  if (!reduction.isReproduced)
    return notShown(finding);
  return CaseReduction{std::move(reduction.genome), reduction.executions, reduction.isMinimal, ""};
}

static llvm::Expected<CaseReduction> reduce(const TextCase &start, const Finding &finding,
                                            IsolatedJudge &judge,
                                            const ReduceCaseOptions &options) {
  auto shows = [&](const TextCase &text) {
    return showsFinding(judge.run(text.module, text.passes, text.dataSeed), finding);
  };
  if (!shows(start))
    return notShown(finding);
  TextCase text = start;
  CaseReduction result;
  result.executions = 1 + reducePasses(text, options.executions, shows);
  TextCase smaller = text;
  result.note = TextReducer(options, finding).run(smaller);
  // The reducer prints IR anew, and not every reader of it reads the same.
  result.isMinimal = result.note.empty() && shows(smaller);
  result.reduced = result.isMinimal ? std::move(smaller) : std::move(text);
  return result;
}

llvm::Expected<CaseReduction> tenon::fuzz::reduceCase(const AnyCase &start, const Finding &finding,
                                                      IsolatedJudge &judge,
                                                      const ReduceCaseOptions &options) {
  return std::visit([&](const auto &each) { return reduce(each, finding, judge, options); }, start);
}
