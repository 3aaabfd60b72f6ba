//===- HostCopy.cpp - Tensors of callers as tensors of the host -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "HostCopy.h"

#include "tenon/Target/EmitSchedule.h"

#include "llvm/ADT/SmallVector.h"

#include <cstring>

using namespace tenon;
using llvm::SmallVector;

void capi::forEachElement(const tenon_tensor &tensor, int64_t elementBytes,
                          llvm::function_ref<void(char *)> visit) {
  SmallVector<int64_t> strides(tensor.rank), position(tensor.rank, 0);
  int64_t stride = 1;
  for (int32_t dim = tensor.rank; dim-- > 0;) {
    strides[dim] = tensor.strides ? tensor.strides[dim] : stride;
    stride *= tensor.extents[dim];
    if (tensor.extents[dim] == 0)
      return;
  }
  for (;;) {
    int64_t offset = 0;
    for (int32_t dim = 0; dim < tensor.rank; ++dim)
      offset += position[dim] * strides[dim];
    visit(static_cast<char *>(tensor.data) + offset * elementBytes);
    int32_t dim = tensor.rank;
    while (dim-- > 0 && ++position[dim] == tensor.extents[dim])
      position[dim] = 0;
    if (dim < 0)
      return;
  }
}

Result<HostTensor> capi::copyTensor(const tenon_tensor &tensor, bool isUnsigned) {
  Result<HostTensor> copy = HostTensor::zeros(ElementType{tensor.dtype, isUnsigned},
                                              {tensor.extents, static_cast<size_t>(tensor.rank)});
  if (!copy)
    return copy;
  if (!tensor.data && copy->size() > 0)
    return Failure{"data is NULL, expected " + describeType(copy->shape(), copy->type())};
  char *to = static_cast<char *>(copy->data());
  int64_t bytes = getDTypeBytes(tensor.dtype);
  forEachElement(tensor, bytes, [&](char *from) {
    std::memcpy(to, from, bytes);
    to += bytes;
  });
  return copy;
}
