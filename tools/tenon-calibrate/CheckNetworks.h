//===- CheckNetworks.h - Predicted and measured times of networks -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "CalibrateOptions.h"

namespace tenon::calibrate {

/// Plans each of the request's networks once by operations and once by time, and prints what the
/// table of the request predicts for both plans and what they take, measured in turns. A network
/// that takes more than a billion multiply-adds or 4 GiB is left out, with a line that says so.
llvm::Error checkNetworks(mlir::MLIRContext &context, const CalibrateRequest &request,
                          StatusLine &status, llvm::raw_ostream &os);

} // namespace tenon::calibrate
