//===- EinsumCase.h - A binary einsum as a contraction shape ------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Codegen/CPU/ContractionShape.h"

#include <map>
#include <string>

namespace tenon::cpu {

/// A binary einsum over row-major operands.
struct EinsumCase {
  std::string equation; ///< "ik,kj->ij"
  std::map<char, int64_t> extents;

  ContractionShape shape() const;
  /// Elements of operand 0, 1 or of the result (2).
  int64_t elements(int operand) const;
  /// Multiply-adds.
  double multiplyAdds() const;
};

} // namespace tenon::cpu
