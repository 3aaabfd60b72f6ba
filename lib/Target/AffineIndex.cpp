//===- AffineIndex.cpp - Index values as functions of loop counters ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "AffineIndex.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace tenon;

void AffineIndex::add(const AffineIndex &other, int64_t factor) {
  constant += factor * other.constant;
  for (auto [otherFactor, counter] : other.terms) {
    auto *it = llvm::find_if(terms, [&, c = counter](auto &term) { return term.second == c; });
    if (it == terms.end())
      terms.emplace_back(factor * otherFactor, counter);
    else
      it->first += factor * otherFactor;
  }
  llvm::erase_if(terms, [](auto &term) { return term.first == 0; });
}

std::optional<AffineIndex> AffineIndexResolver::resolve(Value value) const {
  AffineIndex index;
  if (std::optional<int64_t> constant = getConstantIntValue(value)) {
    index.constant = *constant;
    return index;
  }
  if (auto it = counters.find(value); it != counters.end()) {
    index.terms.emplace_back(1, it->second);
    return index;
  }
  if (auto apply = value.getDefiningOp<affine::AffineApplyOp>()) {
    AffineMap map = apply.getAffineMap();
    return resolve(map.getResult(0), apply.getMapOperands(), map.getNumDims());
  }
  return std::nullopt;
}

std::optional<AffineIndex> AffineIndexResolver::resolve(AffineExpr expr, ValueRange operands, unsigned numDims) const {
  AffineIndex index;
  if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
    index.constant = constant.getValue();
    return index;
  }
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return resolve(operands[dim.getPosition()]);
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return resolve(operands[numDims + symbol.getPosition()]);
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return std::nullopt;
  std::optional<AffineIndex> lhs = resolve(binary.getLHS(), operands, numDims),
                             rhs = resolve(binary.getRHS(), operands, numDims);
  if (!lhs || !rhs)
    return std::nullopt;
  if (expr.getKind() == AffineExprKind::Add) {
    index = *lhs;
    index.add(*rhs);
    return index;
  }
  if (expr.getKind() != AffineExprKind::Mul || !rhs->terms.empty())
    return std::nullopt;
  index.add(*lhs, rhs->constant);
  return index;
}
