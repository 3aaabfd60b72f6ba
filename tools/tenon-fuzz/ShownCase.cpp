//===- ShownCase.cpp - Cases for people -----------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ShownCase.h"

#include "tenon/Execution/DiagnosticCollector.h"
#include "tenon/Fuzz/PassCatalog.h"
#include "tenon/Fuzz/Program.h"
#include "tenon/Fuzz/RegisterPasses.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

void tenon::fuzz::printCase(const AnyCase &file, llvm::raw_ostream &os) {
  if (const Genome *genome = std::get_if<Genome>(&file))
    os << printGenome(*genome);
  else
    os << writeTextCase(std::get<TextCase>(file));
}

static const std::vector<PassStep> &passesOf(const AnyCase &file) {
  const Genome *genome = std::get_if<Genome>(&file);
  return genome ? genome->passes : std::get<TextCase>(file).passes;
}

static llvm::Expected<OwningOpRef<ModuleOp>> readModule(const AnyCase &file, MLIRContext &context) {
  if (const Genome *genome = std::get_if<Genome>(&file))
    return buildModule(*genome, context);
  DiagnosticCollector diagnostics(context);
  auto module =
      parseSourceString<ModuleOp>(std::get<TextCase>(file).module, ParserConfig(&context));
  if (!module)
    return llvm::createStringError(diagnostics.takeText("no module"));
  return std::move(module);
}

static llvm::Error runUntil(llvm::StringRef name, const AnyCase &file, ModuleOp module) {
  registerFuzzPasses();
  const std::vector<PassStep> &passes = passesOf(file);
  auto end = llvm::find_if(passes, [&](const PassStep &step) { return step.name == name; });
  if (end == passes.end())
    return llvm::createStringError("the case has no pass '" + name +
                                   "'; its passes: " + printPasses(file));
  PassManager manager(module.getContext());
  for (const PassStep &step : llvm::make_range(passes.begin(), end)) {
    std::string error;
    llvm::raw_string_ostream stream(error);
    if (failed(parsePassPipeline(pipelineOf(step), manager, stream)))
      return llvm::createStringError("'" + pipelineOf(step) + "' is no pipeline: " + error);
  }
  DiagnosticCollector diagnostics(*module.getContext());
  if (failed(manager.run(module)))
    return llvm::createStringError("a pass before '" + name +
                                   "' fails: " + diagnostics.takeText("no diagnostic"));
  return llvm::Error::success();
}

llvm::Error tenon::fuzz::printIr(const AnyCase &file, llvm::raw_ostream &os,
                                 llvm::StringRef before) {
  if (const TextCase *text = std::get_if<TextCase>(&file); text && before.empty()) {
    os << text->module;
    return llvm::Error::success();
  }
  DialectRegistry registry;
  registerFuzzDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  llvm::Expected<OwningOpRef<ModuleOp>> module = readModule(file, context);
  if (!module)
    return module.takeError();
  if (!before.empty())
    if (llvm::Error error = runUntil(before, file, **module))
      return error;
  (*module)->print(os);
  os << '\n';
  return llvm::Error::success();
}

std::string tenon::fuzz::printPasses(const AnyCase &file) {
  std::string text;
  for (const PassStep &step : passesOf(file))
    text += (text.empty() ? "--" : " --") + step.name +
            (step.options.empty() ? "" : "=\"" + step.options + "\"");
  return text.empty() ? "none" : text;
}
