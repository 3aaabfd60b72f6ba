//===- DivisionByZero.cpp - Indices that upstream crashes on --------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "DivisionByZero.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"

using namespace mlir;

static bool divides(AffineExpr expression) {
  WalkResult result = expression.walk([](AffineExpr part) {
    auto binary = dyn_cast<AffineBinaryOpExpr>(part);
    bool isDivision = binary && (binary.getKind() == AffineExprKind::Mod ||
                                 binary.getKind() == AffineExprKind::FloorDiv ||
                                 binary.getKind() == AffineExprKind::CeilDiv);
    auto by = isDivision ? dyn_cast<AffineConstantExpr>(binary.getRHS()) : AffineConstantExpr();
    return by && by.getValue() <= 0 ? WalkResult::interrupt() : WalkResult::advance();
  });
  return result.wasInterrupted();
}

/// The map of an affine operation with the operands that are constants in their places.
static AffineMap withConstants(AffineMap map, ValueRange operands) {
  if (map.getNumInputs() != operands.size())
    return map;
  SmallVector<AffineExpr> dims, symbols;
  for (auto [number, operand] : llvm::enumerate(operands)) {
    bool isDim = number < map.getNumDims();
    std::optional<int64_t> value = getConstantIntValue(operand);
    AffineExpr same = isDim ? getAffineDimExpr(static_cast<unsigned>(number), map.getContext())
                            : getAffineSymbolExpr(static_cast<unsigned>(number) - map.getNumDims(),
                                                  map.getContext());
    (isDim ? dims : symbols)
        .push_back(value ? getAffineConstantExpr(*value, map.getContext()) : same);
  }
  return map.replaceDimsAndSymbols(dims, symbols, map.getNumDims(), map.getNumSymbols());
}

bool tenon::fuzz::dividesByZero(ModuleOp module) {
  auto isZero = [](OpFoldResult factor) {
    std::optional<int64_t> value = getConstantIntValue(factor);
    return value && *value <= 0;
  };
  WalkResult result = module->walk([&](Operation *op) {
    if (auto loop = dyn_cast<affine::AffineForOp>(op); loop && loop.getStepAsInt() <= 0)
      return WalkResult::interrupt();
    if (auto apart = dyn_cast<affine::AffineDelinearizeIndexOp>(op);
        apart && llvm::any_of(apart.getMixedBasis(), isZero))
      return WalkResult::interrupt();
    for (NamedAttribute attribute : op->getAttrs())
      if (auto map = dyn_cast<AffineMapAttr>(attribute.getValue()))
        if (llvm::any_of(withConstants(map.getValue(), op->getOperands()).getResults(), divides))
          return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return result.wasInterrupted();
}
