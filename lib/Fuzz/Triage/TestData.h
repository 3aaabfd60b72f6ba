//===- TestData.h - Tensors in the text of a test -----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/HostTensor/HostTensor.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/raw_ostream.h"

namespace tenon::fuzz {

/// A function without arguments that returns the tensor: what `tenon-run -o FILE.npy` makes an
/// argument of. `element` is its type in IR, which tells i64 from index.
void printTensorFunction(llvm::StringRef name, const HostTensor &tensor, mlir::Type element,
                         llvm::raw_ostream &stream);

/// A function of a found tensor that counts the elements that differ from `expected` by more than
/// `bound` (an f64 tensor of the same shape; null: that differ at all, -0 being 0).
void printDifferencesFunction(llvm::StringRef name, const HostTensor &expected,
                              const HostTensor *bound, mlir::Type element,
                              llvm::raw_ostream &stream);

/// CHECK lines for what tenon-run prints of a tensor of at most 1000 elements. A zero of a float
/// may have either sign.
void printExpectedLines(const HostTensor &expected, llvm::StringRef prefix,
                        llvm::raw_ostream &stream);

} // namespace tenon::fuzz
