//===- ModuleEdit.cpp - Finding and making values to mutate with ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ModuleEdit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

SmallVector<Operation *> tenon::fuzz::allOperations(ModuleOp module) {
  SmallVector<Operation *> all;
  module->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (op != module)
      all.push_back(op);
  });
  return all;
}

SmallVector<Operation *> tenon::fuzz::plainOperations(ModuleOp module) {
  SmallVector<Operation *> all = allOperations(module);
  llvm::erase_if(all, [](Operation *op) {
    return isa<SymbolOpInterface>(op) || op->hasTrait<OpTrait::IsTerminator>();
  });
  return all;
}

SmallVector<func::FuncOp> tenon::fuzz::functionsWithBodies(ModuleOp module) {
  SmallVector<func::FuncOp> all;
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isDeclaration())
      all.push_back(function);
  return all;
}

SmallVector<Value> tenon::fuzz::valuesBefore(Operation *op, Type type) {
  SmallVector<Value> values;
  auto addAll = [&](ValueRange range) {
    for (Value value : range)
      if (value.getType() == type)
        values.push_back(value);
  };
  while (op && op->getBlock()) {
    for (Operation *earlier = op->getPrevNode(); earlier; earlier = earlier->getPrevNode())
      addAll(earlier->getResults());
    addAll(op->getBlock()->getArguments());
    op = op->getParentOp();
    if (!op || op->hasTrait<OpTrait::IsIsolatedFromAbove>())
      break;
  }
  return values;
}

static constexpr int64_t kSmallNumbers[] = {0, 1, -1, 2, 3, 5};

TypedAttr tenon::fuzz::makeConstantAttr(Type type, Random &random) {
  const int64_t number = kSmallNumbers[random.below(std::size(kSmallNumbers))];
  if (type.isSignlessInteger(1))
    return IntegerAttr::get(type, number & 1);
  if (type.isSignlessInteger() || type.isIndex())
    return IntegerAttr::get(type, number);
  if (isa<FloatType>(type))
    return FloatAttr::get(type, double(number));
  auto shaped = dyn_cast<ShapedType>(type);
  if (!shaped || !isa<RankedTensorType, VectorType>(type) || !shaped.hasStaticShape())
    return {};
  if (auto vector = dyn_cast<VectorType>(type); vector && vector.isScalable())
    return {};
  TypedAttr element = isa<ShapedType>(shaped.getElementType())
                          ? TypedAttr()
                          : makeConstantAttr(shaped.getElementType(), random);
  return element ? TypedAttr(DenseElementsAttr::get(shaped, Attribute(element))) : TypedAttr();
}

Value tenon::fuzz::findOrMakeValue(Operation *op, Type type, Random &random, Value except) {
  SmallVector<Value> values = valuesBefore(op, type);
  llvm::erase(values, except);
  if (!values.empty() && !random.oneIn(8))
    return pick(values, random);
  TypedAttr constant = makeConstantAttr(type, random);
  if (!constant)
    return pick(values, random);
  OpBuilder builder(op);
  return arith::ConstantOp::create(builder, op->getLoc(), constant);
}

bool tenon::fuzz::useSomewhere(Value value, Random &random) {
  SmallVector<OpOperand *> places;
  Operation *definition = value.getDefiningOp();
  for (Operation *later = definition->getNextNode(); later; later = later->getNextNode())
    later->walk([&](Operation *inside) {
      for (OpOperand &operand : inside->getOpOperands())
        if (operand.get().getType() == value.getType() && operand.get() != value)
          places.push_back(&operand);
    });
  if (places.empty())
    return false;
  pick(places, random)->set(value);
  return true;
}

void tenon::fuzz::rebuild(Operation *op, StringRef name, ArrayRef<NamedAttribute> attributes) {
  OpBuilder builder(op);
  OperationState state(op->getLoc(), name, op->getOperands(), op->getResultTypes(), attributes,
                       op->getSuccessors());
  for (Region &region : op->getRegions())
    state.addRegion()->takeBody(region);
  op->replaceAllUsesWith(builder.create(state));
  op->erase();
}
