//===- Twin.cpp - Programs that say something of another one --------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Twin.h"

#include "ProgramBuilder.h"

#include "tenon/Reference/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

void fuzz::becomeIdentity(Node &node) {
  node.kind = NodeKind::Conj;
  node.flavour = 0;
  node.operands.resize(1);
}

llvm::Expected<SmallVector<HostTensor>>
fuzz::interpretTwin(const Genome &twin, ArrayRef<HostTensor> arguments, MLIRContext &context) {
  OwningOpRef<ModuleOp> module = buildUnverified(twin, {}, context);
  if (failed(module->verify()))
    return llvm::createStringError("a fault of the fuzzer: the twin of a genome does not verify");
  return reference::interpret(*module->getOps<func::FuncOp>().begin(), arguments);
}
