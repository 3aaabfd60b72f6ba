//===- tenon-compile.cpp - Compiles tensor networks ahead of time ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Compile.h"

#include "tenon/InitAll.h"

#include "mlir/IR/DialectRegistry.h"
#include "llvm/Support/InitLLVM.h"

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  mlir::DialectRegistry registry;
  tenon::registerAllDialects(registry);
  return tenon::compile::compileMain(argc, argv, registry);
}
