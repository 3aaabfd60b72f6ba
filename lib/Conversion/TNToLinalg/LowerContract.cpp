//===- LowerContract.cpp - tn.contract, tn.conj, tn.delta, tn.constant ------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Lowerings.h"
#include "ScalarSemantics.h"
#include "tenon/Dialect/TN/IR/ContractLoops.h"
#include "tenon/Dialect/TN/IR/MaxTimesMark.h"
#include "tenon/Support/SeededBug.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

Value tn::emitZeroFill(OpBuilder &builder, Location loc, Value out, Semiring semiring, bool isUnsigned) {
  Type elementType = getElementTypeOrSelf(out.getType());
  Value zero = emitScalarConstant(builder, loc, elementType, getSemiringZero(semiring, elementType, isUnsigned));
  auto fill = linalg::FillOp::create(builder, loc, zero, out);
  return fill.getNumResults() == 0 ? out : fill.getResult(0);
}

Value tn::emitZeroTensor(OpBuilder &builder, Location loc, ArrayRef<OpFoldResult> shape, Type elementType, Semiring semiring,
                         bool isUnsigned) {
  Value empty = tensor::EmptyOp::create(builder, loc, shape, elementType);
  return emitZeroFill(builder, loc, empty, semiring, isUnsigned);
}

Value tn::emitGeneric(OpBuilder &builder, Location loc, ValueRange inputs, Value out, ArrayRef<AffineMap> maps,
                      ArrayRef<utils::IteratorType> iterators,
                      llvm::function_ref<void(OpBuilder &, Location, ValueRange)> body, ArrayRef<NamedAttribute> attributes) {
  SmallVector<Type, 1> types;
  if (isa<RankedTensorType>(out.getType()))
    types.push_back(out.getType());
  auto generic = linalg::GenericOp::create(builder, loc, types, inputs, out, maps, iterators, body, attributes);
  return types.empty() ? out : generic.getResult(0);
}

/// An elementwise map of `input` into `out`.
static Value emitElementwise(OpBuilder &builder, Location loc, Value input, Value out,
                             llvm::function_ref<Value(OpBuilder &, Location, Value)> body) {
  int64_t rank = cast<ShapedType>(input.getType()).getRank();
  SmallVector<AffineMap> maps(2, builder.getMultiDimIdentityMap(rank));
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  return emitGeneric(builder, loc, input, out, maps, iterators, [&](OpBuilder &b, Location l, ValueRange args) {
    linalg::YieldOp::create(b, l, body(b, l, args[0]));
  });
}

/// A tensor of `input`'s extents without content.
static Value emitEmptyLike(OpBuilder &builder, Location loc, Value input, Type elementType) {
  return tensor::EmptyOp::create(builder, loc, tensor::getMixedSizes(builder, loc, input), elementType);
}

Value tn::emitRoundTensor(OpBuilder &builder, Location loc, Value input, Value out) {
  Type elementType = getElementTypeOrSelf(out.getType());
  return emitElementwise(builder, loc, input, out,
                         [&](OpBuilder &b, Location l, Value value) { return emitRound(b, l, value, elementType); });
}

Value tn::emitConj(OpBuilder &builder, Location loc, Value input, Value out) {
  return emitElementwise(builder, loc, input, out, [](OpBuilder &b, Location l, Value value) -> Value {
    return complex::ConjOp::create(b, l, value);
  });
}

Value tn::emitContraction(OpBuilder &builder, ContractOp op, ValueRange inputs, ArrayRef<bool> isConjugated, Value out,
                          bool isProduct) {
  MLIRContext *context = op.getContext();
  Type accumulation = op.getAccumulationType();
  Semiring semiring = op.getSemiring();
  bool isUnsigned = op.getIsUnsigned();
  int64_t count = op.getNumIndices();
  SmallVector<int64_t> loopOf(count);
  for (auto [loop, index] : llvm::enumerate(getLoopIndices(op)))
    loopOf[index] = loop;
  SmallVector<utils::IteratorType> iterators(op.getResultIndices().size(), utils::IteratorType::parallel);
  iterators.resize(count, utils::IteratorType::reduction);

  auto mapOf = [&](ArrayRef<int64_t> list) {
    SmallVector<AffineExpr> exprs;
    for (int64_t index : list)
      exprs.push_back(getAffineDimExpr(loopOf[index], context));
    return AffineMap::get(count, 0, exprs, context);
  };
  SmallVector<AffineMap> maps;
  for (ArrayRef<int64_t> list : op.getOperandIndexLists())
    maps.push_back(mapOf(list));
  SmallVector<int64_t> resultList(op.getResultIndices());
  if (isSeeded(SeededBug::TransposedOutputMap) && resultList.size() > 1 &&
      op.getResultType().getShape().back() == *std::prev(op.getResultType().getShape().end(), 2))
    std::swap(resultList.back(), *std::prev(resultList.end(), 2));
  maps.push_back(mapOf(resultList));
  if (isSeeded(SeededBug::SwappedOperandMaps) && inputs.size() == 2 && inputs[0].getType() == inputs[1].getType())
    std::swap(maps[0], maps[1]);

  SmallVector<NamedAttribute, 1> marks;
  if (semiring == Semiring::MaxTimes && !isProduct)
    marks.push_back(builder.getNamedAttr(kMaxTimesMark, builder.getUnitAttr()));
  auto emitBody = [&](OpBuilder &b, Location l, ValueRange args) {
    Value product;
    for (auto [arg, conj] : llvm::zip_equal(args.drop_back(), isConjugated)) {
      Value factor = conj ? complex::ConjOp::create(b, l, arg) : arg;
      factor = emitWiden(b, l, factor, accumulation, isUnsigned);
      product = product ? emitMultiply(b, l, semiring, product, factor) : factor;
    }
    if (!isProduct)
      product = emitAdd(b, l, semiring, isUnsigned, args.back(), product);
    linalg::YieldOp::create(b, l, product);
  };
  return emitGeneric(builder, op.getLoc(), inputs, out, maps, iterators, emitBody, marks);
}

