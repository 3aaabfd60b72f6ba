//===- tenon-calibrate.cpp - Measures how long contractions take ----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CalibrateCommand.h"

#include "tenon/InitAll.h"

#include "mlir/IR/DialectRegistry.h"
#include "llvm/Support/InitLLVM.h"

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  mlir::DialectRegistry registry;
  tenon::registerAllDialects(registry);
  return tenon::calibrate::calibrateMain(argc, argv, registry);
}
