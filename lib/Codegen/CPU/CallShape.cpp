//===- CallShape.cpp - The shape of a contraction of buffers ----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CallShape.h"
#include "tenon/Codegen/CPU/KernelAttributes.h"

using namespace mlir;
using namespace tenon;

SmallVector<int64_t> cpu::getPlanningStrides(MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset;
  if (succeeded(type.getStridesAndOffset(strides, offset)) && !llvm::any_of(strides, ShapedType::isDynamic))
    return strides;
  strides.assign(type.getRank(), 1);
  for (int64_t dim = type.getRank() - 2; dim >= 0; --dim)
    strides[dim] = strides[dim + 1] * std::max<int64_t>(1, type.getDimSize(dim + 1));
  return strides;
}

cpu::ContractionShape cpu::getShapeOfBuffers(const std::array<IndexedBuffer, 3> &operands, int64_t count) {
  std::vector<ContractionDim> dims(count);
  for (int64_t index = 0; index < count; ++index)
    dims[index].index = index;
  constexpr int64_t ContractionDim::*kStrides[] = {&ContractionDim::strideA, &ContractionDim::strideB, &ContractionDim::strideC};
  SmallVector<int> uses(count, 0);
  for (int i = 0; i < 3; ++i) {
    SmallVector<int64_t> strides = getPlanningStrides(operands[i].type);
    for (auto [index, extent, stride] : llvm::zip_equal(operands[i].indices, operands[i].type.getShape(), strides)) {
      dims[index].extent = extent;
      dims[index].*kStrides[i] = stride;
      uses[index] |= 1 << i;
    }
  }
  ContractionShape shape;
  for (int64_t index = 0; index < count; ++index) {
    // An index of one operand alone that C lacks is summed with the others (its stride in the other is 0).
    auto group = uses[index] == 7   ? ContractionShape::Batch
                 : uses[index] == 5 ? ContractionShape::M
                 : uses[index] == 6 ? ContractionShape::N
                                    : ContractionShape::K;
    shape[group].push_back(dims[index]);
  }
  return shape;
}

cpu::ContractionShape cpu::getShapeOfCall(tn::CallContractionOp call) {
  auto typeOf = [](Value buffer) { return cast<MemRefType>(buffer.getType()); };
  SmallVector<int64_t> place(call.getOrder().size());
  for (auto [i, index] : llvm::enumerate(call.getOrder()))
    place[index] = i;
  auto placesOf = [&](ArrayRef<int64_t> indices) {
    return llvm::map_to_vector(indices, [&](int64_t index) { return place[index]; });
  };
  SmallVector<int64_t> a = placesOf(call.getIndicesA()), b = placesOf(call.getIndicesB()), c = placesOf(call.getIndicesC());
  ContractionShape shape = getShapeOfBuffers({{{typeOf(call.getA()), a}, {typeOf(call.getB()), b}, {typeOf(call.getC()), c}}}, place.size());
  for (std::vector<ContractionDim> &dims : shape.groups)
    std::erase_if(dims, [](const ContractionDim &dim) { return dim.extent == 1; });
  return mergeShape(shape);
}
