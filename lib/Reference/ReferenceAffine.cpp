//===- ReferenceAffine.cpp - Semantics of index arithmetic in affine -------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The index arithmetic that tiling and slicing leave behind; affine loops and accesses are not among
// it.
//
//===----------------------------------------------------------------------===//
#include "AffineEvaluation.h"
#include "Evaluator.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"

using namespace mlir;

namespace tenon::reference {

std::optional<int64_t> evaluate(AffineExpr expression, ArrayRef<int64_t> dimensions,
                                ArrayRef<int64_t> symbols) {
  if (auto dimension = dyn_cast<AffineDimExpr>(expression))
    return dimensions[dimension.getPosition()];
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expression))
    return symbols[symbol.getPosition()];
  if (auto constant = dyn_cast<AffineConstantExpr>(expression))
    return constant.getValue();
  auto binary = dyn_cast<AffineBinaryOpExpr>(expression);
  if (!binary)
    return std::nullopt;
  const std::optional<int64_t> a = evaluate(binary.getLHS(), dimensions, symbols);
  const std::optional<int64_t> b = evaluate(binary.getRHS(), dimensions, symbols);
  if (!a || !b)
    return std::nullopt;
  int64_t value = 0;
  switch (binary.getKind()) {
  case AffineExprKind::Add:
    return __builtin_add_overflow(*a, *b, &value) ? std::nullopt : std::optional(value);
  case AffineExprKind::Mul:
    return __builtin_mul_overflow(*a, *b, &value) ? std::nullopt : std::optional(value);
  case AffineExprKind::FloorDiv:
    return *b <= 0 ? std::nullopt : std::optional(llvm::divideFloorSigned(*a, *b));
  case AffineExprKind::CeilDiv:
    return *b <= 0 ? std::nullopt : std::optional(llvm::divideCeilSigned(*a, *b));
  case AffineExprKind::Mod:
    return *b <= 0 ? std::nullopt : std::optional(llvm::mod(*a, *b));
  default:
    return std::nullopt;
  }
}

namespace {

/// The value of each result of `map`, applied to the operation's operands; empty after a failure.
SmallVector<int64_t> evaluateMap(Evaluator &evaluator, Operation *op, AffineMap map) {
  SmallVector<int64_t> operands;
  for (Value operand : op->getOperands())
    operands.push_back(evaluator.integer(operand));
  const ArrayRef<int64_t> all = operands;
  SmallVector<int64_t> values;
  for (AffineExpr expression : map.getResults()) {
    const std::optional<int64_t> value =
        evaluate(expression, all.take_front(map.getNumDims()), all.drop_front(map.getNumDims()));
    if (!value) {
      (void)evaluator.fail(op, "the affine expression overflows or divides by a number that is not "
                               "positive");
      return {};
    }
    values.push_back(*value);
  }
  return values;
}

LogicalResult bindIndex(Evaluator &evaluator, Value result, int64_t value) {
  evaluator.bindNumber(result, Number::integer(static_cast<uint64_t>(value)));
  return success();
}

LogicalResult evaluateApply(Evaluator &evaluator, Operation *op) {
  const SmallVector<int64_t> values =
      evaluateMap(evaluator, op, cast<affine::AffineApplyOp>(op).getAffineMap());
  return values.empty() ? failure() : bindIndex(evaluator, op->getResult(0), values.front());
}

LogicalResult evaluateMin(Evaluator &evaluator, Operation *op) {
  const SmallVector<int64_t> values =
      evaluateMap(evaluator, op, cast<affine::AffineMinOp>(op).getAffineMap());
  return values.empty() ? failure()
                        : bindIndex(evaluator, op->getResult(0), *llvm::min_element(values));
}

LogicalResult evaluateMax(Evaluator &evaluator, Operation *op) {
  const SmallVector<int64_t> values =
      evaluateMap(evaluator, op, cast<affine::AffineMaxOp>(op).getAffineMap());
  return values.empty() ? failure()
                        : bindIndex(evaluator, op->getResult(0), *llvm::max_element(values));
}

LogicalResult evaluateDelinearize(Evaluator &evaluator, Operation *op) {
  auto split = cast<affine::AffineDelinearizeIndexOp>(op);
  // Without a bound of its own, the outermost position is what is left.
  const SmallVector<int64_t> basis = evaluator.integers(split.getEffectiveBasis());
  int64_t rest = evaluator.integer(split.getLinearIndex());
  for (size_t i = op->getNumResults(), b = basis.size(); i-- > 1;) {
    const int64_t extent = basis[--b];
    if (extent <= 0)
      return evaluator.fail(op, "an index is split by the extent " + Twine(extent) +
                                    ", but extents must be positive");
    evaluator.bindNumber(op->getResult(i),
                         Number::integer(static_cast<uint64_t>(llvm::mod(rest, extent))));
    rest = llvm::divideFloorSigned(rest, extent);
  }
  return bindIndex(evaluator, op->getResult(0), rest);
}

} // namespace

void registerAffine(OpTable &table) {
  table.add<affine::AffineApplyOp>(evaluateApply);
  table.add<affine::AffineDelinearizeIndexOp>(evaluateDelinearize);
  table.add<affine::AffineMaxOp>(evaluateMax);
  table.add<affine::AffineMinOp>(evaluateMin);
}

} // namespace tenon::reference
