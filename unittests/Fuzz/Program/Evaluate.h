//===- Evaluate.h - The value of a genome -------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Program.h"
#include "tenon/Reference/Interpreter.h"

#include "gtest/gtest.h"

namespace tenon::fuzz::test {

/// What the interpreter makes of a repaired genome and its own data; nothing after a failure.
inline std::vector<HostTensor> evaluate(const Genome &genome, mlir::MLIRContext &context,
                                        reference::ContractionMode mode) {
  llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> module = buildModule(genome, context);
  if (!module) {
    ADD_FAILURE() << llvm::toString(module.takeError()) << printGenome(genome);
    return {};
  }
  auto function = *(*module)->getOps<mlir::func::FuncOp>().begin();
  reference::InterpreterOptions options;
  options.contraction = mode;
  auto results = reference::interpret(function, makeArguments(genome), options);
  if (!results) {
    ADD_FAILURE() << llvm::toString(results.takeError()) << printGenome(genome);
    return {};
  }
  return {std::make_move_iterator(results->begin()), std::make_move_iterator(results->end())};
}

} // namespace tenon::fuzz::test
