//===- CostModel.cpp - What searches minimise -----------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/CostModel.h"

#include <string>

using namespace tenon::planner;

Result<std::unique_ptr<CostModel>> tenon::planner::makeCostModel(std::string_view name,
                                                                 double alpha) {
  std::unique_ptr<CostModel> model;
  if (name == "flops") {
    model = std::make_unique<FlopsModel>();
  } else if (name == "size") {
    model = std::make_unique<SizeModel>();
  } else if (name == "write") {
    model = std::make_unique<WriteModel>();
  } else if (name == "combo") {
    if (!(alpha > 0) || !std::isfinite(alpha))
      return Error{"the alpha of cost model 'combo' must be positive and finite, found " +
                   std::to_string(alpha)};
    model = std::make_unique<ComboModel>(alpha);
  } else {
    return Error{"unknown cost model '" + std::string(name) +
                 "'; expected flops, size, write or combo"};
  }
  return model;
}
