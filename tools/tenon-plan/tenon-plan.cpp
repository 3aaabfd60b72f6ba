//===- tenon-plan.cpp - Plans tensor networks and says what they cost -----===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "PlanCommand.h"

#include "tenon/InitAll.h"

#include "mlir/IR/DialectRegistry.h"
#include "llvm/Support/InitLLVM.h"

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  mlir::DialectRegistry registry;
  tenon::registerAllDialects(registry);
  return tenon::plan::planMain(argc, argv, registry);
}
