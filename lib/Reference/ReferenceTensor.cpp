//===- ReferenceTensor.cpp - Semantics of the tensor dialect --------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Access, slices, shapes. tensor.empty has unspecified content in MLIR; here it is zero.
//
//===----------------------------------------------------------------------===//
#include "Evaluator.h"
#include "ScalarProgram.h"
#include "TensorSlices.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <cstring>

using namespace mlir;

namespace tenon::reference {
namespace {

/// Linear position of index operands in `tensor`; nothing after a failure.
std::optional<int64_t> positionOf(Evaluator &evaluator, Operation *op, const HostTensor &tensor,
                                  ValueRange indices) {
  int64_t linear = 0;
  for (auto [d, operand] : llvm::enumerate(indices)) {
    const int64_t index = evaluator.integer(operand), extent = tensor.shape()[d];
    if (index < 0 || index >= extent) {
      (void)evaluator.fail(op, "the index " + Twine(index) + " leaves dimension " + Twine(d) +
                                   ", whose extent is " + Twine(extent));
      return std::nullopt;
    }
    linear = linear * extent + index;
  }
  return linear;
}

/// The extents of a result: static ones from its type, dynamic ones from `operands` in order.
SmallVector<int64_t> resultShape(Evaluator &evaluator, RankedTensorType type, ValueRange operands) {
  SmallVector<int64_t> shape(type.getShape());
  auto next = operands.begin();
  for (int64_t &extent : shape)
    if (ShapedType::isDynamic(extent))
      extent = evaluator.integer(*next++);
  return shape;
}

LogicalResult evaluateEmpty(Evaluator &evaluator, Operation *op) {
  auto empty = cast<tensor::EmptyOp>(op);
  std::optional<HostTensor> result =
      evaluator.makeTensor(op, empty.getType().getElementType(),
                           resultShape(evaluator, empty.getType(), empty.getDynamicSizes()));
  return result ? evaluator.bindTensor(op, empty, std::move(*result)) : failure();
}

LogicalResult evaluateSplat(Evaluator &evaluator, Operation *op) {
  auto splat = cast<tensor::SplatOp>(op);
  auto type = cast<RankedTensorType>(splat.getType());
  std::optional<HostTensor> result = evaluator.makeTensor(
      op, type.getElementType(), resultShape(evaluator, type, splat.getDynamicSizes()));
  if (!result)
    return failure();
  const Number number = evaluator.number(splat.getInput());
  for (int64_t i = 0; i < result->size(); ++i)
    store(*result, i, number);
  return evaluator.bindTensor(op, splat, std::move(*result));
}

LogicalResult evaluateFromElements(Evaluator &evaluator, Operation *op) {
  auto from = cast<tensor::FromElementsOp>(op);
  auto type = cast<RankedTensorType>(from.getType());
  std::optional<HostTensor> result =
      evaluator.makeTensor(op, type.getElementType(), type.getShape());
  if (!result)
    return failure();
  for (auto [i, element] : llvm::enumerate(from.getElements()))
    store(*result, static_cast<int64_t>(i), evaluator.number(element));
  return evaluator.bindTensor(op, from, std::move(*result));
}

LogicalResult evaluateExtract(Evaluator &evaluator, Operation *op) {
  auto extract = cast<tensor::ExtractOp>(op);
  const HostTensor &source = evaluator.tensor(extract.getTensor());
  const std::optional<int64_t> position = positionOf(evaluator, op, source, extract.getIndices());
  if (!position)
    return failure();
  evaluator.bindNumber(extract, load(source, *position));
  return success();
}

LogicalResult evaluateInsert(Evaluator &evaluator, Operation *op) {
  auto insert = cast<tensor::InsertOp>(op);
  const std::optional<int64_t> position =
      positionOf(evaluator, op, evaluator.tensor(insert.getDest()), insert.getIndices());
  if (!position)
    return failure();
  std::shared_ptr<HostTensor> target = evaluator.ownedTensor(insert.getDestMutable());
  if (!target)
    return failure();
  store(*target, *position, evaluator.number(insert.getScalar()));
  return evaluator.bindTensor(op, insert, SharedTensor(std::move(target)));
}

template <typename Op> Box boxOf(Evaluator &evaluator, Op op) {
  return {evaluator.integers(op.getMixedOffsets()), evaluator.integers(op.getMixedSizes()),
          evaluator.integers(op.getMixedStrides())};
}

LogicalResult evaluateExtractSlice(Evaluator &evaluator, Operation *op) {
  auto extract = cast<tensor::ExtractSliceOp>(op);
  std::optional<HostTensor> result =
      extractSlice(evaluator, op, evaluator.tensor(extract.getSource()), boxOf(evaluator, extract),
                   extract.getDroppedDims());
  return result ? evaluator.bindTensor(op, extract, std::move(*result)) : failure();
}

LogicalResult evaluateInsertSlice(Evaluator &evaluator, Operation *op) {
  auto insert = cast<tensor::InsertSliceOp>(op);
  const SharedTensor source = evaluator.value(insert.getSource()).tensor;
  std::shared_ptr<HostTensor> target = evaluator.ownedTensor(insert.getDestMutable());
  if (!target || failed(insertSlice(evaluator, op, *source, *target, boxOf(evaluator, insert),
                                    insert.getDroppedDims())))
    return failure();
  return evaluator.bindTensor(op, insert, SharedTensor(std::move(target)));
}

/// Binds the result to the operand's elements in another shape.
LogicalResult bindReshaped(Evaluator &evaluator, OpOperand &source, ArrayRef<int64_t> shape) {
  Operation *op = source.getOwner();
  const HostTensor &before = evaluator.tensor(source.get());
  const bool negative = llvm::any_of(shape, [](int64_t extent) { return extent < 0; });
  if (negative || saturatingProduct(shape) != static_cast<uint64_t>(before.size()))
    return evaluator.fail(op, "a tensor of shape " + describeShape(shapeOf(before)) +
                                  " cannot take the shape " + describeShape(shape));
  std::shared_ptr<HostTensor> target = evaluator.ownedTensor(source);
  if (!target)
    return failure();
  if (Status status = target->reshape({shape.data(), shape.size()}); !status)
    return evaluator.fail(op, status.message());
  return evaluator.bindTensor(op, op->getResult(0), SharedTensor(std::move(target)));
}

LogicalResult evaluateExpandShape(Evaluator &evaluator, Operation *op) {
  auto expand = cast<tensor::ExpandShapeOp>(op);
  const SmallVector<int64_t> shape = evaluator.integers(expand.getMixedOutputShape());
  const HostTensor &source = evaluator.tensor(expand.getSrc());
  for (auto [d, group] : llvm::enumerate(expand.getReassociationIndices())) {
    SmallVector<int64_t> extents;
    for (int64_t dimension : group)
      extents.push_back(shape[static_cast<size_t>(dimension)]);
    if (llvm::any_of(extents, [](int64_t extent) { return extent < 0; }) ||
        saturatingProduct(extents) != static_cast<uint64_t>(source.shape()[d]))
      return evaluator.fail(op, "dimension " + Twine(d) + " of extent " + Twine(source.shape()[d]) +
                                    " cannot become " + describeShape(extents));
  }
  return bindReshaped(evaluator, expand.getSrcMutable(), shape);
}

LogicalResult evaluateCollapseShape(Evaluator &evaluator, Operation *op) {
  auto collapse = cast<tensor::CollapseShapeOp>(op);
  const HostTensor &source = evaluator.tensor(collapse.getSrc());
  SmallVector<int64_t> shape;
  for (const ReassociationIndices &group : collapse.getReassociationIndices()) {
    int64_t extent = 1;
    for (int64_t dimension : group)
      if (__builtin_mul_overflow(extent, source.shape()[static_cast<size_t>(dimension)], &extent))
        return evaluator.fail(op, "the product of the extents of a group exceeds 2^63 - 1");
    shape.push_back(extent);
  }
  return bindReshaped(evaluator, collapse.getSrcMutable(), shape);
}

LogicalResult evaluateReshape(Evaluator &evaluator, Operation *op) {
  auto reshape = cast<tensor::ReshapeOp>(op);
  const HostTensor &extents = evaluator.tensor(reshape.getShape());
  const NumberType type =
      *NumberType::get(cast<ShapedType>(reshape.getShape().getType()).getElementType());
  SmallVector<int64_t> shape;
  for (int64_t i = 0; i < extents.size(); ++i)
    shape.push_back(type.asSigned(load(extents, i)));
  return bindReshaped(evaluator, reshape.getSourceMutable(), shape);
}

LogicalResult evaluateCast(Evaluator &evaluator, Operation *op) {
  return evaluator.bindTensor(op, op->getResult(0), evaluator.value(op->getOperand(0)).tensor);
}

LogicalResult evaluateDim(Evaluator &evaluator, Operation *op) {
  auto dim = cast<tensor::DimOp>(op);
  const HostTensor &source = evaluator.tensor(dim.getSource());
  const int64_t index = evaluator.integer(dim.getIndex());
  if (index < 0 || index >= source.rank())
    return evaluator.fail(op, "a tensor of rank " + Twine(source.rank()) + " has no dimension " +
                                  Twine(index));
  evaluator.bindNumber(
      dim, Number::integer(static_cast<uint64_t>(source.shape()[static_cast<size_t>(index)])));
  return success();
}

LogicalResult evaluateRank(Evaluator &evaluator, Operation *op) {
  auto rank = cast<tensor::RankOp>(op);
  evaluator.bindNumber(
      rank, Number::integer(static_cast<uint64_t>(evaluator.tensor(rank.getTensor()).rank())));
  return success();
}

/// Fills `result` with the value of `body` at each position.
LogicalResult generate(Evaluator &evaluator, Operation *op, Block &body, HostTensor &result) {
  if (result.size() == 0)
    return success();
  BodyRunner runner(evaluator, op, body);
  SmallVector<int64_t> position(shapeOf(result).size(), 0);
  SmallVector<Number> arguments(position.size());
  int64_t linear = 0;
  do {
    for (size_t d = 0; d < position.size(); ++d)
      arguments[d] = Number::integer(static_cast<uint64_t>(position[d]));
    if (failed(runner.run(arguments, position)))
      return failure();
    store(result, linear++, runner.results().front());
  } while (nextPosition(position, shapeOf(result)));
  return success();
}

LogicalResult evaluateGenerate(Evaluator &evaluator, Operation *op) {
  auto generator = cast<tensor::GenerateOp>(op);
  auto type = cast<RankedTensorType>(generator.getType());
  std::optional<HostTensor> result = evaluator.makeTensor(
      op, type.getElementType(), resultShape(evaluator, type, generator.getDynamicExtents()));
  if (!result || failed(generate(evaluator, op, generator.getBody().front(), *result)))
    return failure();
  return evaluator.bindTensor(op, generator, std::move(*result));
}

LogicalResult evaluatePad(Evaluator &evaluator, Operation *op) {
  auto pad = cast<tensor::PadOp>(op);
  const HostTensor &source = evaluator.tensor(pad.getSource());
  const SmallVector<int64_t> low = evaluator.integers(pad.getMixedLowPad());
  const SmallVector<int64_t> high = evaluator.integers(pad.getMixedHighPad());
  SmallVector<int64_t> shape;
  for (size_t d = 0; d < low.size(); ++d) {
    int64_t extent = 0;
    if (low[d] < 0 || high[d] < 0 || __builtin_add_overflow(source.shape()[d], low[d], &extent) ||
        __builtin_add_overflow(extent, high[d], &extent))
      return evaluator.fail(op, "cannot pad dimension " + Twine(d) + " by " + Twine(low[d]) +
                                    " and " + Twine(high[d]));
    shape.push_back(extent);
  }
  std::optional<HostTensor> result =
      evaluator.makeTensor(op, cast<RankedTensorType>(pad.getType()).getElementType(), shape);
  if (!result || failed(generate(evaluator, op, pad.getRegion().front(), *result)))
    return failure();
  const Box box{low, SmallVector<int64_t>(shapeOf(source)), SmallVector<int64_t>(low.size(), 1)};
  if (failed(insertSlice(evaluator, op, source, *result, box,
                         llvm::SmallBitVector(static_cast<unsigned>(low.size())))))
    return failure();
  return evaluator.bindTensor(op, pad, std::move(*result));
}

LogicalResult evaluateConcat(Evaluator &evaluator, Operation *op) {
  auto concat = cast<tensor::ConcatOp>(op);
  const size_t axis = concat.getDim();
  SmallVector<int64_t> shape(shapeOf(evaluator.tensor(concat.getInputs().front())));
  shape[axis] = 0;
  for (Value input : concat.getInputs())
    if (__builtin_add_overflow(shape[axis], evaluator.tensor(input).shape()[axis], &shape[axis]))
      return evaluator.fail(op, "the concatenated extent exceeds 2^63 - 1");
  std::optional<HostTensor> result =
      evaluator.makeTensor(op, cast<RankedTensorType>(concat.getType()).getElementType(), shape);
  if (!result)
    return failure();
  Box box{SmallVector<int64_t>(shape.size(), 0), shape, SmallVector<int64_t>(shape.size(), 1)};
  for (Value input : concat.getInputs()) {
    const HostTensor &part = evaluator.tensor(input);
    box.sizes[axis] = part.shape()[axis];
    if (failed(insertSlice(evaluator, op, part, *result, box,
                           llvm::SmallBitVector(static_cast<unsigned>(shape.size())))))
      return failure();
    box.offsets[axis] += box.sizes[axis];
  }
  return evaluator.bindTensor(op, concat, std::move(*result));
}

} // namespace

void registerTensor(OpTable &table) {
  table.add<tensor::CastOp>(evaluateCast);
  table.add<tensor::CollapseShapeOp>(evaluateCollapseShape);
  table.add<tensor::ConcatOp>(evaluateConcat);
  table.add<tensor::DimOp>(evaluateDim);
  table.add<tensor::EmptyOp>(evaluateEmpty);
  table.add<tensor::ExpandShapeOp>(evaluateExpandShape);
  table.add<tensor::ExtractOp>(evaluateExtract);
  table.add<tensor::ExtractSliceOp>(evaluateExtractSlice);
  table.add<tensor::FromElementsOp>(evaluateFromElements);
  table.add<tensor::GenerateOp>(evaluateGenerate);
  table.add<tensor::InsertOp>(evaluateInsert);
  table.add<tensor::InsertSliceOp>(evaluateInsertSlice);
  table.add<tensor::PadOp>(evaluatePad);
  table.add<tensor::RankOp>(evaluateRank);
  table.add<tensor::ReshapeOp>(evaluateReshape);
  table.add<tensor::SplatOp>(evaluateSplat);
}

} // namespace tenon::reference