Value tn::lowerContract(OpBuilder &builder, ContractOp op, Value init) {
  Location loc = op.getLoc();
  Type accumulation = op.getAccumulationType();
  SmallVector<Value> inputs;
  SmallVector<bool> isConjugated;
  for (Value input : op.getInputs()) {
    auto conj = input.getDefiningOp<ConjOp>();
    inputs.push_back(conj ? conj.getInput() : input);
    isConjugated.push_back(conj && isa<ComplexType>(cast<RankedTensorType>(input.getType()).getElementType()));
  }
  // Without a start, the product is the result and the buffer is only written.
  bool isProduct = !init && isProductOnly(op);
  if (isSeeded(SeededBug::ReductionAsParallel) && !init && op.getNumIndices() > 0)
    isProduct |= op.getIndexExtents()[getLoopIndices(op).back()] == 1;
  if (!init) {
    SmallVector<OpFoldResult> extents = getMixedIndexExtents(builder, op), shape;
    for (int64_t index : op.getResultIndices())
      shape.push_back(extents[index]);
    if (isProduct)
      init = tensor::EmptyOp::create(builder, loc, shape, accumulation);
    else
      init = emitZeroTensor(builder, loc, shape, accumulation, op.getSemiring(), op.getIsUnsigned());
  }
  Value result = emitContraction(builder, op, inputs, isConjugated, init, isProduct);
  Type elementType = op.getResultType().getElementType();
  if (elementType != accumulation)
    result = emitRoundTensor(builder, loc, result, emitEmptyLike(builder, loc, result, elementType));
  if (result.getType() != op.getResult().getType())
    result = tensor::CastOp::create(builder, loc, op.getResult().getType(), result);
  return result;
}

Value tn::lowerConj(OpBuilder &builder, ConjOp op) {
  Type elementType = cast<RankedTensorType>(op.getType()).getElementType();
  if (!isa<ComplexType>(elementType))
    return op.getInput();
  return emitConj(builder, op.getLoc(), op.getInput(), emitEmptyLike(builder, op.getLoc(), op.getInput(), elementType));
}

SmallVector<OpFoldResult> tn::getMixedShape(OpBuilder &builder, DeltaOp op) {
  SmallVector<OpFoldResult> shape;
  for (int64_t extent : cast<RankedTensorType>(op.getResult().getType()).getShape())
    shape.push_back(ShapedType::isDynamic(extent) ? OpFoldResult(op.getExtent()) : builder.getIndexAttr(extent));
  return shape;
}

Value tn::emitDelta(OpBuilder &builder, DeltaOp op, Value out) {
  Location loc = op.getLoc();
  auto type = cast<RankedTensorType>(op.getResult().getType());
  Type elementType = type.getElementType();
  Value one = emitScalarConstant(builder, loc, elementType, getSemiringOne(op.getSemiring(), elementType));
  Value zero =
      emitScalarConstant(builder, loc, elementType, getSemiringZero(op.getSemiring(), elementType, /*isUnsigned=*/false));
  SmallVector<AffineMap> maps = {builder.getMultiDimIdentityMap(type.getRank())};
  SmallVector<utils::IteratorType> iterators(type.getRank(), utils::IteratorType::parallel);
  return emitGeneric(builder, loc, ValueRange(), out, maps, iterators, [&](OpBuilder &b, Location l, ValueRange) {
    Value value = one;
    if (type.getRank() > 1) {
      Value first = linalg::IndexOp::create(b, l, 0), areEqual;
      for (int64_t dim = 1; dim < type.getRank(); ++dim) {
        Value position = linalg::IndexOp::create(b, l, dim);
        Value isEqual = arith::CmpIOp::create(b, l, arith::CmpIPredicate::eq, first, position);
        areEqual = areEqual && !isSeeded(SeededBug::DeltaPairwise) ? arith::AndIOp::create(b, l, areEqual, isEqual).getResult() : isEqual;
      }
      value = arith::SelectOp::create(b, l, areEqual, one, zero);
    }
    linalg::YieldOp::create(b, l, value);
  });
}

Value tn::lowerDelta(OpBuilder &builder, DeltaOp op) {
  Type elementType = cast<RankedTensorType>(op.getResult().getType()).getElementType();
  Value empty = tensor::EmptyOp::create(builder, op.getLoc(), getMixedShape(builder, op), elementType);
  return emitDelta(builder, op, empty);
}

Value tn::lowerConstant(OpBuilder &builder, ConstantOp op) {
  return arith::ConstantOp::create(builder, op.getLoc(), cast<TypedAttr>(op.getValue()));
}
