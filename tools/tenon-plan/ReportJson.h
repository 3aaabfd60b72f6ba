//===- ReportJson.h - Plans for programs ------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Search.h"

#include "tenon/Planner/Path.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

namespace tenon::plan {

llvm::json::Value makePathJson(const planner::Path &path);
/// The names of the indices in the order in which the steps sum over them.
llvm::json::Value makeEdgePathJson(const PlannedContraction &contraction);

/// One object with everything that is known of the plans; docs/tenon-plan.md describes it.
void printJson(const PlannedFunction &function, const PlanRequest &request, llvm::raw_ostream &os);

} // namespace tenon::plan
