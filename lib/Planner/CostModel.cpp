//===- CostModel.cpp - What searches minimise -----------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/CostModel.h"

#include "tenon/Planner/TimeModel.h"

#include <string>

using namespace tenon::planner;

Result<std::unique_ptr<CostModel>> tenon::planner::makeCostModel(std::string_view name,
                                                                 const CostModelOptions &options) {
  std::unique_ptr<CostModel> model;
  if (name == "flops") {
    model = std::make_unique<FlopsModel>();
  } else if (name == "size") {
    model = std::make_unique<SizeModel>();
  } else if (name == "write") {
    model = std::make_unique<WriteModel>();
  } else if (name == "combo") {
    if (!(options.alpha > 0) || !std::isfinite(options.alpha))
      return Error{"the alpha of cost model 'combo' must be positive and finite, found " +
                   std::to_string(options.alpha)};
    model = std::make_unique<ComboModel>(options.alpha);
  } else if (name == "time") {
    if (!options.time)
      return Error{"the cost model 'time' needs a table of times, and none was given"};
    model = std::make_unique<TimeModel>(*options.time);
  } else {
    return Error{"unknown cost model '" + std::string(name) +
                 "'; expected flops, size, write, combo or time"};
  }
  return model;
}
