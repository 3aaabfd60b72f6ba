//===- Calibration.h - From measurements to a table of times ----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Frontend/ElementType.h"
#include "tenon/Planner/TimeTable.h"
#include "tenon/Tools/StatusLine.h"

#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace mlir {
class MLIRContext;
} // namespace mlir

namespace tenon::calibrate {

/// What to measure.
struct CalibrationRequest {
  std::vector<frontend::ElementType> types;
  int32_t threads = 1;
  /// For the runs of each type; compiling comes on top.
  double seconds = 20;
};

/// Measures this machine. Errors: memory that is out, a compilation that fails.
llvm::Expected<planner::TimeTable> calibrate(mlir::MLIRContext &context,
                                             const CalibrationRequest &request, StatusLine &status);

} // namespace tenon::calibrate
