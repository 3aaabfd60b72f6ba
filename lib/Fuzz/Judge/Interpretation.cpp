//===- Interpretation.cpp - What the reference interpreter says -----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Interpretation.h"

#include "tenon/Reference/Interpreter.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

Interpretation fuzz::interpretCase(func::FuncOp function, ArrayRef<HostTensor> arguments) {
  reference::InterpreterOptions options;
  options.workLimit = uint64_t{1} << 21;
  options.tensorLimit = uint64_t{1} << 24;
  llvm::Expected<SmallVector<HostTensor>> results =
      reference::interpret(function, arguments, options);
  Interpretation said;
  if (results) {
    said.end = Interpretation::End::Results;
    said.results = std::move(*results);
    return said;
  }
  said.why = llvm::toString(results.takeError());
  // Its limits and what it does not know are no fault of the program.
  StringRef why = said.why;
  bool isOwnLimit =
      why.contains("the reference interpreter") || why.contains("limit") || why.contains("memory");
  said.end = isOwnLimit ? Interpretation::End::Beyond : Interpretation::End::Broken;
  return said;
}

func::FuncOp fuzz::findOnTensors(ModuleOp module, StringRef name) {
  auto function = module.lookupSymbol<func::FuncOp>(name);
  if (!function || function.isDeclaration())
    return {};
  auto isKnown = [](Type type) {
    return isa<RankedTensorType>(type) || type.isIntOrIndexOrFloat() || isa<ComplexType>(type);
  };
  if (!llvm::all_of(function.getArgumentTypes(), isKnown) ||
      !llvm::all_of(function.getResultTypes(), isKnown))
    return {};
  return function;
}
