//===- ReportCommand.cpp - tenon-fuzz report ------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CaseFile.h"
#include "Commands.h"

#include "tenon/Fuzz/CampaignReport.h"
#include "tenon/Fuzz/Program.h"
#include "tenon/Fuzz/RegisterPasses.h"
#include "tenon/Support/OutputFile.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Path.h"

using namespace tenon;
using namespace tenon::fuzz;
namespace cl = llvm::cl;

static constexpr llvm::StringLiteral kOverview =
    "Writes a campaign's report in Markdown: totals, findings put together by signature, the\n"
    "smallest case of each (reduced, after 'tenon-fuzz reduce DIRECTORY'), coverage over time.\n\n"
    "Exit status: 0; 2 after an error.\n";

/// The genome, and the program that it means.
static llvm::Expected<std::string> printCase(llvm::StringRef file, mlir::MLIRContext &context) {
  llvm::Expected<AnyCase> any = readCaseFile(file);
  if (!any)
    return any.takeError();
  if (const TextCase *text = std::get_if<TextCase>(&*any))
    return writeTextCase(*text);
  const Genome &genome = std::get<Genome>(*any);
  std::string text = printGenome(genome);
  llvm::raw_string_ostream stream(text);
  auto module = buildModule(genome, context);
  if (module)
    stream << '\n' << **module;
  else
    stream << "\nno module: " << llvm::toString(module.takeError()) << '\n';
  return text;
}

int tenon::fuzz::reportMain(int argc, char **argv) {
  cl::OptionCategory category("tenon-fuzz report options");
  cl::opt<std::string> directory(cl::Positional, cl::desc("<directory>"), cl::Required,
                                 cl::cat(category));
  cl::opt<std::string> output("o", cl::desc("The report (default: report.md in the directory)"),
                              cl::value_desc("file"), cl::cat(category));
  cl::HideUnrelatedOptions(category);
  if (!readCommandLine(argc, argv, kOverview))
    return kError;
  llvm::Expected<CampaignRecord> campaign = readCampaignRecord(directory);
  if (!campaign)
    return fail(campaign.takeError());
  mlir::DialectRegistry registry;
  registerFuzzDialects(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  llvm::SmallString<128> file(output.empty() ? directory.getValue() : output.getValue());
  if (output.empty())
    llvm::sys::path::append(file, "report.md");
  llvm::Error error = writeOutputFile(file, [&](llvm::raw_ostream &stream) {
    printReport(
        *campaign, [&](llvm::StringRef path) { return printCase(path, context); }, stream);
  });
  if (!error)
    return kNoFindings;
  return fail(std::move(error));
}
