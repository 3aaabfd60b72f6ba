//===- Shapes.h - Contractions of given sizes -------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Frontend/NetworkDescription.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"

#include <compare>

namespace tenon::calibrate {

/// `batch` products of m x k and k x n elements.
struct Sizes {
  int64_t batch = 1, m = 1, n = 1, k = 1;

  double ops() const { return double(batch) * double(m) * double(n) * double(k); }
  auto operator<=>(const Sizes &) const = default;
  /// Of operands and result together.
  double elements() const {
    return double(batch) * (double(m) * double(k) + double(k) * double(n) + double(m) * double(n));
  }
};

/// The orders of the dimensions of both operands and of the result, outermost first, in the letters
/// b, m, n and k.
struct Orders {
  llvm::StringRef lhs, rhs, result;
};

/// The orders that tn-plan gives to intermediates: what is summed is outermost. Which of the others
/// is innermost in the result depends on later steps: once that of m, once that of n.
inline constexpr Orders kPlannedOrders[] = {{"kbm", "kbn", "bmn"}, {"kmb", "knb", "nmb"}};

/// Orders that a user's operands and result may have.
inline constexpr Orders kOtherOrders[] = {
    {"bmk", "bkn", "bmn"}, {"bmk", "bnk", "bmn"}, {"mkb", "kbn", "mbn"}, {"bkm", "bnk", "bnm"}};

/// As makeContraction, of extents that are powers of two, with dimensions of extent 2 only; those
/// of batch, m and n alternate in an order drawn from `seed`, which is the same in all three
/// tensors, as tn-plan orders intermediates.
frontend::NetworkDescription makeCutContraction(const Sizes &sizes, uint64_t seed,
                                                frontend::ElementType type);

/// Bytes of an element.
int64_t bytesOf(frontend::ElementType type);

/// A tensor of `power` dimensions of extent 2, and the same in an order drawn from `seed`.
frontend::NetworkDescription makeCutPermutation(int power, uint64_t seed,
                                                frontend::ElementType type);

/// A contraction whose dimensions are letters, outermost first; those of extent 1 are left out.
frontend::NetworkDescription makeEinsum(llvm::ArrayRef<llvm::StringRef> operands,
                                        llvm::StringRef result,
                                        llvm::function_ref<int64_t(char)> extentOf,
                                        frontend::ElementType type);

/// The contraction of these sizes; dimensions of extent 1 are left out.
frontend::NetworkDescription makeContraction(const Sizes &sizes, const Orders &orders,
                                             frontend::ElementType type);

} // namespace tenon::calibrate
