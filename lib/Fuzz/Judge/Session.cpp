//===- Session.cpp - A context and what lives with it ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Session.h"

#include "tenon/Fuzz/RegisterPasses.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

Session::Session(const JudgeOptions &options) {
  DialectRegistry registry;
  registerFuzzDialects(registry);
  owned = std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
  owned->printOpOnDiagnostic(false);
  owned->getDiagEngine().registerHandler([](Diagnostic &) { return success(); });
  if (options.onContext)
    options.onContext(*owned);
}

PassManager *Session::pipeline(llvm::StringRef text, std::string &error) {
  auto [place, isNew] = pipelines.try_emplace(text);
  Entry &entry = place->second;
  if (isNew) {
    auto manager = std::make_unique<PassManager>(owned.get(), ModuleOp::getOperationName());
    manager->enableVerifier(false);
    llvm::raw_string_ostream stream(entry.error);
    if (succeeded(parsePassPipeline(text, *manager, stream)))
      entry.manager = std::move(manager);
    else if (entry.error.empty())
      entry.error = "no pipeline";
  }
  if (!entry.manager)
    error = entry.error;
  return entry.manager.get();
}

BufferRunner *Session::buffers() {
  if (!runner) {
    llvm::Expected<std::unique_ptr<BufferRunner>> made = BufferRunner::create();
    if (made)
      runner = std::move(*made);
    else
      llvm::consumeError(made.takeError());
  }
  return runner.get();
}
