//===- CheckFacts.cpp - Whether facts are true ----------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CheckFacts.h"

#include "RunInterpreter.h"

#include "tenon/Dialect/TN/IR/PlaceInFile.h"
#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Reference/FactChecks.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::run;

static llvm::Error nameFact(llvm::Error error, const Twine &what) {
  return llvm::createStringError(what + ": its fact " + llvm::toString(std::move(error)));
}

/// The elements of a constant, as a function that returns it has them.
static llvm::Expected<HostTensor> evaluate(tn::ConstantOp constant) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(constant.getLoc());
  OpBuilder builder(module->getBodyRegion());
  auto function = func::FuncOp::create(builder, constant.getLoc(), "constant",
                                       builder.getFunctionType({}, constant.getType()));
  builder.setInsertionPointToStart(function.addEntryBlock());
  Operation *copy = builder.clone(*constant);
  func::ReturnOp::create(builder, constant.getLoc(), copy->getResults());
  llvm::Expected<std::vector<HostTensor>> values = runInterpreter(function, {});
  if (!values)
    return values.takeError();
  return std::move(values->front());
}

llvm::Error run::checkFacts(func::FuncOp function, const Signature &signature,
                            ArrayRef<HostTensor> arguments) {
  for (auto [number, tensor] : llvm::enumerate(arguments)) {
    auto facts =
        function.getArgAttrOfType<tn::FactsAttr>(number, tn::TNDialect::getFactsAttrName());
    if (!facts)
      continue;
    if (llvm::Error error = reference::checkFacts(facts, tensor))
      return nameFact(std::move(error), describeArgument(signature.inputs[number], number));
  }
  SmallVector<tn::ConstantOp> constants;
  function.walk([&](tn::ConstantOp op) {
    if (op.getFactsAttr())
      constants.push_back(op);
  });
  for (tn::ConstantOp constant : constants) {
    llvm::Expected<HostTensor> tensor = evaluate(constant);
    if (!tensor)
      return tensor.takeError();
    if (llvm::Error error = reference::checkFacts(constant.getFactsAttr(), *tensor)) {
      std::string place = tn::describePlace(constant.getLoc());
      return nameFact(std::move(error), place.empty() ? "a constant" : place + ": a constant");
    }
  }
  return llvm::Error::success();
}
