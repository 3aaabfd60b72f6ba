//===- CalibrateCommand.cpp - What tenon-calibrate does -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CalibrateCommand.h"

#include "CalibrateOptions.h"
#include "Check.h"
#include "CheckNetworks.h"

#include "tenon/Support/OutputFile.h"
#include "tenon/Tools/CommandLine.h"
#include "tenon/Tools/Interruption.h"
#include "tenon/Tools/ToolError.h"
#include "tenon/Tools/ToolSwitches.h"

#include "mlir/IR/MLIRContext.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::calibrate;

static llvm::Error run(const CalibrateRequest &request, MLIRContext &context) {
  StatusLine status(request.progress);
  if (!request.check.empty()) {
    planner::Result<planner::TimeTable> table = planner::TimeTable::load(request.check);
    if (!table)
      return llvm::createStringError(table.error());
    if (!request.networks.empty())
      return checkNetworks(context, request, status, llvm::outs());
    return checkTable(context, *table, request, status, llvm::outs());
  }
  // Measuring takes minutes.
  if (llvm::Error error = checkOutputFile(request.output))
    return error;
  llvm::Expected<planner::TimeTable> table = calibrate::calibrate(context, request, status);
  status.clear();
  if (!table)
    return table.takeError();
  return writeOutputFile(request.output, [&](raw_ostream &os) { os << table->print(); });
}

int calibrate::calibrateMain(int argc, char **argv, const DialectRegistry &registry) {
  removeLibraryOptions();
  CalibrateOptions options;
  ToolSwitches switches;
  llvm::Expected<CalibrateRequest> request = options.parse(argc, argv);
  llvm::Error error = llvm::Error::success();
  if (request) {
    installInterruption("tenon-calibrate");
    MLIRContext context(registry);
    error = run(*request, context);
  } else {
    error = request.takeError();
  }
  if (!error)
    return 0;
  reportToolError("tenon-calibrate", llvm::toString(std::move(error)));
  return 1;
}
