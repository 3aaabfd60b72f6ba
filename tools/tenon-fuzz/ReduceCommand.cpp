//===- ReduceCommand.cpp - tenon-fuzz reduce ------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CaseFile.h"
#include "Commands.h"
#include "FindingOptions.h"

#include "tenon/Fuzz/CampaignReport.h"
#include "tenon/Fuzz/ReduceCase.h"
#include "tenon/Support/OutputFile.h"
#include "tenon/Tools/ToolError.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace tenon;
using namespace tenon::fuzz;
using llvm::StringRef;
namespace cl = llvm::cl;
namespace fs = llvm::sys::fs;

static constexpr llvm::StringLiteral kOverview =
    "Makes a case smaller that shows a finding: fewer passes, nodes, operands, dimensions; "
    "smaller\n"
    "extents; plainer types. The finding is the one of the .json beside the case, or else the "
    "first\n"
    "that a run shows. Of a campaign's directory the smallest case of each cluster is reduced "
    "into\n"
    "reduced/. Elsewhere a .json is written beside the case. IR is reduced by tenon-reduce.\n\n"
    "Exit status: 0; 2 after an error, or where a case does not show its finding.\n";

namespace {
struct ReduceOptions {
  cl::OptionCategory category{"tenon-fuzz reduce options"};
  cl::opt<std::string> input{cl::Positional, cl::desc("<case or directory>"), cl::Required,
                             cl::cat(category)};
  cl::opt<std::string> output{
      "o",
      cl::desc("Where the case goes (default: reduced/ of its campaign, or\n"
               "NAME.reduced.EXTENSION)"),
      cl::value_desc("file"), cl::cat(category)};
  cl::opt<unsigned> executions{"executions", cl::desc("Run at most so many cases (default: 4000)"),
                               cl::init(4000), cl::value_desc("N"), cl::cat(category)};
  FindingOptions finding{category};
};
} // namespace

static bool isFindingOfCampaign(StringRef casePath) {
  return llvm::sys::path::filename(llvm::sys::path::parent_path(casePath)) == "findings";
}

static std::string defaultOutput(StringRef casePath) {
  if (isFindingOfCampaign(casePath))
    return reducedPathOf(casePath);
  StringRef extension = llvm::sys::path::extension(casePath);
  return (casePath.drop_back(extension.size()) + ".reduced" + extension).str();
}

static std::string printCase(const AnyCase &reduced, StringRef file) {
  const Genome *genome = std::get_if<Genome>(&reduced);
  if (!genome)
    return writeTextCase(std::get<TextCase>(reduced));
  // A printed genome stays one.
  if (llvm::sys::path::extension(file) != ".genome")
    return printGenome(*genome);
  std::vector<uint8_t> written = writeGenome(*genome);
  return std::string(written.begin(), written.end());
}

/// Whether a report can lie beside a file: standard output and devices have none.
static bool mayHaveReport(StringRef file) {
  fs::file_status status;
  return file != "-" && file != reportPathOf(file) &&
         (fs::status(file, status) || fs::is_regular_file(status));
}

/// Writes a case, and its report where one is given.
static llvm::Error writeCase(const AnyCase &reduced, StringRef file,
                             const ReportedFinding *report) {
  if (StringRef folder = llvm::sys::path::parent_path(file); !folder.empty())
    if (std::error_code code = fs::create_directories(folder))
      return llvm::createStringError("cannot make '" + folder + "': " + code.message());
  std::vector<OutputFile> files{
      {file.str(), [&](llvm::raw_ostream &stream) { stream << printCase(reduced, file); }}};
  if (report && mayHaveReport(file))
    files.push_back({reportPathOf(file),
                     [&](llvm::raw_ostream &stream) { stream << printReportedFinding(*report); }});
  return writeOutputFiles(files);
}

/// The report of a case that is reduced: its own, or one of what a run has shown.
static llvm::Expected<ReportedFinding> reportOf(StringRef file, const Finding &finding,
                                                const CampaignOptions &campaign, uint64_t draws) {
  auto known = readReportOf(file);
  if (!known)
    return known.takeError();
  ReportedFinding report;
  if (*known) {
    report = std::move(**known);
  } else {
    report.finding = finding;
    report.caseHash = draws;
    report.options = campaign;
  }
  report.draws = draws;
  return report;
}

static llvm::Error reduceFile(const std::string &file, const std::string &output,
                              const ReduceOptions &options) {
  llvm::Expected<AnyCase> start = readCaseFile(file);
  if (!start)
    return start.takeError();
  llvm::Expected<Finding> finding = options.finding.find(file, *start);
  if (!finding)
    return finding.takeError();
  llvm::Expected<std::optional<uint64_t>> behind = drawsBehind(file);
  if (!behind)
    return behind.takeError();
  uint64_t draws = behind->value_or(drawsOf(*start));
  auto judge = options.finding.makeJudge(file, *finding, draws);
  if (!judge)
    return judge.takeError();
  ReduceCaseOptions reduceOptions;
  reduceOptions.executions = options.executions;
  reduceOptions.draws = draws;
  reduceOptions.program = fs::getMainExecutable(nullptr, nullptr);
  llvm::Expected<CampaignOptions> campaign = options.finding.optionsOf(file);
  if (!campaign)
    return campaign.takeError();
  reduceOptions.campaign = *campaign;
  llvm::Expected<ReportedFinding> report = reportOf(file, *finding, *campaign, draws);
  if (!report)
    return report.takeError();
  llvm::Expected<CaseReduction> reduction =
      reduceCase(*start, *finding, judge->judge(), reduceOptions);
  if (!reduction)
    return llvm::createStringError("'" + file + "': " + llvm::toString(reduction.takeError()));
  // A campaign has the report in its findings/.
  bool isInCampaign = isFindingOfCampaign(file) && output == reducedPathOf(file);
  if (llvm::Error error = writeCase(reduction->reduced, output, isInCampaign ? nullptr : &*report))
    return error;
  if (!reduction->note.empty())
    reportToolError("tenon-fuzz", "'" + file + "': " + reduction->note);
  llvm::outs() << output << ": " << reduction->executions << " executions"
               << (reduction->isMinimal ? "" : ", not minimal") << '\n';
  return llvm::Error::success();
}

/// The smallest case of each cluster that has none reduced.
static llvm::Error reduceCampaign(const std::string &directory, const ReduceOptions &options) {
  llvm::Expected<CampaignRecord> campaign = readCampaignRecord(directory);
  if (!campaign)
    return campaign.takeError();
  std::string errors;
  for (const Cluster &cluster : campaign->clusters) {
    const std::string &file = campaign->findings[cluster.members.front()].casePath;
    if (fs::exists(reducedPathOf(file)))
      continue;
    // One that is gone must not keep others from being reduced.
    if (llvm::Error error = reduceFile(file, reducedPathOf(file), options))
      errors += (errors.empty() ? "" : "\n") + llvm::toString(std::move(error));
  }
  return errors.empty() ? llvm::Error::success() : llvm::createStringError(errors);
}

int tenon::fuzz::reduceMain(int argc, char **argv) {
  ReduceOptions options;
  cl::HideUnrelatedOptions(options.category);
  if (!readCommandLine(argc, argv, kOverview))
    return kError;
  llvm::Error error = fs::is_directory(options.input)
                          ? reduceCampaign(options.input, options)
                          : reduceFile(options.input,
                                       options.output.empty() ? defaultOutput(options.input)
                                                              : options.output.getValue(),
                                       options);
  if (!error)
    return kNoFindings;
  return fail(std::move(error));
}
