//===- ConstantIdentity.h - Constants that are inverse to each other -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ConstantTensor.h"

namespace tenon::tn::simplify {

/// Whether the contraction of two tensors over the labels `summed` (no tensor has a label twice) is
/// a product of identities: for each label that only one of them has, a partner that only the other
/// has, so that an element is the semiring's one where all partners agree and its zero elsewhere.
/// Returns the pairs of partners, and for each label that both have and that is not summed, the
/// pair of it with itself.
///
/// Exact types, and semirings other than (+, ×), are compared exactly. Floating-point numbers are
/// compared as their exact sums, and may differ from zero or one by as much as the bound of
/// docs/spec.md gets smaller when the two tensors go. With n the terms of a sum here, and `tied`
/// the positions of the labels that are tied and summed elsewhere, a network of N products has at
/// least n · tied times those that are left, and two operands more: a sum s may differ by γ(n ·
/// tied − 1 + 2) Σ|a||b|, for complex types γ(n · tied − 1 + 8) Σ|a||b|. As γ(j) + γ(k) + γ(j) γ(k)
/// ≤ γ(j + k) (Higham, Accuracy and Stability, lemma 3.3), the network with identities in the place
/// of all such pairs keeps to the bound of the one that was written. Rounding the elements of an
/// exact isometry alone moves a sum by at most ((1 + u)² − 1) Σ|a||b|, which is less.
///
/// Time: the product of the extents of all labels, at most; less where an element is neither.
std::optional<llvm::SmallVector<std::pair<int64_t, int64_t>>>
findIdentityProduct(const Arithmetic &arithmetic, const ConstantTensor &a,
                    llvm::ArrayRef<int64_t> labelsOfA, const ConstantTensor &b,
                    llvm::ArrayRef<int64_t> labelsOfB, llvm::ArrayRef<int64_t> summed,
                    int64_t tied);

} // namespace tenon::tn::simplify
