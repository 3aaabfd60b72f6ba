//===- TensorSlices.cpp - Strided boxes of tensors ------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Bounds first, then one pass over the box.
//
//===----------------------------------------------------------------------===//
#include "TensorSlices.h"

#include "mlir/IR/Diagnostics.h"

using namespace mlir;

namespace tenon::reference {
namespace {

/// Fails unless every element of the box is one of a tensor of `shape`.
LogicalResult checkBox(Evaluator &evaluator, Operation *op, ArrayRef<int64_t> shape,
                       const Box &box) {
  for (size_t d = 0; d < shape.size(); ++d) {
    const int64_t size = box.sizes[d];
    if (size < 0)
      return evaluator.fail(op, "the slice has the size " + Twine(size) + " along dimension " +
                                    Twine(d));
    int64_t reach = 0, last = box.offsets[d];
    const bool overflows = size > 0 && (__builtin_mul_overflow(size - 1, box.strides[d], &reach) ||
                                        __builtin_add_overflow(last, reach, &last));
    const int64_t lowest = std::min(box.offsets[d], last);
    const int64_t highest = std::max(box.offsets[d], last);
    if (overflows || lowest < 0 || highest > shape[d] || (size > 0 && highest == shape[d]))
      return evaluator.fail(op, "the slice with offset " + Twine(box.offsets[d]) + ", size " +
                                    Twine(size) + " and stride " + Twine(box.strides[d]) +
                                    " leaves dimension " + Twine(d) + ", whose extent is " +
                                    Twine(shape[d]));
  }
  return success();
}

/// Calls `visit` with the linear position in the tensor of each element of the box, in row-major
/// order of the box.
template <typename F> void forEachElement(ArrayRef<int64_t> shape, const Box &box, F visit) {
  if (llvm::is_contained(box.sizes, 0))
    return;
  const SmallVector<int64_t> strides = stridesOf(shape);
  SmallVector<int64_t> position(shape.size(), 0);
  do {
    int64_t linear = 0;
    for (size_t d = 0; d < shape.size(); ++d)
      linear += (box.offsets[d] + position[d] * box.strides[d]) * strides[d];
    visit(linear);
  } while (nextPosition(position, box.sizes));
}

SmallVector<int64_t> reducedSizes(const Box &box, const llvm::SmallBitVector &dropped) {
  SmallVector<int64_t> sizes;
  for (size_t d = 0; d < box.sizes.size(); ++d)
    if (!dropped.test(static_cast<unsigned>(d)))
      sizes.push_back(box.sizes[d]);
  return sizes;
}

} // namespace

std::optional<HostTensor> extractSlice(Evaluator &evaluator, Operation *op,
                                       const HostTensor &source, const Box &box,
                                       const llvm::SmallBitVector &dropped) {
  if (failed(checkBox(evaluator, op, shapeOf(source), box)))
    return std::nullopt;
  const Type elementType = getElementTypeOrSelf(op->getResult(0).getType());
  std::optional<HostTensor> result =
      evaluator.makeTensor(op, elementType, reducedSizes(box, dropped));
  if (!result)
    return std::nullopt;
  int64_t next = 0;
  forEachElement(shapeOf(source), box,
                 [&](int64_t linear) { store(*result, next++, load(source, linear)); });
  return result;
}

LogicalResult insertSlice(Evaluator &evaluator, Operation *op, const HostTensor &source,
                          HostTensor &target, const Box &box, const llvm::SmallBitVector &dropped) {
  const SmallVector<int64_t> sizes = reducedSizes(box, dropped);
  if (shapeOf(source) != ArrayRef<int64_t>(sizes))
    return evaluator.fail(op, "the source has the shape " + describeShape(shapeOf(source)) +
                                  ", but the slice has " + describeShape(sizes));
  if (failed(checkBox(evaluator, op, shapeOf(target), box)) ||
      failed(evaluator.charge(op, static_cast<uint64_t>(source.size()))))
    return failure();
  int64_t next = 0;
  forEachElement(shapeOf(target), box,
                 [&](int64_t linear) { store(target, linear, load(source, next++)); });
  return success();
}

} // namespace tenon::reference
