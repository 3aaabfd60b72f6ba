//===- ConstantTensor.h - Arithmetic on tensors known at compile time -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The values of small constants in the arithmetic of one contraction: its semiring in its
// accumulation type. Integers wrap around at their width; each floating-point operation is rounded
// to the accumulation type, as docs/spec.md has it.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Dialect/TN/IR/TN.h"

#include <complex>
#include <variant>
#include <vector>

namespace tenon::tn::simplify {

/// A semiring in an accumulation type.
struct Arithmetic {
  Semiring semiring;
  mlir::Type type;
  bool isUnsigned;

  bool isTropical() const { return semiring == Semiring::MaxPlus || semiring == Semiring::MinPlus; }
  bool isInteger() const { return type.isSignlessInteger() || type.isIndex(); }
  /// Whether 0̄ ⊗ x = 0̄ for every finite x. Tropical integers wrap around instead: least integer
  /// plus −1 is the greatest.
  bool zeroAnnihilates() const { return !isTropical() || !isInteger(); }
  /// Whether the delta of `other` has the same zero and one as this semiring.
  bool sharesUnits(Semiring other) const;
};

/// Elements in row-major order, as values of the accumulation type: integers sign- or zero-extended
/// to 64 bits, floats as doubles.
struct ConstantTensor {
  using Elements =
      std::variant<std::vector<int64_t>, std::vector<double>, std::vector<std::complex<double>>>;
  llvm::SmallVector<int64_t> shape;
  Elements elements;

  int64_t size() const;
};

/// The constant's values widened to the accumulation type, conjugated if asked; nothing where the
/// attribute is neither dense nor a resource whose bytes are here.
std::optional<ConstantTensor> loadConstant(mlir::ElementsAttr attribute,
                                           const Arithmetic &arithmetic, bool isConjugated);

/// The values rounded to `elementType`, which the accumulation type rounds to.
mlir::DenseElementsAttr storeConstant(const ConstantTensor &tensor, mlir::Type elementType);

/// Contracts one or two tensors whose dimensions have the given labels (any numbers), in the order
/// of docs/spec.md: output labels outside, the others summed in order of their first appearance.
/// Time: the product of the extents of all labels.
ConstantTensor contractConstants(const Arithmetic &arithmetic,
                                 llvm::ArrayRef<const ConstantTensor *> tensors,
                                 llvm::ArrayRef<llvm::ArrayRef<int64_t>> labels,
                                 llvm::ArrayRef<int64_t> output);

/// The rank-0 tensor ⊕ of `count` ones; nothing where the type cannot hold it.
std::optional<ConstantTensor> sumOfOnes(const Arithmetic &arithmetic, int64_t count);

/// Whether every element is the semiring's one.
bool isAllOnes(const ConstantTensor &tensor, const Arithmetic &arithmetic);

/// Whether every element is the semiring's zero.
bool isAllZeros(const ConstantTensor &tensor, const Arithmetic &arithmetic);

/// Whether every element whose positions in dimensions `p` and `q` differ is the semiring's zero.
bool isDiagonalIn(const ConstantTensor &tensor, const Arithmetic &arithmetic, unsigned p,
                  unsigned q);

/// Whether the product of two tensors, summed over `terms` terms, stays in the normal range of the
/// accumulation type, so that multiplying them out of order loses nothing to underflow or overflow.
/// Always true where there is no such range: integers, and semirings whose product is a sum.
bool isProductInRange(const ConstantTensor &a, const ConstantTensor &b, int64_t terms,
                      const Arithmetic &arithmetic);

} // namespace tenon::tn::simplify
