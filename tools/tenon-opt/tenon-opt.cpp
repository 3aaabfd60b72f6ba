//===- tenon-opt.cpp - Runs passes over IR files ----------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// mlir-opt over Tenon's registration, with three differences: the output is written whole or not
// at all; a diagnostic prints neither the operation that it is about (but for
// --mlir-print-op-on-diagnostic) nor the whole of a long source line, for contractions may have a
// thousand operands; an error in a pipeline's options is one line.
//
//===----------------------------------------------------------------------===//
#include "LongLines.h"

#include "tenon/InitAll.h"
#include "tenon/Support/OutputFile.h"
#include "tenon/Tools/ToolError.h"
#include "tenon/Tools/ToolSwitches.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Process.h"

#include <cstdio>

using namespace mlir;
using llvm::StringRef;

static constexpr char kPrintOpOption[] = "mlir-print-op-on-diagnostic";

static int fail(const llvm::Twine &message) {
  tenon::reportToolError("tenon-opt", message);
  return EXIT_FAILURE;
}

/// The options have no default of their own that a program could set, so it is said before the
/// user's; saying it twice would be an error.
static SmallVector<char *> addDefaults(int argc, char **argv) {
  static char printOp[] = "--mlir-print-op-on-diagnostic=false";
  SmallVector<char *> arguments(argv, argv + argc);
  if (llvm::none_of(arguments, [](StringRef text) { return text.contains(kPrintOpOption); }))
    arguments.insert(arguments.begin() + 1, printOp);
  return arguments;
}

/// Builds the pipeline that the options ask for. A parser of options that has printed what is
/// wrong reports an empty diagnostic after it, and others report lines that are about no place.
static LogicalResult setupPipeline(const MlirOptMainConfig &config, PassManager &manager) {
  ScopedDiagnosticHandler handler(manager.getContext(), [](Diagnostic &diagnostic) {
    std::string text = diagnostic.str();
    if (StringRef line = StringRef(text).trim(); !line.empty())
      fail(line);
    return success();
  });
  return config.setupPassPipeline(manager);
}

static int optimize(StringRef input, StringRef output, DialectRegistry &registry) {
  MlirOptMainConfig parsed = MlirOptMainConfig::createFromCLOptions(), config = parsed;
  config.setPassPipelineSetupFn(
      [&](PassManager &manager) { return setupPipeline(parsed, manager); });
  if (input == "-" && llvm::sys::Process::FileDescriptorIsDisplayed(fileno(stdin)))
    llvm::errs() << "(reads standard input; end it with Ctrl-D, or stop with Ctrl-C)\n";
  std::string message;
  std::unique_ptr<llvm::MemoryBuffer> buffer = openInputFile(input, &message);
  if (!buffer)
    return fail(message);
  // The test of expected diagnostics has a handler of its own.
  if (!config.shouldVerifyDiagnostics())
    tenon::shortenLongLines(registry, *buffer);
  std::unique_ptr<llvm::MemoryBuffer> own =
      llvm::MemoryBuffer::getMemBuffer(*buffer, /*RequiresNullTerminator=*/false);
  // Kept until the end: what a failed pass leaves is no output.
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (failed(MlirOptMain(stream, std::move(own), registry, config)))
    return EXIT_FAILURE;
  llvm::Error error =
      tenon::writeOutputFile(output, [&](llvm::raw_ostream &file) { file << text; });
  return error ? fail(llvm::toString(std::move(error))) : EXIT_SUCCESS;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  DialectRegistry registry;
  tenon::registerAllDialects(registry);
  tenon::registerAllPasses();
  tenon::ToolSwitches switches;
  SmallVector<char *> arguments = addDefaults(argc, argv);
  auto [input, output] = registerAndParseCLIOptions(
      static_cast<int>(arguments.size()), arguments.data(), "Tenon optimizer\n", registry);
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  if (config.shouldShowDialects() || config.shouldListPasses())
    return asMainReturnCode(MlirOptMain(argc, argv, input, output, registry));
  return optimize(input, output, registry);
}
