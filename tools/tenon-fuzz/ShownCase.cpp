//===- ShownCase.cpp - Cases for people -----------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ShownCase.h"

#include "tenon/Fuzz/Program.h"
#include "tenon/Fuzz/RegisterPasses.h"

#include "mlir/IR/MLIRContext.h"

using namespace tenon;
using namespace tenon::fuzz;

void tenon::fuzz::printCase(const AnyCase &file, llvm::raw_ostream &os) {
  if (const Genome *genome = std::get_if<Genome>(&file))
    os << printGenome(*genome);
  else
    os << writeTextCase(std::get<TextCase>(file));
}

llvm::Error tenon::fuzz::printIr(const AnyCase &file, llvm::raw_ostream &os) {
  const Genome *genome = std::get_if<Genome>(&file);
  if (!genome) {
    os << std::get<TextCase>(file).module;
    return llvm::Error::success();
  }
  mlir::DialectRegistry registry;
  registerFuzzDialects(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> module = buildModule(*genome, context);
  if (!module)
    return module.takeError();
  (*module)->print(os);
  os << '\n';
  return llvm::Error::success();
}

std::string tenon::fuzz::printPasses(const AnyCase &file) {
  const Genome *genome = std::get_if<Genome>(&file);
  std::string text;
  for (const PassStep &step : genome ? genome->passes : std::get<TextCase>(file).passes)
    text += (text.empty() ? "--" : " --") + step.name +
            (step.options.empty() ? "" : "=\"" + step.options + "\"");
  return text.empty() ? "none" : text;
}
