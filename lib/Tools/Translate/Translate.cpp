//===- Translate.cpp - What tenon-translate does ----------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Tools/Translate.h"

#include "TranslateOptions.h"
#include "tenon/Support/Assert.h"
#include "tenon/Support/OutputFile.h"
#include "tenon/Tools/ReadNetwork.h"
#include "tenon/Tools/ToolSwitches.h"

#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/MLIRContext.h"

using namespace mlir;
using namespace tenon;

static llvm::Error translate(const TranslateRequest &request, MLIRContext &context) {
  llvm::Expected<OwningOpRef<ModuleOp>> imported =
      readAndImport(request, "tenon-translate", context);
  if (!imported)
    return imported.takeError();
  OwningOpRef<ModuleOp> module = std::move(*imported);

  [[maybe_unused]] LogicalResult written = success();
  llvm::Error error = writeOutputFile(request.output, [&](llvm::raw_ostream &os) {
    if (request.emitBytecode)
      written = writeBytecodeToFile(*module, os);
    else
      module->print(os, OpPrintingFlags().assumeVerified());
  });
  if (error)
    return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                   "tenon-translate: error: " + llvm::toString(std::move(error)));
  TENON_ASSERT(succeeded(written), "every operation and attribute has a bytecode form");
  return llvm::Error::success();
}

int tenon::translateMain(int argc, char **argv, const DialectRegistry &registry) {
  TranslateOptions options;
  ToolSwitches switches;
  llvm::Expected<TranslateRequest> request = options.parse(argc, argv);
  llvm::Error error = request ? llvm::Error::success() : request.takeError();
  if (!error) {
    MLIRContext context(registry, MLIRContext::Threading::DISABLED);
    error = translate(*request, context);
  }
  if (!error)
    return 0;
  llvm::errs() << llvm::toString(std::move(error)) << '\n';
  return 1;
}
