//===- tenon-reduce.cpp - Makes IR smaller that shows a fault -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// mlir-reduce over Tenon's registration, with two differences: the output is written whole or not
// at all, and diagnostics are lines of the form file:line:column, without the operation that they
// are about, which may be a page long.
//
//===----------------------------------------------------------------------===//
#include "tenon/InitAll.h"
#include "tenon/Support/OutputFile.h"
#include "tenon/Tools/ToolError.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/Location.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Tools/mlir-reduce/MlirReduceMain.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Signals.h"

#include <cstdlib>

using namespace mlir;

/// Where the reducer writes. Removed when the process ends, however it does.
static llvm::SmallString<128> temporary;

/// Puts `temporary` in the place of the output that the arguments name; returns that one.
static std::string redirectOutput(SmallVectorImpl<std::string> &arguments) {
  std::string output = "-";
  for (size_t i = 1; i < arguments.size(); ++i) {
    StringRef text = arguments[i];
    if (!text.consume_front("-"))
      continue;
    text.consume_front("-");
    if (text.consume_front("o=")) {
      output = text.str();
      arguments[i] = ("-o=" + temporary).str();
    } else if (text == "o" && i + 1 < arguments.size()) {
      output = arguments[++i];
      arguments[i] = temporary.str();
    }
  }
  if (output == "-")
    arguments.push_back(("-o=" + temporary).str());
  return output;
}

static void print(const Diagnostic &diagnostic, StringRef kind) {
  if (auto file = diagnostic.getLocation()->findInstanceOf<FileLineColLoc>())
    llvm::errs() << file.getFilename().strref() << ':' << file.getLine() << ':' << file.getColumn()
                 << ": ";
  llvm::errs() << kind << ": " << diagnostic.str() << '\n';
}

static LogicalResult handle(Diagnostic &diagnostic) {
  if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
    return failure();
  print(diagnostic, "error");
  for (const Diagnostic &note : diagnostic.getNotes())
    print(note, "note");
  return success();
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  DialectRegistry registry;
  tenon::registerAllDialects(registry);
  tenon::registerAllPasses();
  MLIRContext context(registry);
  context.printOpOnDiagnostic(false);
  ScopedDiagnosticHandler handler(&context, handle);

  if (std::error_code code =
          llvm::sys::fs::getPotentiallyUniqueTempFileName("tenon-reduce", "mlir", temporary)) {
    tenon::reportToolError("tenon-reduce", "no name for a temporary file: " + code.message());
    return EXIT_FAILURE;
  }
  llvm::sys::RemoveFileOnSignal(temporary);
  std::atexit([] { llvm::sys::fs::remove(temporary); });
  SmallVector<std::string> arguments(argv, argv + argc);
  std::string output = redirectOutput(arguments);
  SmallVector<char *> pointers;
  for (std::string &argument : arguments)
    pointers.push_back(argument.data());
  if (failed(mlirReduceMain(static_cast<int>(pointers.size()), pointers.data(), context)))
    return EXIT_FAILURE;

  auto reduced = llvm::MemoryBuffer::getFile(temporary);
  if (!reduced) {
    tenon::reportToolError("tenon-reduce",
                           "cannot read back '" + temporary + "': " + reduced.getError().message());
    return EXIT_FAILURE;
  }
  llvm::Error error = tenon::writeOutputFile(
      output, [&](llvm::raw_ostream &stream) { stream << (*reduced)->getBuffer(); });
  if (!error)
    return EXIT_SUCCESS;
  tenon::reportToolError("tenon-reduce", llvm::toString(std::move(error)));
  return EXIT_FAILURE;
}
