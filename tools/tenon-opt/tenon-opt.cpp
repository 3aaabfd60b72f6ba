//===- tenon-opt.cpp - Runs passes over IR files ----------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/InitAll.h"
#include "tenon/Tools/ToolSwitches.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  tenon::registerAllDialects(registry);
  tenon::registerAllPasses();
  tenon::ToolSwitches switches;
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "Tenon optimizer\n", registry));
}
