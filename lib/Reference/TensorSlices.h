//===- TensorSlices.h - Strided boxes of tensors ------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// What tensor.extract_slice, tensor.insert_slice and tensor.parallel_insert_slice share.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Evaluator.h"

#include "llvm/ADT/SmallBitVector.h"

namespace tenon::reference {

/// The elements offsets[d] + i[d] * strides[d] for 0 <= i[d] < sizes[d].
struct Box {
  llvm::SmallVector<int64_t> offsets;
  llvm::SmallVector<int64_t> sizes;
  llvm::SmallVector<int64_t> strides;
};

/// The box of `source`, without the dimensions of extent 1 in `dropped`; nothing after a failure.
std::optional<HostTensor> extractSlice(Evaluator &evaluator, mlir::Operation *op,
                                       const HostTensor &source, const Box &box,
                                       const llvm::SmallBitVector &dropped);

/// Writes `source`, which lacks the dimensions in `dropped`, into the box of `target`.
llvm::LogicalResult insertSlice(Evaluator &evaluator, mlir::Operation *op, const HostTensor &source,
                                HostTensor &target, const Box &box,
                                const llvm::SmallBitVector &dropped);

} // namespace tenon::reference
