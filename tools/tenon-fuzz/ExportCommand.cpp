//===- ExportCommand.cpp - tenon-fuzz export ------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CaseFile.h"
#include "Commands.h"
#include "FindingOptions.h"

#include "tenon/Fuzz/ExportTest.h"
#include "tenon/Fuzz/RegisterPasses.h"
#include "tenon/InitAll.h"
#include "tenon/Support/OutputFile.h"

#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/CommandLine.h"

#include <set>

using namespace tenon;
using namespace tenon::fuzz;
namespace cl = llvm::cl;

static constexpr llvm::StringLiteral kOverview =
    "Writes a lit test that fails as long as a case shows its finding: the program, its passes as "
    "a\n"
    "command line, data and the expected tensor, for test/Regression. The finding is the one of "
    "the\n"
    ".json beside the case, or else the first that a run shows. Reduce the case first.\n\n"
    "Exit status: 0; 2 after an error.\n";

static std::string exportText(const TextCase &text, const Finding &finding,
                              std::optional<uint64_t> draws) {
  // Its data is drawn by the judge: the case itself is what is replayed.
  std::string detail = finding.detail;
  for (char &c : detail)
    if (c == ':' || c == '\n')
      c = ';';
  return ("// Found by tenon-fuzz: " + llvm::Twine(llvm::StringRef(nameOf(finding.oracle))) + ", " +
          finding.pass + ".\n// " + detail + "\n// RUN: rm -rf %t && split-file %s %t\n" +
          printReplayCommand("%t/case.mlir", draws) + "\n//--- case.mlir\n" + writeTextCase(text))
      .str();
}

/// Those of a genome that tenon-opt has. To be asked before a judge registers passes of its own.
static std::set<std::string, std::less<>> findPassesOfTools(const Genome &genome) {
  registerAllPasses();
  std::set<std::string, std::less<>> known;
  for (const PassStep &pass : genome.passes)
    if (mlir::PassInfo::lookup(pass.name) || mlir::PassPipelineInfo::lookup(pass.name))
      known.insert(pass.name);
  return known;
}

int tenon::fuzz::exportMain(int argc, char **argv) {
  cl::OptionCategory category("tenon-fuzz export options");
  cl::opt<std::string> input(cl::Positional, cl::desc("<case>"), cl::Required, cl::cat(category));
  cl::opt<std::string> output("o", cl::desc("The test (default: standard output)"),
                              cl::value_desc("file"), cl::init("-"), cl::cat(category));
  FindingOptions options(category);
  cl::HideUnrelatedOptions(category);
  if (!readCommandLine(argc, argv, kOverview))
    return kError;
  llvm::Expected<AnyCase> any = readCaseFile(input);
  if (!any)
    return fail(any.takeError());
  std::set<std::string, std::less<>> known;
  if (const Genome *genome = std::get_if<Genome>(&*any))
    known = findPassesOfTools(*genome);
  llvm::Expected<Finding> finding = options.find(input, *any);
  if (!finding)
    return fail(finding.takeError());

  llvm::Expected<std::optional<uint64_t>> draws = drawsBehind(input);
  if (!draws)
    return fail(draws.takeError());

  std::string test;
  if (const Genome *genome = std::get_if<Genome>(&*any)) {
    mlir::DialectRegistry registry;
    registerFuzzDialects(registry);
    mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
    context.loadAllAvailableDialects();
    ExportOptions exportOptions;
    exportOptions.draws = *draws;
    exportOptions.isKnownPass = [&](llvm::StringRef name) {
      return known.contains(std::string_view(name));
    };
    llvm::Expected<std::string> text = exportTest(*genome, *finding, context, exportOptions);
    if (!text)
      return fail(text.takeError());
    test = std::move(*text);
  } else {
    test = exportText(std::get<TextCase>(*any), *finding, *draws);
  }
  if (llvm::Error error =
          writeOutputFile(output, [&](llvm::raw_ostream &stream) { stream << test; }))
    return fail(std::move(error));
  return kNoFindings;
}
