//===- FindingOptions.cpp - Which finding a case is to show ---------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "FindingOptions.h"

#include "CaseFile.h"

#include "tenon/Fuzz/Clusters.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace tenon::fuzz;
namespace cl = llvm::cl;

llvm::Expected<PatternJudge> PatternJudge::create(JudgeOptions options,
                                                  const IsolationLimits &limits, bool listens) {
  PatternJudge made;
  if (listens) {
    made.patterns = makePatternFeedback();
    PatternFeedback *patterns = made.patterns.get();
    options.onContext = [patterns](mlir::MLIRContext &context) { patterns->install(context); };
    options.takeLastPattern = [patterns] { return patterns->takeLastPattern(); };
  }
  auto isolated = IsolatedJudge::create(std::move(options), limits);
  if (!isolated)
    return isolated.takeError();
  made.isolated = std::move(*isolated);
  return made;
}

FindingOptions::FindingOptions(cl::OptionCategory &category)
    : oracles("oracles",
              cl::desc("Where there is no report: oracles to run the case past (default: all)"),
              cl::value_desc("list"), cl::cat(category)),
      noGuards("no-guards",
               cl::desc("Where there is no report: use passes of known defects of MLIR"),
               cl::cat(category)),
      timeout("timeout",
              cl::desc("A case that takes longer hangs (default: that of the campaign, or 10)"),
              cl::value_desc("seconds"), cl::init(0), cl::cat(category)) {}

llvm::Expected<std::optional<uint64_t>> tenon::fuzz::drawsBehind(llvm::StringRef casePath) {
  namespace path = llvm::sys::path;
  auto report = readReportOf(casePath);
  if (!report)
    return report.takeError();
  if (*report && (*report)->draws)
    return (*report)->draws;
  if (path::filename(path::parent_path(casePath)) != "reduced")
    return std::nullopt;
  llvm::SmallString<128> origin = path::parent_path(path::parent_path(casePath));
  path::append(origin, "findings", path::filename(casePath));
  if (!llvm::sys::fs::exists(origin))
    return std::nullopt;
  llvm::Expected<AnyCase> any = readCaseFile(origin);
  if (!any)
    return any.takeError();
  return drawsOf(*any);
}

Outcome tenon::fuzz::judgeCase(IsolatedJudge &judge, const AnyCase &any) {
  if (const Genome *genome = std::get_if<Genome>(&any))
    return judge.run(*genome);
  const TextCase &text = std::get<TextCase>(any);
  return judge.run(text.module, text.passes, text.dataSeed);
}

llvm::Expected<CampaignOptions> FindingOptions::optionsOf(llvm::StringRef casePath) const {
  auto report = readReportOf(casePath);
  if (!report)
    return report.takeError();
  CampaignOptions options;
  if (*report)
    options = (*report)->options;
  else
    options.guards = !noGuards;
  if (!*report && !oracles.empty()) {
    llvm::Expected<Oracles> parsed = parseOracles(oracles);
    if (!parsed)
      return llvm::createStringError("--oracles: " + llvm::toString(parsed.takeError()));
    options.oracles = *parsed;
  }
  if (timeout > 0)
    options.timeout = timeout;
  return options;
}

llvm::Expected<PatternJudge>
FindingOptions::makeJudge(llvm::StringRef casePath,
                          llvm::function_ref<void(JudgeOptions &)> narrow) const {
  llvm::Expected<CampaignOptions> campaign = optionsOf(casePath);
  if (!campaign)
    return campaign.takeError();
  JudgeOptions options;
  options.guards = campaign->guards;
  options.oracles = campaign->oracles;
  options.nativeShare = 1;
  IsolationLimits limits;
  limits.memory = campaign->memory;
  limits.time = std::chrono::milliseconds(static_cast<int64_t>(campaign->timeout * 1000));
  narrow(options);
  bool listens = (campaign->feedback | campaign->observe) >> unsigned(FeedbackKind::Patterns) & 1;
  return PatternJudge::create(std::move(options), limits, listens);
}

llvm::Expected<PatternJudge> FindingOptions::makeJudge(llvm::StringRef casePath) const {
  return makeJudge(casePath, [](JudgeOptions &) {});
}

llvm::Expected<PatternJudge>
FindingOptions::makeJudge(llvm::StringRef casePath, const Finding &finding, uint64_t draws) const {
  return makeJudge(casePath, [&](JudgeOptions &options) {
    narrowTo(finding, options);
    options.draws = draws;
  });
}

llvm::Expected<Finding> FindingOptions::find(llvm::StringRef casePath, const AnyCase &any) const {
  auto report = readReportOf(casePath);
  if (!report)
    return report.takeError();
  if (*report)
    return (*report)->finding;
  auto judge = makeJudge(casePath);
  if (!judge)
    return judge.takeError();
  Outcome outcome = judgeCase(judge->judge(), any);
  if (!outcome.problem.empty())
    return llvm::createStringError("'" + casePath + "': " + outcome.problem);
  if (outcome.findings.empty())
    return llvm::createStringError("'" + casePath + "' shows no finding");
  return outcome.findings.front();
}
