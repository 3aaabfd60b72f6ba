//===- PlanCommand.cpp - What tenon-plan does -----------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "PlanCommand.h"

#include "Report.h"
#include "ReportJson.h"
#include "Search.h"

#include "tenon/Planner/Path.h"
#include "tenon/Support/OutputFile.h"
#include "tenon/Tools/CommandLine.h"
#include "tenon/Tools/Interruption.h"
#include "tenon/Tools/ModuleFile.h"
#include "tenon/Tools/ToolError.h"
#include "tenon/Tools/ToolSwitches.h"

#include "mlir/IR/MLIRContext.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::plan;
using Clock = std::chrono::steady_clock;

static constexpr llvm::StringLiteral kTool = "tenon-plan";

/// Importers print their errors with place, line and caret; others get the tool's name.
static void report(llvm::Error error, bool isImport) {
  if (isImport)
    llvm::errs() << llvm::toString(std::move(error)) << '\n';
  else
    reportToolError(kTool, llvm::toString(std::move(error)));
}

/// Puts the plans on the contractions, where tn-plan follows them.
static void writePlansInto(ArrayRef<PlannedContraction> contractions) {
  for (const PlannedContraction &contraction : contractions) {
    tn::ContractOp op = contraction.op;
    Builder builder(op.getContext());
    SmallVector<int64_t> path, sliced;
    for (const planner::Step &step : contraction.plan.tree.steps())
      path.append({int64_t(step.lhs), int64_t(step.rhs)});
    sliced.assign(contraction.plan.sliced.begin(), contraction.plan.sliced.end());
    op->setAttr("tn.path", builder.getDenseI64ArrayAttr(path));
    if (sliced.empty())
      op->removeAttr("tn.sliced");
    else
      op->setAttr("tn.sliced", builder.getDenseI64ArrayAttr(sliced));
  }
}

static void print(const PlanRequest &request, ModuleOp module, const PlannedFunction &function,
                  raw_ostream &os) {
  ArrayRef<PlannedContraction> contractions = function.contractions;
  switch (request.emit) {
  case Emit::Report:
    return printReport(function, request.top, os);
  case Emit::Json:
    return printJson(function, request, os);
  case Emit::Path:
  case Emit::SsaPath:
    for (const PlannedContraction &contraction : contractions) {
      const planner::ContractionTree &tree = contraction.plan.tree;
      os << makePathJson(request.emit == Emit::Path ? planner::toLinearPath(tree)
                                                    : planner::toSsaPath(tree))
         << '\n';
    }
    return;
  case Emit::EdgePath:
    for (const PlannedContraction &contraction : contractions)
      os << makeEdgePathJson(contraction) << '\n';
    return;
  case Emit::Mlir:
    writePlansInto(contractions);
    module.print(os);
  }
}

static llvm::Error planModule(const PlanRequest &request, ModuleOp module,
                              Clock::time_point start) {
  llvm::Expected<func::FuncOp> function = findNetworkEntry(module, request.entry);
  if (!function)
    return function.takeError();
  std::atomic<bool> stop = false;
  auto planned = [&] {
    SearchInterruption interruption(stop);
    return planContractions(*function, request, start, stop);
  }();
  if (!planned)
    return planned.takeError();
  if (stop)
    llvm::errs() << kTool << ": interrupted; this is the best so far\n";
  return writeOutputFile(request.output,
                         [&](raw_ostream &os) { print(request, module, *planned, os); });
}

int plan::planMain(int argc, char **argv, const DialectRegistry &registry) {
  Clock::time_point start = Clock::now();
  removeLibraryOptions();
  PlanOptions options;
  ToolSwitches switches;
  llvm::Expected<PlanRequest> request = options.parse(argc, argv);
  if (!request) {
    report(request.takeError(), /*isImport=*/false);
    return 1;
  }
  installInterruption(kTool);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  llvm::Expected<OwningOpRef<ModuleOp>> module =
      request->import ? readAndImport(*request->import, kTool, context)
                      : readModule(request->input, context);
  if (!module) {
    report(module.takeError(), request->import.has_value());
    return 1;
  }
  if (llvm::Error error = planModule(*request, **module, start)) {
    report(std::move(error), /*isImport=*/false);
    return 1;
  }
  return 0;
}
