//===- DenseEvaluator.h - The meaning of small tn functions -------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Executes a function of tn operations on tensors of a few elements, straight from the formulas of
// docs/spec.md: a contraction is one loop over all assignments of its indices. Integers of any
// width, and f64 and complex<f64> on values that are exact.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <complex>
#include <cstdint>
#include <vector>

namespace tenon::test {

/// An element: integers in `bits` (extended to 64 bits as the operation says), others in `number`.
struct Element {
  int64_t bits = 0;
  std::complex<double> number = 0;

  bool operator==(const Element &) const = default;
};

struct Tensor {
  std::vector<int64_t> shape;
  std::vector<Element> elements;

  bool operator==(const Tensor &) const = default;
};

/// The results of `function` on `arguments`. Operations that it does not know end the test.
std::vector<Tensor> evaluate(mlir::func::FuncOp function, const std::vector<Tensor> &arguments);

} // namespace tenon::test
