//===- DivisionByZero.cpp - Indices that upstream's folds crash on --------===//
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

bool tenon::fuzz::dividesByZero(ModuleOp module) {
  auto isZero = [](OpFoldResult factor) {
    std::optional<int64_t> value = getConstantIntValue(factor);
    return value && *value <= 0;
  };
  WalkResult result = module->walk([&](Operation *op) {
    if (auto apart = dyn_cast<affine::AffineDelinearizeIndexOp>(op);
        apart && llvm::any_of(apart.getMixedBasis(), isZero))
      return WalkResult::interrupt();
    for (NamedAttribute attribute : op->getAttrs())
      if (auto map = dyn_cast<AffineMapAttr>(attribute.getValue());
          map && llvm::any_of(map.getValue().getResults(), divides))
        return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return result.wasInterrupted();
}
