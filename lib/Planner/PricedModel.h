//===- PricedModel.h - A price on what exceeds a limit ----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to lib/Planner.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/CostModel.h"

#include <algorithm>

namespace tenon::planner {

/// A model in which a result beyond a limit costs more: each bit above it takes a slice, which
/// costs the tree's other steps up to a bit.
class PricedModel final : public CostModel {
public:
  /// `limit`: log2 of elements. `price`: log2 of cost for each bit above.
  PricedModel(const CostModel &model, double limit, double price)
      : model(model), limit(limit), price(price) {}

  std::string_view name() const override { return model.name(); }
  Accumulation accumulation() const override { return model.accumulation(); }
  double step(const StepSizes &sizes) const override {
    return model.step(sizes) + price * std::max(sizes.result - limit, 0.0);
  }
  bool readsOperands() const override { return model.readsOperands(); }

  double atLeast(const StepSizes &sizes) const override {
    return model.atLeast(sizes) + price * std::max(sizes.result - limit, 0.0);
  }

private:
  const CostModel &model;
  double limit, price;
};

} // namespace tenon::planner
