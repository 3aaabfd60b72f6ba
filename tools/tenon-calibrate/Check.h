//===- Check.h - A table of times against measurements ----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "CalibrateOptions.h"

namespace tenon::calibrate {

/// Measures contractions of random sizes, none of them of the grid's, on one thread, and prints how
/// far the table's predictions are off: in the orders of dimensions that tn-plan writes, whole
/// and cut into dimensions of 2, and in others.
llvm::Error checkTable(mlir::MLIRContext &context, const planner::TimeTable &table,
                       const CalibrateRequest &request, StatusLine &status, llvm::raw_ostream &os);

} // namespace tenon::calibrate
