//===- Print.h - Host tensors as text -----------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Nested brackets as NumPy prints arrays, with the middle left out of large ones.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/HostTensor/HostTensor.h"

namespace tenon {

struct PrintOptions {
  /// Tensors of more elements are summarised.
  int64_t threshold = 1000;
  /// How many elements a summary keeps at either end of each dimension.
  int64_t edge = 3;
};

/// The shortest decimal text that reads back as the same number in its type: "1", "-2.5",
/// "0.1", "inf", "nan", "1+2j", "true".
std::string formatScalar(const Scalar &value, ElementType type);

/// One line per innermost row; elements are right-aligned to a common width. Ends without a line
/// break.
std::string formatTensor(const HostTensor &tensor, const PrintOptions &options = {});

} // namespace tenon
