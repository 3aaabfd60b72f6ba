//===- ModuleFile.cpp - Reading IR for a tool -------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Tools/ModuleFile.h"

#include "tenon/Execution/CompiledNetwork.h"
#include "tenon/Execution/DiagnosticCollector.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace tenon;

llvm::Expected<OwningOpRef<ModuleOp>> tenon::readModule(StringRef path, MLIRContext &context) {
  std::string message;
  std::unique_ptr<llvm::MemoryBuffer> file = openInputFile(path, &message);
  if (!file)
    return llvm::createStringError(message);
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(file), llvm::SMLoc());
  DiagnosticCollector diagnostics(context);
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(sources, &context);
  if (!module)
    return diagnostics.takeError(path + ": this is no IR that can be read");
  return module;
}

llvm::Expected<func::FuncOp> tenon::findNetworkEntry(ModuleOp module, StringRef name) {
  llvm::Expected<func::FuncOp> function = findEntry(module, name);
  if (!function || takesBuffers(*function))
    return function;
  for (Type type : function->getArgumentTypes())
    if (isa<BaseMemRefType>(type))
      return llvm::createStringError("function '" + function->getName() +
                                     "' takes buffers, and no tn.num_inputs says which of them are read; give what "
                                     "tenon-buffer-stage made, or functions that take and return tensors");
  return function;
}
