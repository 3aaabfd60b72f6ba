//===- Structure.h - Diagonals, permutations, isometries ----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Whether a tensor has a structure that somebody says it has, and tensors that have one. The
// structures are those of docs/spec.md, "Facts"; sets of dimensions are lists of distinct numbers.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/HostTensor/HostTensor.h"

#include <optional>

namespace tenon {

/// What contradicts a statement, as the end of a sentence that names the worst place; nothing where
/// the statement holds.
using Contradiction = std::optional<std::string>;

/// Elements are zero unless their positions in `dims` are equal. O(elements).
Contradiction contradictDiagonal(const HostTensor &tensor, std::span<const int64_t> dims);

/// The matrix whose rows are the positions in `rows`, and whose columns those in the other
/// dimensions, has a one in each row and each column and zeros elsewhere. O(elements).
Contradiction contradictPermutation(const HostTensor &tensor, std::span<const int64_t> rows);

/// The sum over all dimensions but `kept` of conj(T) T is the identity over `kept`: exactly for
/// integers, else each sum within isometryAllowance. Sums are taken in double.
/// O(elements · product of the extents of `kept`) time, in blocks; 8 bytes an element, 16 of a
/// complex one, with the product of the extents of `kept` rounded up to 4.
Contradiction contradictIsometry(const HostTensor &tensor, std::span<const int64_t> kept);

/// At most the share `density` of the elements differs from zero. O(elements).
Contradiction contradictDensity(const HostTensor &tensor, double density);

/// By how much a sum of `terms` products may miss zero or one for a tensor of `type` to count as an
/// isometry: 8 (√terms + 2) u with the type's unit roundoff u, and 1/8 at most. Rounding the
/// elements of an exact isometry, and orthonormalising in the type's own arithmetic, miss by less
/// but with a probability below 2 exp(−32) an element (Higham, Mary: A new approach to
/// probabilistic rounding error analysis, SIAM J. Sci. Comput. 41(5), 2019, theorem 2.4, λ = 8). 0
/// for integers.
double isometryAllowance(ElementType type, int64_t terms);

/// Makes elements zero whose positions in `dims` are not all equal.
void clearOffDiagonal(HostTensor &tensor, std::span<const int64_t> dims);

/// Makes elements zero, chosen by `seed`, until at most the share `density` is left.
void clearShare(HostTensor &tensor, double density, uint64_t seed);

/// An isometry over `kept` of zeros and, at one position for each of `kept`'s, a one: which, `seed`
/// decides, or, without it, the first ones in their order. As many positions as others: a
/// permutation. The others must not be fewer.
void fillInjection(HostTensor &tensor, std::span<const int64_t> kept, std::optional<uint64_t> seed);

/// Orthonormalises, over the other dimensions, the parts of the tensor that belong to the positions
/// in `kept` (Gram-Schmidt, twice). Floating-point types only; the parts must be independent, as
/// random ones are. O(elements · product of the extents of `kept`) time, 16 bytes an element.
void orthonormalise(HostTensor &tensor, std::span<const int64_t> kept);

} // namespace tenon
