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
/// compared as their exact sums, and may differ from zero or one by what the bound of docs/spec.md
/// allows the rounding of that sum: a contraction with the identity in its place keeps to the
/// bound. The rounding of the elements of an exact isometry is within it for two terms or more,
/// since (1 + u)² − 1 ≤ γ(2).
///
/// Time: the product of the extents of all labels, at most; less where an element is neither.
std::optional<llvm::SmallVector<std::pair<int64_t, int64_t>>>
findIdentityProduct(const Arithmetic &arithmetic, const ConstantTensor &a,
                    llvm::ArrayRef<int64_t> labelsOfA, const ConstantTensor &b,
                    llvm::ArrayRef<int64_t> labelsOfB, llvm::ArrayRef<int64_t> summed);

} // namespace tenon::tn::simplify
