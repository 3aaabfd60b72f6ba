//===- SpliceModules.cpp - Functions and parts of other modules -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "TextMutators.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

/// Operations that a function of a module can have values for: those in its own body or in loops.
static Operation *pickPlace(ModuleOp module, Random &random) {
  SmallVector<Operation *> places;
  for (func::FuncOp function : functionsWithBodies(module))
    function.getBody().walk([&](Operation *op) { places.push_back(op); });
  return pick(places, random);
}

bool tenon::fuzz::spliceOperation(ModuleOp module, ModuleOp donor, Random &random) {
  Operation *source = pick(plainOperations(donor), random);
  Operation *place = pickPlace(module, random);
  if (!source || !place)
    return false;
  // All that it reads from outside of itself.
  IRMapping mapping;
  bool isComplete = true;
  source->walk([&](Operation *inside) {
    for (Value operand : inside->getOperands()) {
      Region *region = operand.getParentRegion();
      if (mapping.contains(operand) || (region && source->isAncestor(region->getParentOp())))
        continue;
      Value here = findOrMakeValue(place, operand.getType(), random);
      isComplete &= here != nullptr;
      mapping.map(operand, here);
    }
  });
  if (!isComplete)
    return false;
  OpBuilder builder(place);
  Operation *copy = builder.clone(*source, mapping);
  for (Value result : copy->getResults())
    useSomewhere(result, random);
  return true;
}

bool tenon::fuzz::spliceFunction(ModuleOp module, ModuleOp donor, Random &random) {
  func::FuncOp source = pick(functionsWithBodies(donor), random);
  if (!source || functionsWithBodies(module).size() >= 4)
    return false;
  SymbolTable symbols(module);
  // Under a new name where the old one is taken; what it refers to may be missing, which the
  // verifier says.
  symbols.insert(source.clone());
  return true;
}

bool tenon::fuzz::callFunction(ModuleOp module, ModuleOp, Random &random) {
  func::FuncOp callee = pick(functionsWithBodies(module), random);
  Operation *place = pickPlace(module, random);
  // No recursion: it would not end.
  if (!callee || !place || callee->isAncestor(place) ||
      !SymbolTable::symbolKnownUseEmpty(callee, module))
    return false;
  auto caller = place->getParentOfType<func::FuncOp>();
  bool callsBack = callee
                       .walk([&](func::CallOp call) {
                         return call.getCallee() == caller.getName() ? WalkResult::interrupt()
                                                                     : WalkResult::advance();
                       })
                       .wasInterrupted();
  if (callsBack)
    return false;
  SmallVector<Value> arguments;
  for (Type type : callee.getArgumentTypes()) {
    arguments.push_back(findOrMakeValue(place, type, random));
    if (!arguments.back())
      return false;
  }
  OpBuilder builder(place);
  auto call = func::CallOp::create(builder, place->getLoc(), callee, arguments);
  for (Value result : call.getResults())
    useSomewhere(result, random);
  return true;
}

bool tenon::fuzz::inlineCalls(ModuleOp module, ModuleOp, Random &) {
  bool hasCalls =
      module.walk([](func::CallOp) { return WalkResult::interrupt(); }).wasInterrupted();
  if (!hasCalls)
    return false;
  PassManager passes(module.getContext());
  passes.enableVerifier(false);
  passes.addPass(createInlinerPass());
  return succeeded(passes.run(module));
}

bool tenon::fuzz::returnMore(ModuleOp module, ModuleOp, Random &random) {
  func::FuncOp function = pick(functionsWithBodies(module), random);
  if (!function || !function.getBody().hasOneBlock() ||
      !SymbolTable::symbolKnownUseEmpty(function, module))
    return false;
  Operation *end = function.getBody().front().getTerminator();
  SmallVector<Value> values;
  for (Operation &op : function.getBody().front())
    llvm::append_range(values, op.getResults());
  Value value = pick(values, random);
  if (!value || end->getNumOperands() >= 8)
    return false;
  // A result that was dead becomes one that must be right.
  if (failed(function.insertResult(end->getNumOperands(), value.getType(), {})))
    return false;
  end->insertOperands(end->getNumOperands(), value);
  return true;
}
