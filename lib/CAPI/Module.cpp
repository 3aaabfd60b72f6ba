//===- Module.cpp - C API: modules of IR ------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Handles.h"

#include "tenon/Execution/CompileFailure.h"
#include "tenon/Execution/DiagnosticCollector.h"
#include "tenon/InitAll.h"
#include "tenon/Target/EmitSchedule.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/SourceMgr.h"

#include <cstdlib>
#include <cstring>

using namespace mlir;
using namespace tenon;

tenon_module::Context::Context() : mlir(MLIRContext::Threading::DISABLED) {
  DialectRegistry registry;
  registerAllDialects(registry);
  mlir.appendDialectRegistry(registry);
  mlir.loadAllAvailableDialects();
}

char *capi::copyString(StringRef text) {
  char *copy = static_cast<char *>(std::malloc(text.size() + 1));
  if (!copy)
    return nullptr;
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = 0;
  return copy;
}

void capi::setError(char **error, StringRef message) {
  if (error)
    *error = copyString(message);
}

const char *tenon_version(void) { return "0.1.0 (LLVM " LLVM_VERSION_STRING ")"; }

int64_t tenon_dtype_size(int32_t dtype) {
  // Outside of the enumeration a cast would be undefined.
  return dtype < TENON_F16 || dtype > TENON_I64 ? 0 : getDTypeBytes(static_cast<tenon_dtype>(dtype));
}

void tenon_free(char *string) { std::free(string); }

tenon_module *tenon_module_parse(const char *data, size_t size, const char *name, char **error) {
  auto module = std::make_unique<tenon_module>();
  module->context = std::make_shared<tenon_module::Context>();
  DiagnosticCollector diagnostics(module->context->mlir);
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBufferCopy(StringRef(data, size), name ? name : "<input>"), llvm::SMLoc());
  ParserConfig config(&module->context->mlir);
  module->module = parseSourceFile<ModuleOp>(sources, config);
  if (!module->module) {
    capi::setError(error, diagnostics.takeText("the module does not parse"));
    return nullptr;
  }
  return module.release();
}

tenon_module *tenon_module_clone(const tenon_module *module) {
  std::lock_guard lock(module->context->mutex);
  auto copy = std::make_unique<tenon_module>();
  copy->context = module->context;
  copy->module = cast<ModuleOp>(ModuleOp(*module->module)->clone());
  return copy.release();
}

void tenon_module_destroy(tenon_module *module) {
  if (!module)
    return;
  {
    std::lock_guard lock(module->context->mutex);
    module->module = {};
  }
  delete module;
}

tenon_status tenon_module_run_passes(tenon_module *module, const char *pipeline, char **error) {
  static const bool registered = [] {
    registerAllPasses();
    return true;
  }();
  (void)registered;
  std::lock_guard lock(module->context->mutex);
  DiagnosticCollector diagnostics(module->context->mlir);
  std::string message;
  llvm::raw_string_ostream stream(message);
  StringRef text(pipeline);
  PassManager passes(&module->context->mlir);
  // Both `builtin.module(…)` and a bare list of passes are understood, as by mlir-opt.
  LogicalResult parsed = text.starts_with("builtin.module(") && text.ends_with(")")
                             ? parsePassPipeline(text.drop_front(strlen("builtin.module(")).drop_back(), passes, stream)
                             : parsePassPipeline(text, passes, stream);
  if (failed(parsed)) {
    capi::setError(error, message.empty() ? "the pipeline does not parse" : message);
    return TENON_INVALID_ARGUMENT;
  }
  if (failed(passes.run(*module->module))) {
    FailureParts failure(diagnostics.takeError("the pipeline failed"));
    capi::setError(error, failure.message);
    return failure.status;
  }
  return TENON_OK;
}

char *tenon_module_print(const tenon_module *module) {
  std::lock_guard lock(module->context->mutex);
  std::string text;
  llvm::raw_string_ostream stream(text);
  ModuleOp(*module->module)->print(stream);
  stream << '\n';
  return capi::copyString(text);
}
