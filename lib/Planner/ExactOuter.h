//===- ExactOuter.h - Which outer products cannot pay -----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the planner.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ExactParts.h"

namespace tenon::planner {

/// A function of a size (log2) that never falls, from a table: never more than the function, at
/// most what an interval makes it rise less.
class FloorTable {
public:
  /// Of larger sizes than the first one above `most`, the table knows no more than that.
  template <typename Function> FloorTable(double most, Function &&function) {
    do
      values.push_back(function(static_cast<double>(values.size()) / intervals));
    while (values.back() <= most && values.size() < mostValues);
  }
  /// \pre `size` >= 0.
  double operator()(double size) const {
    return values[std::min(static_cast<size_t>(size * intervals), values.size() - 1)];
  }

private:
  static constexpr double intervals = 32;
  static constexpr size_t mostValues = 1 << 12;
  std::vector<double> values;
};

/// What an outer product and its use cost at least, if it is worth while.
///
/// Let the product N of A and B be joined with C. If a step's cost does not depend on the operands,
/// joining A with C first and then B makes the second step no dearer; so it has to make the first
/// one dearer, and |A ∪ C| >= |A| |B|; for B likewise. With 2^t = the elements of what A or B has
/// beyond C, whichever is more, |C| >= |A| |B| / 2^t and |N ∪ C| >= |A| |B| 2^t. C is a leaf, or
/// was made.
class OuterProductBound {
public:
  OuterProductBound(const CostModel &model, const Pricing &pricing, double largestLeaf)
      : pricing(pricing), isSimple(!pricing.isSum() || model.readsOperands()),
        largestLeaf(largestLeaf) {}

  /// The linear cost of both steps and of C, where |A| |B| = 2^size and t >= `beyond`.
  double leastCost(double size, double beyond = 0) const {
    double made = pricing.atLeast({0, 0, size, size});
    if (isSimple)
      return pricing.join(made, pricing.atLeast({size, 0, 0, size}));
    double least = pricing.atLeast({0, 0, 0, size + std::max(beyond, size - largestLeaf)});
    // The first term falls with t, the second grows: both at the better end of an interval.
    constexpr double interval = 0.25;
    for (double t = beyond; t <= size; t += interval) {
      double ofC = size - std::min(t + interval, size);
      double used = pricing.atLeast({0, 0, 0, size + t});
      if (used >= least)
        break;
      least = std::min(least, pricing.atLeast({0, 0, ofC, ofC}) + used);
    }
    return made + least;
  }

  /// The largest t for which both steps and C cost no more than `limit`; nothing if none.
  std::optional<double> mostBeyond(double size, double limit) const {
    if (isSimple || leastCost(size) > limit)
      return isSimple ? std::optional(infinity) : std::nullopt;
    double low = 0, high = size;
    for (unsigned step = 0; step < 8; ++step) {
      double middle = (low + high) / 2;
      (leastCost(size, middle) <= limit ? low : high) = middle;
    }
    return high;
  }

  /// `leastCost` of a product all of whose indices C has, under `flops`. Both alternatives then
  /// cost |C| / |A| or |C| / |B| in their second step: |C| >= |N| |A|, and |N| |B|. `wider`: the
  /// larger factor; `leaf`: the size of the one leaf that C may be, if it may be one.
  double leastCostWithin(double size, double wider, std::optional<double> leaf) const {
    double ofC = pricing.vertex(size + wider);
    return pricing.vertex(size) + (leaf && size + wider <= *leaf ? ofC : 2 * ofC);
  }

private:
  const Pricing &pricing;
  bool isSimple;
  double largestLeaf;
};

} // namespace tenon::planner
