//===- Compile.cpp - What tenon-compile does ------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Compile.h"

#include "CHeader.h"
#include "Link.h"
#include "Symbol.h"

#include "tenon/Support/OutputFile.h"
#include "tenon/Tools/CommandLine.h"
#include "tenon/Tools/Interruption.h"
#include "tenon/Tools/ModuleFile.h"
#include "tenon/Tools/ToolError.h"
#include "tenon/Tools/ToolSwitches.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::compile;

static OutputFile makeFile(StringRef path, std::string bytes) {
  return {path.str(), [bytes = std::move(bytes)](raw_ostream &stream) { stream << bytes; }};
}

static llvm::Error writeHeaderOnly(func::FuncOp entry, const CompileRequest &request) {
  llvm::Expected<std::string> symbol = chooseSymbol(request, entry.getName());
  if (!symbol)
    return symbol.takeError();
  llvm::Expected<Signature> signature = getSignature(entry);
  if (!signature)
    return signature.takeError();
  return writeOutputFiles(makeFile(request.output, makeHeader(*symbol, *signature)));
}

static llvm::Error run(const CompileRequest &request, StringRef program, MLIRContext &context) {
  llvm::Expected<OwningOpRef<ModuleOp>> module = readModule(request.input, context);
  if (!module)
    return module.takeError();
  llvm::Expected<func::FuncOp> entry = findNetworkEntry(**module, request.entry);
  if (!entry)
    return entry.takeError();
  if (request.kind == OutputKind::Header)
    return writeHeaderOnly(*entry, request);
  llvm::Expected<NetworkObjects> network = compileNetwork(**module, *entry, request);
  if (!network)
    return network.takeError();
  llvm::Expected<std::string> linked =
      request.kind == OutputKind::Object
          ? linkObject(*network)
          : linkShared(*network, request, program, llvm::sys::path::filename(request.output));
  if (!linked)
    return linked.takeError();
  SmallVector<OutputFile> files = {makeFile(request.output, std::move(*linked))};
  if (!request.header.empty())
    files.push_back(makeFile(request.header, makeHeader(network->symbol, network->signature)));
  return writeOutputFiles(files);
}

int compile::compileMain(int argc, char **argv, const DialectRegistry &registry) {
  // The address tells which of the files in memory is the program.
  std::string program =
      llvm::sys::fs::getMainExecutable(argv[0], reinterpret_cast<void *>(&compileMain));
  removeLibraryOptions();
  CommandLine options;
  ToolSwitches switches;
  llvm::Expected<CompileRequest> request = options.parse(argc, argv);
  llvm::Error error = request ? llvm::Error::success() : request.takeError();
  if (!error) {
    installInterruption("tenon-compile");
    MLIRContext context(registry);
    error = run(*request, program, context);
  }
  if (!error)
    return 0;
  reportToolError("tenon-compile", llvm::toString(std::move(error)));
  return wasInterrupted() ? kInterruptedExitCode : 1;
}
