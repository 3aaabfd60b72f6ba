//===- tenon-reduce.cpp - Makes IR smaller that shows a fault -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/InitAll.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Tools/mlir-reduce/MlirReduceMain.h"
#include "llvm/Support/InitLLVM.h"

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  mlir::DialectRegistry registry;
  tenon::registerAllDialects(registry);
  tenon::registerAllPasses();
  mlir::MLIRContext context(registry);
  // The operation that a diagnostic is about may be a page long.
  context.printOpOnDiagnostic(false);
  return mlir::failed(mlir::mlirReduceMain(argc, argv, context));
}
